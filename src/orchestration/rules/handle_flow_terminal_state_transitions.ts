/**
 * Which ways lead out of the final states of a flow run.
 *
 * @module
 */

import { isFinal } from "../../domain/states.ts";
import { type FlowRunRule, hasResult, isOneOf } from "../rule.ts";

/**
 * Final → any. Never to CANCELLING, PAUSED, CRASHED (the agent's "exit code ≠ 0" after FAILED does no harm); out of COMPLETED only
 * when its result was not kept; to SCHEDULED only with a deployment, else nobody would start it.
 */
export const handleFlowTerminalStateTransitions: FlowRunRule = ({ run, from, to }) => {
  if (from === null || !isFinal(from.type)) return undefined;
  if (isOneOf(to, "CANCELLING", "PAUSED", "CRASHED")) {
    return { kind: "abort", reason: `Run is already in terminal state ${from.type}.` };
  }
  if (isFinal(to.type)) return undefined;
  if (from.type === "COMPLETED" && hasResult(from)) {
    return { kind: "reject", reason: "Run is already COMPLETED." };
  }
  if (to.type === "SCHEDULED" && run.deployment_id === null) {
    return { kind: "abort", reason: "Cannot reschedule a run without an associated deployment." };
  }
  const retryType = to.type === "SCHEDULED" ? "reschedule" as const : null;
  const policy = { ...run.empirical_policy, resuming: false, pause_keys: [], retry_type: retryType };
  return { kind: "amend", run: { empirical_policy: policy } };
};
