/**
 * Reads the timeline of a flow run: ten thousand task runs in tens of milliseconds, and then only what changed.
 *
 * Changes are found by `updated`. It never goes back in the order of commits, for it is read from the clock within the one write
 * that is under way; so what was changed after an answer has its newest time or a later one. That very time is asked for again, so
 * that another change of the same moment is not lost. Of task runs and of flow runs it is kept apart: they are two questions, and
 * another process may commit between them.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { StateType } from "../domain/states.ts";
import type { TaskInput } from "../domain/task_runs.ts";
import type { Timeline, TimelineFlowRun } from "../domain/timelines.ts";
import { queryAll } from "./connection.ts";
import type { Db } from "./database.ts";
import { fromJson, notFound } from "./rows.ts";

/** The run and its sub-flow runs, to any depth. */
const TREE = `WITH RECURSIVE tree (id) AS (
  SELECT id FROM flow_run WHERE id = ?1
  UNION SELECT f.id FROM tree JOIN task_run t ON t.flow_run_id = tree.id JOIN flow_run f ON f.parent_task_run_id = t.id)`;

const FLOW_RUNS = `${TREE} SELECT f.id, f.name, f.parent_task_run_id, f.state_type, f.state_name, f.updated
  FROM tree CROSS JOIN flow_run f ON f.id = tree.id`;

// The ids come as JSON, so that it is one statement for any number.
const ROWS =
  `SELECT task_run.id, name, flow_run_id, task_key, state_type, state_name, expected_start_time, start_time, end_time,
  run_count, task_inputs, updated
  FROM json_each(?1) AS run CROSS JOIN task_run ON task_run.flow_run_id = run.value WHERE updated >= ?2`;

const COUNTS = `SELECT coalesce(state_type, 'NONE') AS state, count(*) AS count
  FROM json_each(?1) AS run CROSS JOIN task_run ON task_run.flow_run_id = run.value GROUP BY 1`;

interface Row {
  id: Id;
  name: string;
  flow_run_id: Id;
  task_key: string;
  state_type: StateType | null;
  state_name: string | null;
  expected_start_time: string | null;
  start_time: string | null;
  end_time: string | null;
  run_count: number;
  task_inputs: string;
  updated: string;
}

/** Numbers what is told once. */
class Numbers<T extends string> {
  readonly all: T[] = [];
  readonly #of = new Map<T, number>();

  of(value: T): number {
    let number = this.#of.get(value);
    if (number === undefined) {
      number = this.all.push(value) - 1;
      this.#of.set(value, number);
    }
    return number;
  }
}

/** Ids of the task runs in `task_inputs`, each once. */
function upstreamOf(inputs: string): Id[] {
  if (!inputs.includes('"task_run"')) return [];
  const found = new Set<Id>();
  for (const list of Object.values(fromJson<Record<string, TaskInput[]>>(inputs))) {
    for (const input of list) if (input.input_type === "task_run") found.add(input.id);
  }
  return [...found];
}

const newest = (rows: readonly { updated: string }[], before: string): string => {
  let last = before;
  for (const { updated } of rows) if (updated > last) last = updated;
  return last;
};

/**
 * A timeline.
 *
 * @param after The last answer's; without it everything is answered.
 * @throws {FlowctlError} `not_found`
 */
export async function readTimeline(db: Db, id: Id, after?: string): Promise<Timeline> {
  const [taskRunsAfter, flowRunsAfter] = after === undefined ? ["", ""] : after.split("_");
  const tree = await queryAll<TimelineFlowRun & { updated: string }>(db, FLOW_RUNS, [id]);
  if (tree.length === 0) throw notFound("Flow run", id);
  const ids = JSON.stringify(tree.map((run) => run.id));
  const rows = await queryAll<Row>(db, ROWS, [ids, taskRunsAfter]);
  const counts = await queryAll<{ state: string; count: number }>(db, COUNTS, [ids]);
  return {
    ...columnsOf(rows),
    after: `${newest(rows, taskRunsAfter)}_${newest(tree, flowRunsAfter)}`,
    whole: after === undefined,
    flow_runs: tree.filter(({ updated }) => updated >= flowRunsAfter).map(({ updated: _, ...run }) => run),
    counts: Object.fromEntries(counts.map(({ state, count }) => [state, count])),
  };
}

function columnsOf(rows: readonly Row[]) {
  let base = Infinity;
  const times = (text: string | null) => {
    const time = text === null ? null : Date.parse(text);
    if (time !== null && time < base) base = time;
    return time;
  };
  const [expected, start, end] = (["expected_start_time", "start_time", "end_time"] as const)
    .map((name) => rows.map((row) => times(row[name])));
  if (base === Infinity) base = 0;
  const since = (column: (number | null)[]) => column.map((time) => time === null ? null : time - base);
  const [runs, keys, states, others] = [0, 0, 0, 0].map(() => new Numbers<string>());
  const places = new Map(rows.map(({ id }, i) => [id, i]));
  return {
    base,
    task_runs: {
      id: rows.map((row) => row.id),
      name: rows.map((row) => row.name),
      flow_run: rows.map((row) => runs.of(row.flow_run_id)),
      task_key: rows.map((row) => keys.of(row.task_key)),
      state: rows.map(({ state_type, state_name }) =>
        state_type === null ? -1 : states.of(`${state_type} ${state_name}`)
      ),
      expected_start_time: since(expected),
      start_time: since(start),
      end_time: since(end),
      run_count: rows.map((row) => row.run_count),
      upstream: rows.map(({ task_inputs }) =>
        upstreamOf(task_inputs).map((id) => places.get(id) ?? rows.length + others.of(id))
      ),
    },
    flow_run_ids: runs.all,
    task_keys: keys.all,
    states: states.all.map((text): [StateType, string] => {
      const space = text.indexOf(" ");
      return [text.slice(0, space) as StateType, text.slice(space + 1)];
    }),
    other_ids: others.all,
  };
}
