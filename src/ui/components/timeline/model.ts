/**
 * What is known of a run's tasks, merged from answers. Pure.
 *
 * @module
 */

import type { StateType } from "../../../domain/state_types.ts";
import type { Timeline, TimelineFlowRun } from "../../../domain/timelines.ts";

/** One task run. Times are milliseconds since 1970. */
export interface TaskRow {
  id: string;
  name: string;
  flowRunId: string;
  taskKey: string;
  type: StateType | null;
  stateName: string | null;
  expected: number | null;
  start: number | null;
  end: number | null;
  runCount: number;
  /** Ids of the task runs whose results it took. */
  upstream: readonly string[];
}

/** Everything that is known of one flow run. It is changed in place; `version` says that it was. */
export interface TimelineModel {
  readonly flowRunId: string;
  tasks: Map<string, TaskRow>;
  flowRuns: Map<string, TimelineFlowRun>;
  /** To ask with next; undefined asks for everything. */
  after: string | undefined;
  version: number;
}

/** One that knows nothing yet. */
export const emptyModel = (flowRunId: string): TimelineModel => ({
  flowRunId,
  tasks: new Map(),
  flowRuns: new Map(),
  after: undefined,
  version: 0,
});

/**
 * Adds an answer.
 *
 * @returns Whether the model is now as the server's; when not, something was deleted or missed, and all must be asked for.
 */
export function mergeTimeline(model: TimelineModel, answer: Timeline): boolean {
  if (answer.whole) {
    model.tasks = new Map();
    model.flowRuns = new Map();
  }
  for (const run of answer.flow_runs) model.flowRuns.set(run.id, run);
  const { task_runs: columns, base } = answer;
  const ids = columns.id;
  const at = (time: number | null) => time === null ? null : base + time;
  for (let i = 0; i < ids.length; i++) {
    const state = answer.states[columns.state[i]];
    const known = model.tasks.get(ids[i]);
    model.tasks.set(ids[i], {
      id: known?.id ?? ids[i],
      name: columns.name[i],
      flowRunId: answer.flow_run_ids[columns.flow_run[i]],
      taskKey: known?.taskKey ?? answer.task_keys[columns.task_key[i]],
      type: state?.[0] ?? null,
      stateName: state?.[1] ?? null,
      expected: at(columns.expected_start_time[i]),
      start: at(columns.start_time[i]),
      end: at(columns.end_time[i]),
      runCount: columns.run_count[i],
      // What a task run took is known when it is made and never changes.
      upstream: known?.upstream ?? columns.upstream[i].map((n) => ids[n] ?? answer.other_ids[n - ids.length]),
    });
  }
  model.after = answer.after;
  model.version++;
  const counts = countStates(model.tasks.values());
  return Object.keys(answer.counts).length === counts.size &&
    [...counts].every(([state, count]) => answer.counts[state] === count);
}

/** How many there are in each state; `NONE` is without one. */
export function countStates(tasks: Iterable<TaskRow>): Map<StateType | "NONE", number> {
  const counts = new Map<StateType | "NONE", number>();
  for (const { type } of tasks) counts.set(type ?? "NONE", (counts.get(type ?? "NONE") ?? 0) + 1);
  return counts;
}

/** The sub-flow runs by the task runs that stand for them. */
export function subFlowRuns(model: TimelineModel): Map<string, TimelineFlowRun> {
  const found = new Map<string, TimelineFlowRun>();
  for (const run of model.flowRuns.values()) {
    if (run.parent_task_run_id !== null && run.id !== model.flowRunId) found.set(run.parent_task_run_id, run);
  }
  return found;
}

/** Where a task run's page is, or its sub-flow run's. */
export const hrefOf = (task: TaskRow, sub: TimelineFlowRun | undefined): string =>
  sub === undefined ? `/task-runs/${task.id}` : `/flow-runs/${sub.id}`;
