/**
 * Tasks run inside of a running flow only.
 *
 * @module
 */

import type { TaskRunRule } from "../rule.ts";

/** Any → RUNNING, when the flow run is not RUNNING; under a paused one the task pauses too. */
export const preventRunningTasksFromStoppedFlows: TaskRunRule = ({ to, flowRun }) => {
  if (to.type !== "RUNNING" || flowRun === null || flowRun.state?.type === "RUNNING") return undefined;
  if (flowRun.state?.type === "PAUSED") {
    const { pause_timeout, pause_reschedule } = flowRun.state.state_details;
    return {
      kind: "reject",
      reason: `The flow is paused, new tasks can execute after resuming flow run: ${flowRun.id}.`,
      state: { type: "PAUSED", name: "NotReady", state_details: { pause_timeout, pause_reschedule } },
    };
  }
  return { kind: "abort", reason: "The enclosing flow must be running to begin task execution." };
};
