/**
 * What decides why a run waits, asked for together.
 *
 * @module
 */

import { agentStatus } from "../domain/agents.ts";
import type { Id } from "../domain/common.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import { labelsMatch } from "../domain/label_warnings.ts";
import { type Waiting, type WaitingFacts, waitingReason } from "../domain/waiting_reasons.ts";
import { listAgents } from "./agents.ts";
import { queryAll, queryOne } from "./connection.ts";
import type { Db } from "./database.ts";
import { timeText } from "./rows.ts";
import { usualDuration } from "./run_views.ts";

/** Nobody counts further. */
const MOST_AHEAD = 1000;
/** So many deployments are asked how long their runs usually take. */
const MOST_DEPLOYMENTS = 20;

/** Why a run waits; null when it does not. */
export async function readWaiting(db: Db, run: FlowRun, now: Temporal.Instant): Promise<Waiting | null> {
  const lease = await queryOne<{ agent_name: string; started: number; lost_at: string | null; attempt: number }>(
    db,
    `SELECT a.name AS agent_name, l.started, l.lost_at, l.attempt FROM lease l JOIN agent a ON a.id = l.agent_id
      WHERE l.flow_run_id = ?`,
    [run.id],
  );
  const facts: WaitingFacts = {
    run,
    runner: null,
    agents: [],
    lease: lease === undefined ? null : { ...lease, started: lease.started === 1 },
    startLine: lease === undefined ? null : await lastStartLine(db, run.id, lease.attempt),
    ahead: 0,
    ends: [],
  };
  return waitingReason(run.state_type === "SCHEDULED" ? { ...facts, ...await dispatch(db, run, now) } : facts, now);
}

async function dispatch(
  db: Db,
  run: FlowRun,
  now: Temporal.Instant,
): Promise<Pick<WaitingFacts, "runner" | "agents" | "ahead" | "ends">> {
  const version = run.deployment_version_id === null ? undefined : await queryOne<{ runner: string | null }>(
    db,
    "SELECT flow_runner ->> '$.type' AS runner FROM deployment_version WHERE id = ?",
    [run.deployment_version_id],
  );
  const runner = version?.runner ?? null;
  const held = new Map(
    (await queryAll<{ agent_id: Id; held: number }>(
      db,
      "SELECT agent_id, count(*) AS held FROM lease GROUP BY agent_id",
      [],
    )).map(({ agent_id, held }) => [agent_id, held]),
  );
  const agents = (await listAgents(db)).map((agent) => ({
    ...agentStatus(agent, now),
    held: held.get(agent.id) ?? 0,
  }));
  const matching = agents.filter((agent) => agent.alive && labelsMatch(run.labels, agent.labels));
  const isFull = matching.length > 0 && matching.every(({ limit, held }) => limit !== null && held >= limit);
  return {
    runner,
    agents,
    ahead: runner === null ? 0 : await countAhead(db, run, runner),
    ends: isFull ? await expectedEnds(db, matching.map(({ id }) => id)) : [],
  };
}

/** Runs that the same agents would take before it. */
async function countAhead(db: Db, run: FlowRun, runner: string): Promise<number> {
  const { count } = (await queryOne<{ count: number }>(
    db,
    `SELECT count(*) AS count FROM (SELECT 1 FROM flow_run r INDEXED BY flow_run_due JOIN deployment_version v ON v.id = r.deployment_version_id
      WHERE r.state_type = 'SCHEDULED' AND r.next_scheduled_start_time <= ?1 AND (r.next_scheduled_start_time, r.id) < (?1, ?2) AND r.labels = ?3
        AND v.flow_runner ->> '$.type' = ?4 AND coalesce(r.empirical_policy ->> '$.retry_type', '') <> 'in_process'
      LIMIT ${MOST_AHEAD})`,
    [run.next_scheduled_start_time ?? "", run.id, JSON.stringify(run.labels), runner],
  ))!;
  return count;
}

/** When runs that agents hold end, if they take as long as usual; soonest first. */
async function expectedEnds(db: Db, agentIds: readonly Id[]): Promise<string[]> {
  const runs = await queryAll<{ start_time: string | null; deployment_id: Id | null; flow_id: Id }>(
    db,
    `SELECT r.start_time, r.deployment_id, r.flow_id FROM lease l JOIN flow_run r ON r.id = l.flow_run_id
      WHERE l.agent_id IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(agentIds)],
  );
  const usual = new Map<string, number | undefined>();
  const ends: string[] = [];
  for (const { start_time, deployment_id, flow_id } of runs) {
    const key = deployment_id ?? flow_id;
    if (!usual.has(key) && usual.size < MOST_DEPLOYMENTS) {
      usual.set(key, (await usualDuration(db, { deploymentId: deployment_id, flowId: flow_id }))?.seconds);
    }
    const seconds = usual.get(key);
    if (start_time === null || seconds === undefined) continue;
    ends.push(timeText(Temporal.Instant.from(start_time).add({ milliseconds: Math.round(seconds * 1000) })));
  }
  return ends.sort();
}

/** What the agent told of getting ready, see `agent/start_lines.ts`. */
async function lastStartLine(db: Db, flowRunId: Id, attempt: number): Promise<string | null> {
  const row = await queryOne<{ message: string }>(
    db,
    // Between the two lie exactly the keys that begin with it.
    `SELECT message FROM log WHERE flow_run_id = ?1 AND key > ?2 || ':p' AND key < ?2 || ':q' ORDER BY key DESC LIMIT 1`,
    [flowRunId, String(attempt)],
  );
  return row?.message ?? null;
}
