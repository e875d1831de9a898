/**
 * Late is a name of SCHEDULED; a run that went on in the meantime is not late.
 *
 * @module
 */

import type { FlowRunRule } from "../rule.ts";

/** Any → SCHEDULED named Late, from anything but SCHEDULED. */
export const ensureOnlyScheduledFlowsMarkedLate: FlowRunRule = ({ from, to }) => {
  if (to.type !== "SCHEDULED" || to.name !== "Late" || from?.type === "SCHEDULED") return undefined;
  return { kind: "reject", reason: "Only scheduled flows can be marked late." };
};
