/**
 * States of runs: the history, and the newest row that a run points to.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { State } from "../domain/states.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { isKept, notFound, stateOf } from "./rows.ts";
import type { StateColumns } from "./tables.ts";

const insertInto = (table: string, owner: string) =>
  `INSERT INTO ${table} (id, ${owner}, timestamp, type, name, message, data, state_details) VALUES (?,?,?,?,?,?,?,?)`;
const INSERT_FLOW_RUN_STATE = insertInto("flow_run_state", "flow_run_id");
const INSERT_TASK_RUN_STATE = insertInto("task_run_state", "task_run_id");

const valuesOf = (runId: Id, state: State) => [
  state.id,
  runId,
  state.timestamp,
  state.type,
  state.name,
  state.message,
  isKept(state.data) ? JSON.stringify(state.data) : null,
  JSON.stringify(state.state_details),
];

/** Adds to a flow run's history; the run is not changed. */
export const insertFlowRunState = (tx: Tx, runId: Id, state: State): Promise<number> =>
  run(tx, INSERT_FLOW_RUN_STATE, valuesOf(runId, state));

/** Adds to a task run's history; the run is not changed. */
export const insertTaskRunState = (tx: Tx, runId: Id, state: State): Promise<number> =>
  run(tx, INSERT_TASK_RUN_STATE, valuesOf(runId, state));

/** The history of a flow run, oldest first; empty for a run that does not exist, as in Prefect. */
export const listFlowRunStates = async (db: Db, runId: Id): Promise<State[]> =>
  (await queryAll<StateColumns>(
    db,
    "SELECT * FROM flow_run_state WHERE flow_run_id = ? ORDER BY timestamp, id",
    [runId],
  )).map(stateOf);

/** The history of a task run, oldest first; empty for a run that does not exist. */
export const listTaskRunStates = async (db: Db, runId: Id): Promise<State[]> =>
  (await queryAll<StateColumns>(
    db,
    "SELECT * FROM task_run_state WHERE task_run_id = ? ORDER BY timestamp, id",
    [runId],
  )).map(stateOf);

/** A state of a flow run, or undefined. */
export async function findFlowRunState(db: Db, id: Id): Promise<State | undefined> {
  const row = await queryOne<StateColumns>(db, "SELECT * FROM flow_run_state WHERE id = ?", [id]);
  return row && stateOf(row);
}

/** @throws {FlowctlError} `not_found` */
export async function readFlowRunState(db: Db, id: Id): Promise<State> {
  const found = await findFlowRunState(db, id);
  if (!found) throw notFound("Flow run state", id);
  return found;
}

/** A state of a task run, or undefined. */
export async function findTaskRunState(db: Db, id: Id): Promise<State | undefined> {
  const row = await queryOne<StateColumns>(db, "SELECT * FROM task_run_state WHERE id = ?", [id]);
  return row && stateOf(row);
}

/** @throws {FlowctlError} `not_found` */
export async function readTaskRunState(db: Db, id: Id): Promise<State> {
  const found = await findTaskRunState(db, id);
  if (!found) throw notFound("Task run state", id);
  return found;
}
