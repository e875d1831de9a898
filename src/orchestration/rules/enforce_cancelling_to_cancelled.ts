/**
 * A run that is being cancelled, or was, does not come back.
 *
 * @module
 */

import { type FlowRunRule, isOneOf } from "../rule.ts";

/** CANCELLED, CANCELLING → all but CANCELLED: a cancelled run cannot even be retried, as in Prefect 2.20. */
export const enforceCancellingToCancelled: FlowRunRule = ({ from, to }) => {
  if (!isOneOf(from, "CANCELLING", "CANCELLED") || to.type === "CANCELLED") return undefined;
  return {
    kind: "reject",
    reason: "Cannot transition flows that are cancelling to a state other than Cancelled.",
  };
};
