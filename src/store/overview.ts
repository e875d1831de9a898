/**
 * Sums over runs for the overview. Quick at a million runs: what is counted is counted in an index.
 *
 * @module
 */

import { sql, type SqlBool } from "kysely";
import type { AgentStatus } from "../domain/agents.ts";
import { errorPattern } from "../domain/error_groups.ts";
import type { Filters } from "../domain/filters.ts";
import { labelWarning } from "../domain/label_warnings.ts";
import {
  type AgentLoad,
  type FailureGroup,
  MOST_COUNTED,
  MOST_FAILURES,
  type Overview,
  type StateCounts,
  type WaitingRun,
} from "../domain/overview.ts";
import { FINAL_STATES, type StateType } from "../domain/states.ts";
import { STATE_TYPES } from "../domain/state_types.ts";
import { queryAll, queryOne } from "./connection.ts";
import type { Db } from "./database.ts";
import { type Condition, joined } from "./conditions.ts";
import { deploymentMatches, flowMatches, flowRunMatches } from "./filters.ts";
import { fromJson } from "./rows.ts";

/** What runs are chosen by. */
export type OverviewFilters = Pick<Filters, "flows" | "flow_runs" | "deployments">;

/** From a moment to another: it holds the first and not the second. */
export type Span = readonly [since: string, until: string];

/** How many of some failures are told as what they have in common, and of how many flows. */
const MOST_GROUPS = 20;
const MOST_FLOWS = 5;
/** How many waiting runs are listed. */
const MOST_WAITING = 10;

/** Named, because the planner might walk all runs of a flow instead, whenever they were. */
const INDEX = sql.raw("flow_run INDEXED BY flow_run_by_state_and_time");

/** Which runs. As `flowRunMatches`, but flows and deployments are chosen once and not for each run, and by columns of the index. */
const runMatches = ({ flows, deployments, flow_runs }: OverviewFilters): Condition =>
  joined([
    flows && sql<SqlBool>`flow_run.flow_id IN (SELECT flow.id FROM flow WHERE ${flowMatches({ flows })})`,
    deployments && sql<SqlBool>`flow_run.deployment_id IN
      (SELECT deployment.id FROM deployment WHERE ${deploymentMatches({ deployments })})`,
    flowRunMatches({ flow_runs }),
  ]);

/** How many runs of which state were expected to start in each span. */
export async function countByState(
  db: Db,
  spans: readonly Span[],
  filters: OverviewFilters,
  types: readonly StateType[] = STATE_TYPES,
): Promise<StateCounts[]> {
  const matches = sql`flow_run.expected_start_time >= span.since AND flow_run.expected_start_time < span.until
    AND ${runMatches(filters)}`;
  const { rows } = await sql<{ number: number; type: StateType; count: number; late: number }>`
    WITH span AS MATERIALIZED
      (SELECT key AS number, value ->> 0 AS since, value ->> 1 AS until FROM json_each(${JSON.stringify(spans)})),
      kind AS MATERIALIZED (SELECT value AS type FROM json_each(${JSON.stringify(types)}))
    SELECT number, type, (SELECT count(*) FROM ${INDEX} WHERE flow_run.state_type = kind.type AND ${matches}) AS count,
      CASE WHEN type = 'SCHEDULED' THEN (SELECT count(*) FROM ${INDEX} WHERE flow_run.state_type = 'SCHEDULED' AND ${matches}
        AND flow_run.state_name = 'Late') ELSE 0 END AS late
    FROM span CROSS JOIN kind`.execute(db);
  const counts = spans.map((): StateCounts => ({}));
  for (const { number, type, count, late } of rows) {
    if (count > 0) counts[number][type] = count;
    if (late > 0) counts[number].LATE = late;
  }
  return counts;
}

interface FailureRow {
  id: string;
  name: string;
  flow_id: string;
  flow_name: string;
  state_type: "FAILED" | "CRASHED";
  at: string;
  message: string | null;
}

/** The latest failures of a span by what they have in common. */
export async function groupFailures(
  db: Db,
  [since, until]: Span,
  filters: OverviewFilters,
): Promise<Overview["failures"]> {
  const latest = (type: string) =>
    sql`SELECT flow_run.rowid AS number, flow_run.expected_start_time AS expected FROM ${INDEX}
      WHERE flow_run.state_type = ${type} AND flow_run.expected_start_time >= ${since} AND flow_run.expected_start_time < ${until}
        AND ${runMatches(filters)} ORDER BY flow_run.expected_start_time DESC LIMIT ${MOST_FAILURES}`;
  const { rows } = await sql<FailureRow>`
    SELECT r.id, r.name, r.flow_id, f.name AS flow_name, r.state_type, r.state_timestamp AS at, s.message
    FROM (SELECT number FROM (SELECT * FROM (${latest("FAILED")}) UNION ALL SELECT * FROM (${latest("CRASHED")}))
      ORDER BY expected DESC LIMIT ${MOST_FAILURES}) page
    CROSS JOIN flow_run r ON r.rowid = page.number JOIN flow f ON f.id = r.flow_id
    LEFT JOIN flow_run_state s ON s.id = r.state_id`.execute(db);
  return { looked_at: rows.length, groups: failureGroups(rows) };
}

