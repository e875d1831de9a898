/**
 * What the pages of flows show. Each question is bounded by what a page holds and not by what the database does.
 *
 * @module
 */

import { agentStatus } from "../domain/agents.ts";
import type { Id } from "../domain/common.ts";
import type {
  FlowDeployment,
  FlowRow,
  FlowRunsPage,
  FlowRunsQuery,
  FlowsPage,
  FlowsPageQuery,
  FlowView,
  RunRow,
  VersionRow,
} from "../domain/flow_views.ts";
import { REGISTERED } from "../domain/flow_versions.ts";
import { labelWarning } from "../domain/label_warnings.ts";
import type { z } from "zod";
import { listAgents } from "./agents.ts";
import { containing } from "./conditions.ts";
import { type Bindable, queryAll } from "./connection.ts";
import type { Db } from "./database.ts";
import { flowOf, readFlow } from "./flows.ts";
import { fromJson, fromJsonOrNull } from "./rows.ts";
import type { FlowTable, JsonText } from "./tables.ts";

/** How many runs a row of the list shows. */
const ROW_RUNS = 12;
/** How many runs a flow's page shows beside its list of them. */
const VIEW_RUNS = 40;
/** How many of a flow's latest runs are looked through for those that began: a schedule makes up to a hundred ahead. */
const RUNS_ASKED = 300;
const MOST_VERSIONS = 100;
const PAGE_FLOWS = 50;
const PAGE_RUNS = 50;

type Live = Parameters<typeof labelWarning>[1];

const agentsNow = async (db: Db, now: Temporal.Instant): Promise<Live> =>
  (await listAgents(db)).map((agent) => agentStatus(agent, now));

/** What of a deployment decides about warnings. */
interface Routed {
  flow_id: Id;
  name: string;
  labels: JsonText;
  runner: string | null;
}

/** The warning of a flow is that of its registration before others. */
function warningOf(deployments: readonly { name: string; label_warning: string | null }[]): string | null {
  const first = deployments.find(({ name, label_warning }) => name === REGISTERED && label_warning !== null);
  return (first ?? deployments.find(({ label_warning }) => label_warning !== null))?.label_warning ?? null;
}

const warningFor = ({ labels, runner }: Pick<Routed, "labels" | "runner">, agents: Live): string | null =>
  runner === null ? null : labelWarning({ labels: fromJson(labels), runner }, agents);

/** By name. */
export async function flowsPage(
  db: Db,
  { project, search, after, limit = PAGE_FLOWS }: z.output<typeof FlowsPageQuery>,
  now: Temporal.Instant,
): Promise<FlowsPage> {
  const conditions = ["1"];
  const values: Bindable[] = [];
  if (project !== undefined) {
    conditions.push("project = ?");
    values.push(project);
  }
  if (search !== undefined && search !== "") {
    conditions.push(
      "(name LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value LIKE ? ESCAPE '\\'))",
    );
    const pattern = containing(search);
    values.push(pattern, pattern);
  }
  if (after !== undefined) {
    conditions.push("(name, id) > (?, ?)");
    values.push(after.name, after.id);
  }
  const found = await queryAll<FlowTable>(
    db,
    `SELECT * FROM flow WHERE ${conditions.join(" AND ")} ORDER BY name, id LIMIT ?`,
    [...values, limit + 1],
  );
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const projects = await queryAll<{ name: string }>(db, "SELECT name FROM project ORDER BY name", []);
  return {
    flows: await rowsOf(db, rows, now),
    next: found.length > limit && last !== undefined ? { name: last.name, id: last.id } : null,
    projects: projects.map(({ name }) => name),
  };
}

async function rowsOf(db: Db, rows: readonly FlowTable[], now: Temporal.Instant): Promise<FlowRow[]> {
  const ids = JSON.stringify(rows.map(({ id }) => id));
  const agents = await agentsNow(db, now);
  const deployments = await queryAll<Routed>(
    db,
    `SELECT d.flow_id, d.name, d.labels, v.flow_runner ->> '$.type' AS runner FROM deployment d
      JOIN deployment_version v ON v.id = d.version_id
      WHERE d.flow_id IN (SELECT value FROM json_each(?)) ORDER BY d.name`,
    [ids],
  );
  const runs = await queryAll<FlowRow["runs"][number] & { flow_id: Id }>(
    db,
    `SELECT r.flow_id, r.id, r.name, r.state_type, r.state_name, r.start_time, r.end_time, r.total_run_time
      FROM json_each(?1) f CROSS JOIN flow_run r ON r.rowid IN (${begun("f.value", ROW_RUNS)}) ORDER BY r.id DESC`,
    [ids],
  );
  return rows.map((row) => {
    const own = deployments.filter(({ flow_id }) => flow_id === row.id);
    const warned = own.map((one) => ({ name: one.name, label_warning: warningFor(one, agents) }));
    return {
      ...flowOf(row),
      deployments: own.length,
      labels: [...new Set(own.flatMap(({ labels }) => fromJson<string[]>(labels)))].sort(),
      label_warning: warningOf(warned),
      runs: runs.filter(({ flow_id }) => flow_id === row.id).map(({ flow_id: _, ...run }) => run),
    };
  });
}

