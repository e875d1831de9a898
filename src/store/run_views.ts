/**
 * What pages about one run show, asked for together.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import { type FlowRunView, MOST_STATES, type TaskRunView } from "../domain/run_views.ts";
import type { StateType } from "../domain/states.ts";
import { median } from "../support/median.ts";
import { queryAll, queryOne } from "./connection.ts";
import type { Db } from "./database.ts";
import { readFlow } from "./flows.ts";
import { readFlowRun } from "./flow_runs.ts";
import { flowRunStates, taskRunStates } from "./states.ts";
import { readTaskRun } from "./task_runs.ts";

/** How many durations say what is usual, and how many runs are looked through for them. */
const USUAL_RUNS = 20;
const LOOKED_THROUGH = 500;

interface NamedRow {
  id: Id;
  name: string;
}
interface NamedRunRow extends NamedRow {
  state_type: StateType | null;
  state_name: string | null;
}

/** How long runs of a deployment, or of a flow, usually take: the middle of the last Completed ones. */
export async function usualDuration(
  db: Db,
  { deploymentId, flowId, except }: { deploymentId: Id | null; flowId: Id; except?: Id },
): Promise<FlowRunView["usual"]> {
  const column = deploymentId === null ? "flow_id" : "deployment_id";
  const rows = await queryAll<{ seconds: number }>(
    db,
    deploymentId === null
      // The last ones of a flow by their ids, which grow with time.
      ? `SELECT total_run_time AS seconds FROM (
          SELECT * FROM flow_run WHERE flow_id = ?1 ORDER BY id DESC LIMIT ${LOOKED_THROUGH}
        ) WHERE state_type = 'COMPLETED' AND id <> ?2 LIMIT ${USUAL_RUNS}`
      : `SELECT total_run_time AS seconds FROM flow_run
          WHERE ${column} = ?1 AND state_type = 'COMPLETED' AND id <> ?2
          ORDER BY next_scheduled_start_time DESC, rowid DESC LIMIT ${USUAL_RUNS}`,
    [deploymentId ?? flowId, except ?? ""],
  );
  const seconds = median(rows.map(({ seconds }) => seconds));
  return seconds === null ? null : { seconds, runs: rows.length };
}

/** @throws {FlowctlError} `not_found` */
export async function readFlowRunView(db: Db, id: Id, now: Temporal.Instant): Promise<FlowRunView> {
  const run = await readFlowRun(db, id, now);
  const { id: flowId, name } = await readFlow(db, run.flow_id);
  const deployment = run.deployment_id === null ? undefined : await queryOne<NamedRow & { version_id: Id }>(
    db,
    "SELECT id, name, version_id FROM deployment WHERE id = ?",
    [run.deployment_id],
  );
  const version = run.deployment_version_id === null
    ? undefined
    : await queryOne<{ number: number; archived: string | null }>(
      db,
      "SELECT number, archived FROM deployment_version WHERE id = ?",
      [run.deployment_version_id],
    );
  const agent = run.agent_id === null
    ? undefined
    : await queryOne<NamedRow>(db, "SELECT id, name FROM agent WHERE id = ?", [run.agent_id]);
  const tasks = await queryOne<{ count: number }>(db, "SELECT count(*) AS count FROM task_run WHERE flow_run_id = ?", [
    id,
  ]);
  return {
    run,
    flow: { id: flowId, name },
    deployment: deployment === undefined ? null : {
      id: deployment.id,
      name: deployment.name,
      is_current_version: run.deployment_version_id === deployment.version_id,
    },
    version: version === undefined ? null : { number: version.number, is_archived: version.archived !== null },
    agent: agent ?? null,
    parent: run.parent_task_run_id === null ? null : await readParent(db, run.parent_task_run_id),
    states: (await flowRunStates.list(db, id)).slice(-MOST_STATES),
    usual: await usualDuration(db, { deploymentId: run.deployment_id, flowId, except: id }),
    task_runs: tasks!.count,
  };
}

async function readParent(db: Db, taskRunId: Id): Promise<FlowRunView["parent"]> {
  const row = await queryOne<NamedRunRow & { task_id: Id; task_name: string }>(
    db,
    `SELECT r.id, r.name, r.state_type, r.state_name, t.id AS task_id, t.name AS task_name
      FROM task_run t JOIN flow_run r ON r.id = t.flow_run_id WHERE t.id = ?`,
    [taskRunId],
  );
  if (row === undefined) return null;
  const { task_id, task_name, ...flow_run } = row;
  return { task_run: { id: task_id, name: task_name }, flow_run };
}

/** @throws {FlowctlError} `not_found` */
export async function readTaskRunView(db: Db, id: Id, now: Temporal.Instant): Promise<TaskRunView> {
  const run = await readTaskRun(db, id, now);
  const owner = run.flow_run_id === null ? undefined : await queryOne<NamedRunRow & { flow_id: Id; flow_name: string }>(
    db,
    `SELECT r.id, r.name, r.state_type, r.state_name, f.id AS flow_id, f.name AS flow_name
        FROM flow_run r JOIN flow f ON f.id = r.flow_id WHERE r.id = ?`,
    [run.flow_run_id],
  );
  const child = await queryOne<NamedRunRow>(
    db,
    "SELECT id, name, state_type, state_name FROM flow_run WHERE parent_task_run_id = ? ORDER BY id DESC LIMIT 1",
    [id],
  );
  const ids = Object.values(run.task_inputs).flat().flatMap((one) => one.input_type === "task_run" ? [one.id] : []);
  return {
    run,
    flow_run: owner === undefined
      ? null
      : { id: owner.id, name: owner.name, state_type: owner.state_type, state_name: owner.state_name },
    flow: owner === undefined ? null : { id: owner.flow_id, name: owner.flow_name },
    child: child ?? null,
    sources: await queryAll<NamedRunRow>(
      db,
      `SELECT id, name, state_type, state_name FROM task_run
        WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT 1000`,
      [JSON.stringify(ids)],
    ),
    states: (await taskRunStates.list(db, id)).slice(-MOST_STATES),
  };
}
