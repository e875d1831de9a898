/**
 * Writes a flow run with many task runs into a database, in the shape of a flow that maps its tasks over many things.
 *
 * @module
 */

import { createFlow } from "../../src/store/flows.ts";
import { run } from "../../src/store/connection.ts";
import type { Store } from "../../src/store/database.ts";
import { newId } from "../../src/support/ids.ts";
import { formatInstant } from "../../src/support/clock.ts";

const FLOW_RUN =
  `INSERT INTO flow_run (id, created, updated, name, flow_id, state_type, state_name, empirical_policy, run_count,
  start_time, end_time, expected_start_time, parent_task_run_id) VALUES (?,?,?,?,?,?,?,'{}',1,?,?,?,?)`;
const TASK_RUN =
  `INSERT INTO task_run (id, created, updated, name, flow_run_id, task_key, dynamic_key, empirical_policy,
  task_inputs, state_type, state_name, run_count, expected_start_time, start_time, end_time)
  VALUES (?,?,?,?,?,?,?,'{}',?,?,?,?,?,?,?)`;

/** What was written. */
export interface ManyTaskRuns {
  flowRunId: string;
  /** In the order of their beginnings: a list, then for each thing a fetch, a parse and a store, then a report. */
  taskRunIds: string[];
}

/**
 * Writes one.
 *
 * @param options.tasks How many task runs, about.
 * @param options.at When the run began.
 * @param options.isOver Without it the last hundred are RUNNING.
 */
export async function writeTaskRuns(
  store: Store,
  { tasks, at, isOver = true }: { tasks: number; at: Temporal.Instant; isOver?: boolean },
): Promise<ManyTaskRuns> {
  const { flow } = await store.write((tx) => createFlow(tx, { name: "many", project: "default", tags: [] }, at));
  const flowRunId = newId();
  const things = Math.max(1, Math.floor((tasks - 2) / 3));
  const time = (ms: number) => formatInstant(at.add({ milliseconds: Math.round(ms) }));
  const ids: string[] = [];
  await store.write(async (tx) => {
    const length = 2_000 + things * 30;
    await run(tx, FLOW_RUN, [
      flowRunId,
      time(0),
      time(length),
      "plain-heron",
      flow.id,
      isOver ? "COMPLETED" : "RUNNING",
      isOver ? "Completed" : "Running",
      time(0),
      isOver ? time(length) : null,
      time(0),
      null,
    ]);
    const add = async (key: string, n: number, upstream: string[], from: number, to: number) => {
      const id = newId();
      ids.push(id);
      const isRunning = !isOver && ids.length > things * 3 - 100;
      const failed = key === "parse" && n % 97 === 5;
      const type = isRunning ? "RUNNING" : failed ? "FAILED" : "COMPLETED";
      await run(tx, TASK_RUN, [
        id,
        time(from - 20),
        time(isRunning ? from : to),
        `${key}-${n}`,
        flowRunId,
        `${key}-1a2b3c4d`,
        String(n),
        JSON.stringify(upstream.length === 0 ? {} : { input: upstream.map((id) => ({ input_type: "task_run", id })) }),
        type,
        type[0] + type.slice(1).toLowerCase(),
        n % 50 === 7 ? 3 : 1,
        time(from - 20),
        time(from),
        isRunning ? null : time(to),
      ]);
      return id;
    };
    const list = await add("list-things", 0, [], 50, 900);
    const stored: string[] = [];
    for (let n = 0; n < things; n++) {
      const from = 1_000 + n * 30;
      const wobble = (n * 7919) % 400;
      const fetched = await add("fetch", n, [list], from, from + 200 + wobble);
      const parsed = await add("parse", n, [fetched], from + 210 + wobble, from + 300 + 2 * wobble);
      stored.push(await add("store", n, [parsed], from + 310 + 2 * wobble, from + 350 + 2 * wobble));
    }
    await add("report", 0, stored.slice(-20), length - 50, length);
  });
  return { flowRunId, taskRunIds: ids };
}