/** The latest runs of a flow that began, as numbers of rows. */
const begun = (flow: string, limit: number): string =>
  `SELECT rowid FROM (SELECT rowid, start_time FROM flow_run WHERE flow_id = ${flow} ORDER BY id DESC LIMIT ${RUNS_ASKED})
    WHERE start_time IS NOT NULL LIMIT ${limit}`;

const RUN_COLUMNS = `r.id, r.name, r.state_type, r.state_name, r.expected_start_time, r.start_time, r.end_time,
  r.total_run_time, r.deployment_id, d.name AS deployment_name, v.number AS version`;
const RUN_JOINS = `LEFT JOIN deployment d ON d.id = r.deployment_id
  LEFT JOIN deployment_version v ON v.id = r.deployment_version_id`;

/** A flow with what its page shows. @throws {FlowctlError} `not_found` */
export async function flowView(db: Db, id: Id, now: Temporal.Instant): Promise<FlowView> {
  const flow = await readFlow(db, id);
  const agents = await agentsNow(db, now);
  const deployments = (await queryAll<
    & Pick<FlowDeployment, "id" | "description" | "schedules" | "version">
    & Routed
    & { paused: number }
  >(
    db,
    `SELECT d.id, d.flow_id, d.name, d.description, d.labels, d.paused, v.number AS version,
        v.flow_runner ->> '$.type' AS runner,
        (SELECT count(*) FROM deployment_schedule s WHERE s.deployment_id = d.id AND s.active = 1) AS schedules
      FROM deployment d JOIN deployment_version v ON v.id = d.version_id WHERE d.flow_id = ? ORDER BY d.name`,
    [id],
  )).map((row): FlowDeployment => ({
    id: row.id,
    name: row.name,
    description: row.description,
    labels: fromJson(row.labels),
    runner: row.runner,
    paused: row.paused === 1,
    schedules: row.schedules,
    version: row.version,
    label_warning: warningFor(row, agents),
  }));
  const runs = await queryAll<RunRow>(
    db,
    `SELECT ${RUN_COLUMNS} FROM flow_run r ${RUN_JOINS} WHERE r.rowid IN (${
      begun("?1", VIEW_RUNS)
    }) ORDER BY r.id DESC`,
    [id],
  );
  return { flow, label_warning: warningOf(deployments), deployments, versions: await versionsOf(db, id), runs };
}

type StoredVersion =
  & Omit<VersionRow, "is_latest" | "storage" | "tasks" | "parameters">
  & { is_latest: number; storage: JsonText | null; tasks: JsonText | null; parameters: JsonText | null };

async function versionsOf(db: Db, flowId: Id): Promise<VersionRow[]> {
  const rows = await queryAll<StoredVersion>(
    db,
    `SELECT v.id, v.deployment_id, d.name AS deployment_name, v.number, v.created, v.archived,
        v.id = d.version_id AS is_latest, v.flow_runner ->> '$.type' AS runner,
        v.flow_runner ->> '$.config.image' AS image, v.storage, v.bundle_hash, v.entrypoint, v.flowctl_version, v.tasks,
        (SELECT json_group_array(key) FROM json_each(v.parameter_openapi_schema, '$.properties')) AS parameters
      FROM deployment d JOIN deployment_version v ON v.deployment_id = d.id WHERE d.flow_id = ?
      ORDER BY d.name <> ?, d.name, v.number DESC LIMIT ?`,
    [flowId, REGISTERED, MOST_VERSIONS],
  );
  return rows.map(({ is_latest, storage, tasks, parameters, ...row }) => ({
    ...row,
    is_latest: is_latest === 1,
    storage: fromJsonOrNull(storage),
    tasks: (fromJsonOrNull<(string | { name: string })[]>(tasks) ?? []).map((task) =>
      typeof task === "string" ? task : task.name
    ),
    parameters: fromJsonOrNull<string[]>(parameters) ?? [],
  }));
}

/** Runs of a flow, newest first. @throws {FlowctlError} `not_found` */
export async function flowRunsPage(
  db: Db,
  id: Id,
  { version, before, limit = PAGE_RUNS }: z.output<typeof FlowRunsQuery>,
): Promise<FlowRunsPage> {
  await readFlow(db, id);
  const found = await queryAll<RunRow>(
    db,
    `SELECT ${RUN_COLUMNS} FROM flow_run r ${RUN_JOINS} WHERE r.flow_id = ?
      ${before === undefined ? "" : "AND r.id < ?"} ${version === undefined ? "" : "AND r.deployment_version_id = ?"}
      ORDER BY r.id DESC LIMIT ?`,
    [id, ...before === undefined ? [] : [before], ...version === undefined ? [] : [version], limit + 1],
  );
  const runs = found.slice(0, limit);
  return { runs, next: found.length > limit ? runs.at(-1)!.id : null };
}
