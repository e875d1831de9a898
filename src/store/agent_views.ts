/**
 * What the pages of agents show.
 *
 * @module
 */

import { refusalOf } from "../domain/agent_fit.ts";
import type {
  AgentRow,
  AgentRun,
  AgentView,
  FittingDeployment,
  HeldRun,
  PastRun,
  WaitingRun,
} from "../domain/agent_views.ts";
import { agentStatus } from "../domain/agents.ts";
import type { Id } from "../domain/common.ts";
import { FINAL_STATES } from "../domain/state_types.ts";
import { listAgents, readAgent } from "./agents.ts";
import { queryAll } from "./connection.ts";
import type { Db } from "./database.ts";
import { countLeases } from "./leases.ts";
import { fromJson, timeText } from "./rows.ts";
import type { JsonText } from "./tables.ts";

const PAST_RUNS = 20;
/** How many of the runs that an agent took last are looked through for those that are over. */
const RUNS_ASKED = 200;
const WAITING_RUNS = 50;
const MOST_DEPLOYMENTS = 200;

/** All agents by name, those that live first. */
export async function listAgentRows(db: Db, now: Temporal.Instant): Promise<AgentRow[]> {
  const counts = await queryAll<{ id: Id; held: number }>(
    db,
    "SELECT agent_id AS id, count(*) AS held FROM lease GROUP BY agent_id",
    [],
  );
  const held = new Map(counts.map((row) => [row.id, row.held]));
  return (await listAgents(db)).map((agent) => ({ ...agentStatus(agent, now), held: held.get(agent.id) ?? 0 }))
    .sort((a, b) => Number(b.alive) - Number(a.alive));
}

const RUN_COLUMNS = `r.id, r.name, r.state_type, r.state_name, r.expected_start_time, r.start_time, r.end_time,
  r.total_run_time, r.deployment_id, d.name AS deployment_name, v.number AS version, r.flow_id, f.name AS flow_name,
  f.project`;
const RUN_JOINS = `LEFT JOIN flow f ON f.id = r.flow_id LEFT JOIN deployment d ON d.id = r.deployment_id
  LEFT JOIN deployment_version v ON v.id = r.deployment_version_id`;

const runOf = (row: AgentRun): AgentRun => ({
  id: row.id,
  name: row.name,
  state_type: row.state_type,
  state_name: row.state_name,
  expected_start_time: row.expected_start_time,
  start_time: row.start_time,
  end_time: row.end_time,
  total_run_time: row.total_run_time,
  deployment_id: row.deployment_id,
  deployment_name: row.deployment_name,
  version: row.version,
  flow_id: row.flow_id,
  flow_name: row.flow_name,
  project: row.project,
});

/** An agent with what its page shows. @throws {FlowctlError} `not_found` */
export async function agentView(db: Db, id: Id, now: Temporal.Instant): Promise<AgentView> {
  const agent: AgentRow = { ...agentStatus(await readAgent(db, id), now), held: await countLeases(db, id) };
  const others = agent.engine_id === null
    ? []
    : (await listAgents(db)).filter((one) => one.engine_id === agent.engine_id && one.id !== id);
  return {
    agent,
    neighbours: others.map((one) => ({ id: one.id, name: one.name, alive: agentStatus(one, now).alive })),
    held: await heldRuns(db, id),
    past: await pastRuns(db, id),
    waiting: await waitingRuns(db, agent, now),
    deployments: await fittingDeployments(db, agent),
  };
}

type HeldRow =
  & Omit<HeldRun, "run" | "started">
  & Omit<AgentRun, "id">
  & { id: Id | null; started: number };

const heldRuns = async (db: Db, agentId: Id): Promise<HeldRun[]> =>
  (await queryAll<HeldRow>(
    db,
    `SELECT l.id AS lease_id, l.created AS since, l.attempt, l.started, l.infrastructure_pid, l.lost_at, ${RUN_COLUMNS}
      FROM lease l LEFT JOIN flow_run r ON r.id = l.flow_run_id ${RUN_JOINS}
      WHERE l.agent_id = ? ORDER BY l.created DESC, l.id`,
    [agentId],
  )).map((row) => ({
    lease_id: row.lease_id,
    run: row.id === null ? null : runOf({ ...row, id: row.id }),
    since: row.since,
    attempt: row.attempt,
    started: row.started === 1,
    infrastructure_pid: row.infrastructure_pid,
    lost_at: row.lost_at,
  }));

const FINAL = FINAL_STATES.map((type) => `'${type}'`).join(", ");

const pastRuns = (db: Db, agentId: Id): Promise<PastRun[]> =>
  queryAll<PastRun>(
    db,
    `SELECT ${RUN_COLUMNS}, r.infrastructure_pid
      FROM (SELECT rowid AS number, id, state_type FROM flow_run WHERE agent_id = ? ORDER BY id DESC LIMIT ${RUNS_ASKED}) one
      CROSS JOIN flow_run r ON r.rowid = one.number ${RUN_JOINS}
      WHERE one.state_type IN (${FINAL}) ORDER BY r.end_time DESC, r.id DESC LIMIT ${PAST_RUNS}`,
    [agentId],
  );

async function waitingRuns(db: Db, agent: AgentRow, now: Temporal.Instant): Promise<WaitingRun[]> {
  const rows = await queryAll<AgentRun & { labels: JsonText; runner: string | null }>(
    db,
    `SELECT ${RUN_COLUMNS}, r.labels, v.flow_runner ->> '$.type' AS runner FROM flow_run r ${RUN_JOINS}
      WHERE r.state_type = 'SCHEDULED' AND r.next_scheduled_start_time <= ? AND r.deployment_version_id IS NOT NULL
        AND coalesce(r.empirical_policy ->> '$.retry_type', '') <> 'in_process'
      ORDER BY r.next_scheduled_start_time, r.id LIMIT ${WAITING_RUNS}`,
    [timeText(now)],
  );
  return rows.map((row) => {
    const labels = fromJson<string[]>(row.labels);
    return { run: runOf(row), labels, runner: row.runner, refusal: refusalOf({ labels, runner: row.runner }, agent) };
  });
}

async function fittingDeployments(db: Db, agent: AgentRow): Promise<FittingDeployment[]> {
  const rows = await queryAll<
    Omit<FittingDeployment, "labels" | "paused" | "refusal"> & { labels: JsonText; paused: number }
  >(
    db,
    `SELECT d.id, d.name, d.flow_id, f.name AS flow_name, f.project, d.paused, d.labels,
        v.flow_runner ->> '$.type' AS runner
      FROM deployment d JOIN flow f ON f.id = d.flow_id JOIN deployment_version v ON v.id = d.version_id
      ORDER BY f.name, d.name, d.id LIMIT 2000`,
    [],
  );
  const judged = rows.map((row) => {
    const labels = fromJson<string[]>(row.labels);
    return { ...row, labels, paused: row.paused === 1, refusal: refusalOf({ labels, runner: row.runner }, agent) };
  });
  return judged.sort((a, b) => Number(a.refusal !== null) - Number(b.refusal !== null)).slice(0, MOST_DEPLOYMENTS);
}
