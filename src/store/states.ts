/**
 * States of runs: the history, and the newest row that a run points to. Flow runs and task runs have tables of one shape.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import type { State } from "../domain/states.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { isKept, notFound, stateOf } from "./rows.ts";
import type { StateColumns } from "./tables.ts";

/** What a state changes of any run beside the state itself; `orchestration/bookkeeping.ts` computes it. */
export type RunBooks = Pick<
  FlowRun,
  "run_count" | "start_time" | "end_time" | "total_run_time" | "expected_start_time" | "next_scheduled_start_time"
>;

/**
 * The states of one kind of run.
 *
 * @param kind The run's table; its states' is `<kind>_state`.
 * @param more The column that a state changes of this kind only.
 */
function statesOf(kind: "flow_run" | "task_run", noun: string, more: string) {
  const table = `${kind}_state`;
  const INSERT =
    `INSERT INTO ${table} (id, ${kind}_id, timestamp, type, name, message, data, state_details) VALUES (?,?,?,?,?,?,?,?)`;
  const SAVE = `UPDATE ${kind} SET updated = ?2, state_id = ?3, state_type = ?4, state_name = ?5, state_timestamp = ?2,
    run_count = ?6, start_time = ?7, end_time = ?8, total_run_time = ?9, expected_start_time = ?10,
    next_scheduled_start_time = ?11, ${more} = ?12 WHERE id = ?1`;
  const LIST = `SELECT * FROM ${table} WHERE ${kind}_id = ? ORDER BY timestamp, id`;
  const FIND = `SELECT * FROM ${table} WHERE id = ?`;

  /** A state, or undefined. */
  async function find(db: Db, id: Id): Promise<State | undefined> {
    const row = await queryOne<StateColumns>(db, FIND, [id]);
    return row && stateOf(row);
  }
  return {
    /** Adds a state to a run's history and makes it the run's. @param last The value of the column that is this kind's own */
    async save(tx: Tx, runId: Id, state: State, books: RunBooks, last: string | number): Promise<void> {
      await run(tx, INSERT, [
        state.id,
        runId,
        state.timestamp,
        state.type,
        state.name,
        state.message,
        isKept(state.data) ? JSON.stringify(state.data) : null,
        JSON.stringify(state.state_details),
      ]);
      await run(tx, SAVE, [
        runId,
        state.timestamp,
        state.id,
        state.type,
        state.name,
        books.run_count,
        books.start_time,
        books.end_time,
        books.total_run_time,
        books.expected_start_time,
        books.next_scheduled_start_time,
        last,
      ]);
    },
    /** The history of a run, oldest first; empty for a run that does not exist, as in Prefect. */
    list: async (db: Db, runId: Id): Promise<State[]> => (await queryAll<StateColumns>(db, LIST, [runId])).map(stateOf),
    find,
    /** @throws {FlowctlError} `not_found` */
    async read(db: Db, id: Id): Promise<State> {
      const found = await find(db, id);
      if (!found) throw notFound(noun, id);
      return found;
    },
  };
}

/** States of flow runs. */
export const flowRunStates = statesOf("flow_run", "Flow run state", "empirical_policy");

/** States of task runs. */
export const taskRunStates = statesOf("task_run", "Task run state", "flow_run_run_count");
