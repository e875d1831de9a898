/**
 * Which ways lead out of the final states of a task run.
 *
 * @module
 */

import { isFinal } from "../../domain/states.ts";
import { hasResult, isOneOf, type TaskRunRule } from "../rule.ts";

/** Final → any. A task that runs again because its flow does has all its retries again. */
export const handleTaskTerminalStateTransitions: TaskRunRule = ({ run, from, to, flowRun }) => {
  if (from === null || !isFinal(from.type)) return undefined;
  if (isOneOf(to, "CANCELLING", "PAUSED", "CRASHED")) {
    return { kind: "abort", reason: `Run is already ${from.type}.` };
  }
  if (from.type === "COMPLETED" && hasResult(from)) {
    return { kind: "reject", reason: "This run is already completed." };
  }
  const flowIsRetried = to.type === "RUNNING" && flowRun !== null && run.flow_run_run_count < flowRun.run_count;
  return {
    kind: "amend",
    run: isFinal(to.type) ? {} : { run_count: 0 },
    to: flowIsRetried ? { name: "Retrying" } : {},
  };
};