function failureGroups(rows: readonly FailureRow[]): FailureGroup[] {
  const groups = new Map<string, { error: string; rows: FailureRow[] }>();
  for (const row of rows) {
    const error = errorPattern(row.message);
    const key = `${row.state_type} ${error}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { error, rows: [row] });
    else group.rows.push(row);
  }
  return [...groups.values()]
    .map(({ error, rows }) => {
      const last = rows.reduce((a, b) => b.at > a.at ? b : a);
      const flows = Map.groupBy(rows, ({ flow_id }) => flow_id);
      return {
        error,
        state_type: last.state_type,
        count: rows.length,
        flows: [...flows.values()].sort((a, b) => b.length - a.length).slice(0, MOST_FLOWS)
          .map(([{ flow_id, flow_name }]) => ({ id: flow_id, name: flow_name })),
        flow_count: flows.size,
        latest: { id: last.id, name: last.name, at: last.at, message: last.message },
      };
    })
    .sort((a, b) => b.count - a.count || (a.latest.at < b.latest.at ? 1 : -1))
    .slice(0, MOST_GROUPS);
}

interface WaitingRow {
  id: string;
  name: string;
  state_name: string;
  scheduled: string;
  flow_id: string;
  flow_name: string;
  deployment_id: string | null;
  deployment_name: string | null;
  labels: string;
  runner: string | null;
}

/** SCHEDULED runs whose time is before or after a moment, soonest first. @param agents Say why nobody takes a run. */
export async function listWaiting(
  db: Db,
  when: { before: string } | { after: string },
  filters: OverviewFilters,
  agents: readonly AgentStatus[],
): Promise<Overview["late"]> {
  const time = sql.ref("flow_run.next_scheduled_start_time");
  const found = sql`FROM flow_run INDEXED BY flow_run_due WHERE flow_run.state_type = 'SCHEDULED'
    AND ${"before" in when ? sql`${time} <= ${when.before}` : sql`${time} > ${when.after}`} AND ${runMatches(filters)}`;
  const { rows } = await sql<WaitingRow>`
    SELECT r.id, r.name, r.state_name, r.next_scheduled_start_time AS scheduled, r.flow_id, f.name AS flow_name,
      d.id AS deployment_id, d.name AS deployment_name, r.labels, v.flow_runner ->> '$.type' AS runner
    FROM (SELECT flow_run.rowid AS number ${found} ORDER BY ${time}, flow_run.id LIMIT ${MOST_WAITING}) page
    CROSS JOIN flow_run r ON r.rowid = page.number JOIN flow f ON f.id = r.flow_id
    LEFT JOIN deployment d ON d.id = r.deployment_id LEFT JOIN deployment_version v ON v.id = r.deployment_version_id
    ORDER BY r.next_scheduled_start_time, r.id`.execute(db);
  const counted = await sql<{ count: number }>`
    SELECT count(*) AS count FROM (SELECT 1 ${found} LIMIT ${MOST_COUNTED})`.execute(db);
  return {
    count: counted.rows[0].count,
    runs: rows.map(({ id, name, state_name, scheduled, labels, runner, ...row }): WaitingRun => ({
      id,
      name,
      state_name,
      scheduled,
      flow: { id: row.flow_id, name: row.flow_name },
      deployment: row.deployment_id === null ? null : { id: row.deployment_id, name: row.deployment_name! },
      warning: runner === null ? null : labelWarning({ labels: fromJson<string[]>(labels), runner }, agents),
    })),
  };
}

/** How many runs each agent holds, those that live first and then those that were seen last. */
export async function agentLoads(db: Db, agents: readonly AgentStatus[]): Promise<AgentLoad[]> {
  const leases = await queryAll<{ agent_id: string; count: number }>(
    db,
    "SELECT agent_id, count(*) AS count FROM lease GROUP BY agent_id",
    [],
  );
  const held = new Map(leases.map(({ agent_id, count }) => [agent_id, count]));
  return agents.map((agent) => ({ ...agent, held: held.get(agent.id) ?? 0 })).sort((a, b) =>
    Number(b.alive) - Number(a.alive) || (a.alive ? 0 : a.last_seen < b.last_seen ? 1 : -1)
  );
}

/** The first deployment there is, and a run that is over. */
export async function firstSteps(db: Db): Promise<Pick<Overview["begun"], "deployment" | "run">> {
  const deployment = await queryOne<{ name: string }>(
    db,
    "SELECT f.name || '/' || d.name AS name FROM deployment d JOIN flow f ON f.id = d.flow_id ORDER BY d.created LIMIT 1",
    [],
  );
  const ends = FINAL_STATES.map((type) =>
    `SELECT * FROM (SELECT id, name, state_type FROM flow_run WHERE state_type = '${type}' LIMIT 1)`
  );
  const run = await queryOne<NonNullable<Overview["begun"]["run"]>>(db, `${ends.join(" UNION ALL ")} LIMIT 1`, []);
  return { deployment: deployment?.name ?? null, run: run === undefined ? null : { ...run } };
}
