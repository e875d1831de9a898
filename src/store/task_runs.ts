/**
 * Task runs, one by one, and the cache of their results. Lists and counts are in `run_lists.ts`.
 *
 * @module
 */

import type { z } from "zod";
import type { Id } from "../domain/common.ts";
import type { State } from "../domain/states.ts";
import type { TaskRun, TaskRunUpdate } from "../domain/task_runs.ts";
import { newId } from "../support/ids.ts";
import { queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { estimatedRunTime, estimatedStartTimeDelta, fromJson, notFound, stateOf, timeText } from "./rows.ts";
import { type RunBooks, taskRunStates } from "./states.ts";
import type { StateColumns, TaskRunTable } from "./tables.ts";

/** The shape that is answered. @param now As {@link timeText}; the estimates are of that moment. */
export function taskRunOf(row: TaskRunTable, state: State | null, now: string): TaskRun {
  return {
    id: row.id,
    created: row.created,
    updated: row.updated,
    name: row.name,
    flow_run_id: row.flow_run_id,
    task_key: row.task_key,
    dynamic_key: row.dynamic_key,
    cache_key: row.cache_key,
    cache_expiration: row.cache_expiration,
    task_version: row.task_version,
    empirical_policy: fromJson(row.empirical_policy),
    tags: fromJson(row.tags),
    state_id: row.state_id,
    task_inputs: fromJson(row.task_inputs),
    state_type: row.state_type,
    state_name: row.state_name,
    run_count: row.run_count,
    flow_run_run_count: row.flow_run_run_count,
    expected_start_time: row.expected_start_time,
    next_scheduled_start_time: row.next_scheduled_start_time,
    start_time: row.start_time,
    end_time: row.end_time,
    total_run_time: row.total_run_time,
    estimated_run_time: estimatedRunTime(row, now),
    estimated_start_time_delta: estimatedStartTimeDelta(row, now),
    state,
  };
}

const BY_ID = `SELECT * FROM task_run WHERE id = ?`;

// Two questions instead of a join; see `flow_runs.ts`.
async function withState(db: Db, row: TaskRunTable | undefined, now: Temporal.Instant): Promise<TaskRun | undefined> {
  if (!row) return undefined;
  const state = row.state_id === null ? null : await taskRunStates.find(db, row.state_id);
  return state === undefined ? undefined : taskRunOf(row, state, timeText(now));
}

/** A task run, or undefined. */
export async function findTaskRun(db: Db, id: Id, now: Temporal.Instant): Promise<TaskRun | undefined> {
  return await withState(db, await queryOne<TaskRunTable>(db, BY_ID, [id]), now);
}

/** @throws {FlowctlError} `not_found` */
export async function readTaskRun(db: Db, id: Id, now: Temporal.Instant): Promise<TaskRun> {
  const found = await findTaskRun(db, id, now);
  if (!found) throw notFound("Task run", id);
  return found;
}

const BY_KEYS = `SELECT * FROM task_run WHERE flow_run_id IS ? AND task_key = ? AND dynamic_key = ?`;

/** The run of the same call, made before, or undefined. */
export async function findTaskRunByKeys(
  db: Db,
  flowRunId: Id | null,
  taskKey: string,
  dynamicKey: string,
  now: Temporal.Instant,
): Promise<TaskRun | undefined> {
  return await withState(db, await queryOne<TaskRunTable>(db, BY_KEYS, [flowRunId, taskKey, dynamicKey]), now);
}

/** What a new task run is made of, beside its state. */
export type NewTaskRun = Pick<
  TaskRun,
  | "id"
  | "created"
  | "name"
  | "flow_run_id"
  | "task_key"
  | "dynamic_key"
  | "cache_key"
  | "cache_expiration"
  | "task_version"
  | "empirical_policy"
  | "tags"
  | "task_inputs"
>;

const INSERT = `INSERT INTO task_run (id, created, updated, name, flow_run_id, task_key, dynamic_key, cache_key,
  cache_expiration, task_version, empirical_policy, tags, task_inputs) VALUES (?1,?2,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)`;

/** Inserts a task run without a state. */
export const insertTaskRun = (tx: Tx, made: NewTaskRun): Promise<number> =>
  run(tx, INSERT, [
    made.id,
    made.created,
    made.name,
    made.flow_run_id,
    made.task_key,
    made.dynamic_key,
    made.cache_key,
    made.cache_expiration,
    made.task_version,
    JSON.stringify(made.empirical_policy),
    JSON.stringify(made.tags),
    JSON.stringify(made.task_inputs),
  ]);

/** What a state changes of its task run beside the state itself; `orchestration/bookkeeping.ts` computes it. */
export type TaskRunBooks = RunBooks & Pick<TaskRun, "flow_run_run_count">;

/** Stores a state and makes it the task run's. */
export async function saveTaskRunState(tx: Tx, id: Id, state: State, books: TaskRunBooks): Promise<void> {
  await taskRunStates.save(tx, id, state, books, books.flow_run_run_count);
}

/** @throws {FlowctlError} `not_found` */
export async function updateTaskRun(
  tx: Tx,
  id: Id,
  update: z.output<typeof TaskRunUpdate>,
  now: Temporal.Instant,
): Promise<void> {
  const result = await tx.updateTable("task_run").where("id", "=", id)
    .set({ updated: timeText(now), name: update.name }).executeTakeFirst();
  if (result.numUpdatedRows === 0n) throw notFound("Task run", id);
  const owner = await queryOne<Pick<TaskRunTable, "flow_run_id" | "state_type">>(
    tx,
    "SELECT flow_run_id, state_type FROM task_run WHERE id = ?",
    [id],
  );
  tx.announce({ kind: "task_run", id, flow_run_id: owner!.flow_run_id, state: owner!.state_type });
}

/**
 * Deletes a task run with its states. A sub-flow run that it stands for stays, without a parent.
 *
 * @throws {FlowctlError} `not_found`
 */
export async function deleteTaskRun(tx: Tx, id: Id): Promise<void> {
  const found = await queryOne<{ flow_run_id: Id | null }>(tx, "SELECT flow_run_id FROM task_run WHERE id = ?", [id]);
  if (found === undefined) throw notFound("Task run", id);
  await run(tx, "DELETE FROM task_run WHERE id = ?", [id]);
  tx.announce({ kind: "task_run", id, flow_run_id: found.flow_run_id, state: null });
}

/** The newest COMPLETED state that was kept under that key and has not expired; keys are global over all flows (Prefect). */
export async function findCachedState(db: Db, cacheKey: string, now: Temporal.Instant): Promise<State | undefined> {
  const row = await queryOne<StateColumns>(
    db,
    `SELECT s.* FROM task_run_cache c JOIN task_run_state s ON s.id = c.task_run_state_id
      WHERE c.cache_key = ?1 AND (c.cache_expiration IS NULL OR c.cache_expiration > ?2)
      ORDER BY c.created DESC, c.id DESC LIMIT 1`,
    [cacheKey, timeText(now)],
  );
  return row && stateOf(row);
}

/** Keeps a state for later runs with the same key. */
export const insertCachedState = (tx: Tx, cacheKey: string, expiration: string | null, state: State): Promise<number> =>
  run(
    tx,
    "INSERT INTO task_run_cache (id, created, cache_key, cache_expiration, task_run_state_id) VALUES (?,?,?,?,?)",
    [newId(), state.timestamp, cacheKey, expiration, state.id],
  );
