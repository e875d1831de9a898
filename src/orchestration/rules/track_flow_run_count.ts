/**
 * A task remembers in which try of its flow it ran last.
 *
 * @module
 */

import type { TaskRunRule } from "../rule.ts";

/** Any → RUNNING. */
export const trackFlowRunCount: TaskRunRule = ({ to, flowRun }) =>
  to.type === "RUNNING" && flowRun !== null
    ? { kind: "amend", after: { flow_run_run_count: flowRun.run_count } }
    : undefined;
