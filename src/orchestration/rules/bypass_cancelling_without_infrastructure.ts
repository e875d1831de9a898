/**
 * Where nothing runs there is nothing to end: such a run is Cancelled at once.
 *
 * @module
 */

import type { FlowRunRule } from "../rule.ts";

/** SCHEDULED, PAUSED → CANCELLING, when no container or process belongs to the run. */
export const bypassCancellingWithoutInfrastructure: FlowRunRule = ({ run, from, to }) => {
  if (to.type !== "CANCELLING" || from === null) return undefined;
  if (from.type === "SCHEDULED" && (run.infrastructure_pid === null || from.name === "Resuming")) {
    return {
      kind: "reject",
      reason: "Scheduled flow run has no infrastructure to terminate.",
      state: { type: "CANCELLED", name: "Cancelled" },
    };
  }
  if (from.type === "PAUSED" && from.state_details.pause_reschedule) {
    return {
      kind: "reject",
      reason: "Suspended flow run has no infrastructure to terminate.",
      state: { type: "CANCELLED", name: "Cancelled" },
    };
  }
  return undefined;
};
