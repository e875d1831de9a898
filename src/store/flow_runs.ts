/**
 * Flow runs, one by one. Lists and counts are in `run_lists.ts`.
 *
 * Nothing here moves a run to another state by itself: `src/orchestration` does, with {@link saveFlowRunState}.
 *
 * @module
 */

import type { z } from "zod";
import type { Id } from "../domain/common.ts";
import type { FlowRun, FlowRunUpdate } from "../domain/flow_runs.ts";
import type { State } from "../domain/states.ts";
import { FlowctlError } from "../support/errors.ts";
import { queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import {
  estimatedRunTime,
  estimatedStartTimeDelta,
  fromJson,
  fromJsonOrNull,
  jsonOrNull,
  notFound,
  timeText,
} from "./rows.ts";
import { flowRunStates, type RunBooks } from "./states.ts";
import type { FlowRunTable } from "./tables.ts";

/** A flow run's row with its flow's project. */
export type FlowRunRow = FlowRunTable & { project: string };

// No join: joined to its state and flow in one statement, reading a run by id takes ten times as long in Bun.
const SELECT = `SELECT r.*, (SELECT f.project FROM flow f WHERE f.id = r.flow_id) AS project FROM flow_run r`;

/** The shape that is answered. @param now As {@link timeText}; the estimates are of that moment. */
export function flowRunOf(row: FlowRunRow, state: State | null, now: string): FlowRun {
  return {
    id: row.id,
    created: row.created,
    updated: row.updated,
    name: row.name,
    flow_id: row.flow_id,
    state_id: row.state_id,
    deployment_id: row.deployment_id,
    deployment_version: row.deployment_version,
    work_queue_id: null,
    work_queue_name: row.work_queue_name,
    flow_version: row.flow_version,
    parameters: fromJson(row.parameters),
    idempotency_key: row.idempotency_key,
    context: fromJson(row.context),
    empirical_policy: fromJson(row.empirical_policy),
    tags: fromJson(row.tags),
    parent_task_run_id: row.parent_task_run_id,
    state_type: row.state_type,
    state_name: row.state_name,
    run_count: row.run_count,
    expected_start_time: row.expected_start_time,
    next_scheduled_start_time: row.next_scheduled_start_time,
    start_time: row.start_time,
    end_time: row.end_time,
    total_run_time: row.total_run_time,
    estimated_run_time: estimatedRunTime(row, now),
    estimated_start_time_delta: estimatedStartTimeDelta(row, now),
    auto_scheduled: row.auto_scheduled === 1,
    infrastructure_document_id: row.infrastructure_document_id,
    infrastructure_pid: row.infrastructure_pid,
    created_by: fromJsonOrNull(row.created_by),
    work_pool_id: null,
    work_pool_name: null,
    state,
    // Prefect has none as an empty object.
    job_variables: fromJsonOrNull(row.job_variables) ?? {},
    project: row.project,
    labels: fromJson(row.labels),
    deployment_version_id: row.deployment_version_id,
    agent_id: row.agent_id,
    attempt: row.attempt,
  };
}

const BY_ID = `${SELECT} WHERE r.id = ?`;

async function withState(db: Db, row: FlowRunRow | undefined, now: Temporal.Instant): Promise<FlowRun | undefined> {
  if (!row) return undefined;
  const state = row.state_id === null ? null : await flowRunStates.find(db, row.state_id);
  // Without its state: the run was deleted between the two questions.
  return state === undefined ? undefined : flowRunOf(row, state, timeText(now));
}

/** A flow run, or undefined. */
export async function findFlowRun(db: Db, id: Id, now: Temporal.Instant): Promise<FlowRun | undefined> {
  return await withState(db, await queryOne<FlowRunRow>(db, BY_ID, [id]), now);
}

/** @throws {FlowctlError} `not_found` */
export async function readFlowRun(db: Db, id: Id, now: Temporal.Instant): Promise<FlowRun> {
  const found = await findFlowRun(db, id, now);
  if (!found) throw notFound("Flow run", id);
  return found;
}

const BY_KEY = `${SELECT} WHERE r.flow_id = ? AND r.idempotency_key = ?`;

/** The run that was made before with that key, or undefined. */
export async function findFlowRunByKey(
  db: Db,
  flowId: Id,
  key: string,
  now: Temporal.Instant,
): Promise<FlowRun | undefined> {
  return await withState(db, await queryOne<FlowRunRow>(db, BY_KEY, [flowId, key]), now);
}

/** What a new run is made of, beside its state; {@link insertFlowRun}. */
export type NewFlowRun = Pick<
  FlowRun,
  | "id"
  | "created"
  | "name"
  | "flow_id"
  | "deployment_id"
  | "deployment_version"
  | "deployment_version_id"
  | "work_queue_name"
  | "flow_version"
  | "parameters"
  | "idempotency_key"
  | "context"
  | "empirical_policy"
  | "tags"
  | "labels"
  | "parent_task_run_id"
  | "auto_scheduled"
  | "infrastructure_document_id"
  | "created_by"
  | "job_variables"
>;

const INSERT = `INSERT INTO flow_run (id, created, updated, name, flow_id, deployment_id, deployment_version,
  deployment_version_id, work_queue_name, flow_version, parameters, idempotency_key, context, empirical_policy, tags, labels,
  parent_task_run_id, auto_scheduled, infrastructure_document_id, created_by, job_variables)
  VALUES (?1,?2,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20)
  ON CONFLICT (flow_id, idempotency_key) DO NOTHING`;

/**
 * Inserts a run without a state. Answers false when the flow has a run with that idempotency key already.
 *
 * @throws SQLite's error when flow or parent task run do not exist.
 */
export async function insertFlowRun(tx: Tx, made: NewFlowRun): Promise<boolean> {
  return await run(tx, INSERT, [
    made.id,
    made.created,
    made.name,
    made.flow_id,
    made.deployment_id,
    made.deployment_version,
    made.deployment_version_id,
    made.work_queue_name,
    made.flow_version,
    JSON.stringify(made.parameters),
    made.idempotency_key,
    JSON.stringify(made.context),
    JSON.stringify(made.empirical_policy),
    JSON.stringify(made.tags),
    JSON.stringify(made.labels),
    made.parent_task_run_id,
    made.auto_scheduled,
    made.infrastructure_document_id,
    jsonOrNull(made.created_by),
    jsonOrNull(made.job_variables),
  ]) === 1;
}

/** What a state changes of its run beside the state itself; `orchestration/bookkeeping.ts` computes it. */
export type FlowRunBooks = RunBooks & Pick<FlowRun, "empirical_policy">;

/** Stores a state, makes it the run's, and tells subscribers. */
export async function saveFlowRunState(tx: Tx, id: Id, state: State, books: FlowRunBooks): Promise<void> {
  await flowRunStates.save(tx, id, state, books, JSON.stringify(books.empirical_policy));
  tx.announce({ kind: "flow_run", id, state: state.type });
}

/**
 * Changes what a client may change; absent keys stay.
 *
 * @throws {FlowctlError} `not_found`; `invalid` for job variables of a run that is not waiting or has no deployment (Prefect: 400).
 */
export async function updateFlowRun(
  tx: Tx,
  id: Id,
  update: z.output<typeof FlowRunUpdate>,
  now: Temporal.Instant,
): Promise<void> {
  const found = await readFlowRun(tx, id, now);
  if (update.job_variables && (found.state_type !== "SCHEDULED" || found.deployment_id === null)) {
    throw new FlowctlError("invalid", "Job variables for a flow run can only be updated while it is scheduled", {
      details: { status: 400 },
    });
  }
  const json = (value: unknown) => value === undefined ? undefined : JSON.stringify(value);
  await tx.updateTable("flow_run").where("id", "=", id).set({
    updated: timeText(now),
    name: update.name,
    flow_version: update.flow_version,
    parameters: json(update.parameters),
    empirical_policy: json(update.empirical_policy),
    tags: json(update.tags),
    infrastructure_pid: update.infrastructure_pid,
    job_variables: json(update.job_variables),
  }).execute();
  tx.announce({ kind: "flow_run", id, state: found.state_type });
}

/**
 * Deletes a run with its task runs and states; its logs stay.
 *
 * @throws {FlowctlError} `not_found`
 */
export async function deleteFlowRun(tx: Tx, id: Id): Promise<void> {
  if (await run(tx, "DELETE FROM flow_run WHERE id = ?", [id]) === 0) throw notFound("Flow run", id);
  tx.announce({ kind: "flow_run", id, state: null });
}

/** Notes which agent took the run, and that it is another attempt. */
export const noteClaim = (tx: Tx, id: Id, agentId: Id, attempt: number): Promise<number> =>
  run(tx, "UPDATE flow_run SET agent_id = ?2, attempt = ?3, infrastructure_pid = NULL WHERE id = ?1", [
    id,
    agentId,
    attempt,
  ]);

/** Notes what a run runs in: a container's id, or `host:pid`. */
export const noteInfrastructure = (tx: Tx, id: Id, pid: string): Promise<number> =>
  run(tx, "UPDATE flow_run SET infrastructure_pid = ?2 WHERE id = ?1", [id, pid]);
