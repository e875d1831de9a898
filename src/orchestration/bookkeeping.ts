/**
 * What a stored state changes of its run: times, counts, what is due next. It runs for every state, forced ones too.
 *
 * @module
 */

import type { FlowRun } from "../domain/flow_runs.ts";
import { isFinal, type State } from "../domain/states.ts";
import type { TaskRun } from "../domain/task_runs.ts";
import type { FlowRunBooks } from "../store/flow_runs.ts";
import { secondsBetween } from "../store/rows.ts";
import type { TaskRunBooks } from "../store/task_runs.ts";

type Timed = Pick<
  FlowRun,
  "start_time" | "end_time" | "total_run_time" | "expected_start_time" | "next_scheduled_start_time"
>;

function times(run: Timed, from: State | null, to: State): Timed {
  const start = run.start_time ?? (to.type === "RUNNING" ? to.timestamp : null);
  let end = run.end_time;
  // A run that never started and is cancelled keeps no end, as in Prefect.
  if (isFinal(to.type)) end ??= start === null ? null : to.timestamp;
  else if (isFinal(from?.type)) end = null;
  const ran = from?.type === "RUNNING" ? Math.max(0, secondsBetween(from.timestamp, to.timestamp)) : 0;
  const scheduled = to.type === "SCHEDULED" ? to.state_details.scheduled_time : null;
  return {
    start_time: start,
    end_time: end,
    total_run_time: run.total_run_time + ran,
    // Set once: neither retries nor rescheduling move what was expected at first.
    expected_start_time: run.expected_start_time ?? scheduled ?? to.timestamp,
    next_scheduled_start_time: scheduled,
  };
}

/** A flow run that resumes after a pause does not begin another try. */
export function flowRunBooks(run: FlowRun, from: State | null, to: State): FlowRunBooks {
  const resuming = run.empirical_policy.resuming === true;
  const settled = resuming && (to.type === "RUNNING" || isFinal(to.type));
  return {
    ...times(run, from, to),
    run_count: run.run_count + (to.type === "RUNNING" && !resuming ? 1 : 0),
    empirical_policy: settled ? { ...run.empirical_policy, resuming: false } : run.empirical_policy,
  };
}

/** See the module's comment. */
export function taskRunBooks(run: TaskRun, from: State | null, to: State): TaskRunBooks {
  return {
    ...times(run, from, to),
    run_count: run.run_count + (to.type === "RUNNING" ? 1 : 0),
    flow_run_run_count: run.flow_run_run_count,
  };
}
