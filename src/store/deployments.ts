/**
 * Deployments, with their versions and schedules.
 *
 * @module
 */

import { sql } from "kysely";
import type { z } from "zod";
import type { Id, JsonValue } from "../domain/common.ts";
import type { Deployment, DeploymentSchedule } from "../domain/deployments.ts";
import type { DeploymentQuery, Filters } from "../domain/filters.ts";
import type { FlowRunnerSpec } from "../domain/flow_runners.ts";
import { DEFAULT_PROJECT } from "../domain/flows.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { deploymentMatches } from "./filters.ts";
import { limitOf, nameOrder } from "./pages.ts";
import { fromJson, fromJsonOrNull, jsonOrNull, notFound, timeText } from "./rows.ts";
import { listSchedules, listSchedulesOf } from "./schedules.ts";
import type { DeploymentTable, DeploymentVersionTable } from "./tables.ts";

/** What belongs to a version and not to the deployment itself. */
export interface DeploymentVersion {
  id: Id;
  number: number;
  bundle_hash: string | null;
  flow_runner: FlowRunnerSpec | null;
  entrypoint: string | null;
  parameter_openapi_schema: Deployment["parameter_openapi_schema"];
  pull_steps: Deployment["pull_steps"];
  flowctl_version: string | null;
  storage: Deployment["storage"];
  secrets: string[];
}

type Row =
  & DeploymentTable
  & Pick<
    DeploymentVersionTable,
    | "bundle_hash"
    | "flow_runner"
    | "entrypoint"
    | "parameter_openapi_schema"
    | "pull_steps"
    | "flowctl_version"
    | "storage"
    | "secrets"
  >
  & { project: string; flow_name: string; version_number: number };

const OTHER_COLUMNS = `f.project, f.name AS flow_name, v.number AS version_number, v.bundle_hash, v.flow_runner,
  v.entrypoint, v.parameter_openapi_schema, v.pull_steps, v.flowctl_version, v.storage, v.secrets`;

const select = (version: string) =>
  `SELECT d.*, ${OTHER_COLUMNS} FROM deployment d JOIN flow f ON f.id = d.flow_id
  JOIN deployment_version v ON v.id = ${version}`;

function deploymentOf(row: Row, schedules: DeploymentSchedule[]): Deployment {
  return {
    id: row.id,
    created: row.created,
    updated: row.updated,
    infra_overrides: fromJson(row.infra_overrides),
    name: row.name,
    version: row.version,
    description: row.description,
    flow_id: row.flow_id,
    // Prefect's older single schedule: the first one.
    schedule: schedules[0]?.schedule ?? null,
    is_schedule_active: row.is_schedule_active === 1,
    paused: row.paused === 1,
    schedules,
    parameters: fromJson(row.parameters),
    tags: fromJson(row.tags),
    work_queue_name: row.work_queue_name,
    last_polled: row.last_polled,
    parameter_openapi_schema: fromJsonOrNull(row.parameter_openapi_schema),
    path: row.path,
    pull_steps: fromJsonOrNull<Record<string, JsonValue>[]>(row.pull_steps),
    entrypoint: row.entrypoint,
    manifest_path: row.manifest_path,
    storage_document_id: row.storage_document_id,
    infrastructure_document_id: row.infrastructure_document_id,
    created_by: fromJsonOrNull(row.created_by),
    updated_by: fromJsonOrNull(row.updated_by),
    work_pool_name: null,
    status: row.status,
    enforce_parameter_schema: row.enforce_parameter_schema === 1,
    project: row.project,
    labels: fromJson(row.labels),
    flow_name: row.flow_name,
    flow_runner: fromJsonOrNull(row.flow_runner),
    bundle_hash: row.bundle_hash,
    version_id: row.version_id,
    version_number: row.version_number,
    flowctl_version: row.flowctl_version,
    storage: fromJsonOrNull(row.storage),
    secrets: fromJson(row.secrets),
  };
}

async function one(db: Db, where: string, values: string[], version = "d.version_id"): Promise<Deployment | undefined> {
  const row = await queryOne<Row>(db, `${select(version)} WHERE ${where}`, values);
  return row && deploymentOf(row, await listSchedules(db, row.id));
}

/** A deployment in its current version, or undefined. */
export const findDeployment = (db: Db, id: Id): Promise<Deployment | undefined> => one(db, "d.id = ?", [id]);

/** @throws {FlowctlError} `not_found` */
export async function readDeployment(db: Db, id: Id): Promise<Deployment> {
  const found = await findDeployment(db, id);
  if (!found) throw notFound("Deployment", id);
  return found;
}

/** A deployment as it was in the version that a run is pinned to: code, runner and schema are that version's. */
export async function findDeploymentVersion(db: Db, id: Id, versionId: Id): Promise<Deployment | undefined> {
  const found = await one(db, "d.id = ?2", [versionId, id], "?1");
  return found && { ...found, version_id: versionId };
}

/** A deployment by the names of flow and deployment, or undefined. */
export const findDeploymentByName = (
  db: Db,
  flow: string,
  name: string,
  project = DEFAULT_PROJECT,
): Promise<Deployment | undefined> => one(db, "f.project = ? AND f.name = ? AND d.name = ?", [project, flow, name]);

/** @throws {FlowctlError} `not_found` */
export async function readDeploymentByName(
  db: Db,
  flow: string,
  name: string,
  project = DEFAULT_PROJECT,
): Promise<Deployment> {
  const found = await findDeploymentByName(db, flow, name, project);
  if (!found) throw notFound("Deployment", `${project}/${flow}/${name}`);
  return found;
}

/** Default order: NAME_ASC. */
export async function listDeployments(
  db: Db,
  query: Partial<z.output<typeof DeploymentQuery>>,
): Promise<Deployment[]> {
  const { rows } = await sql<Row>`
    SELECT deployment.*, ${sql.raw(OTHER_COLUMNS)} FROM deployment
    JOIN flow f ON f.id = deployment.flow_id JOIN deployment_version v ON v.id = deployment.version_id
    WHERE ${deploymentMatches(query)} ORDER BY ${nameOrder("deployment", query.sort)}
    LIMIT ${limitOf(query)} OFFSET ${query.offset ?? 0}`.execute(db);
  const schedules = await listSchedulesOf(db, rows.map((row) => row.id));
  return rows.map((row) => deploymentOf(row, schedules.get(row.id) ?? []));
}

/** How many deployments match. */
export async function countDeployments(db: Db, filters: Filters): Promise<number> {
  const row = await db.selectFrom("deployment").where(deploymentMatches(filters))
    .select((q) => q.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
  return row.count;
}

/** What a deployment is written with; its version is written beside it. */
export type DeploymentFields = Pick<
  Deployment,
  | "name"
  | "flow_id"
  | "version"
  | "description"
  | "is_schedule_active"
  | "paused"
  | "parameters"
  | "tags"
  | "labels"
  | "work_queue_name"
  | "path"
  | "manifest_path"
  | "storage_document_id"
  | "infrastructure_document_id"
  | "infra_overrides"
  | "enforce_parameter_schema"
  | "version_id"
>;

const FIELDS = [
  "name",
  "flow_id",
  "version",
  "description",
  "is_schedule_active",
  "paused",
  "parameters",
  "tags",
  "labels",
  "work_queue_name",
  "path",
  "manifest_path",
  "storage_document_id",
  "infrastructure_document_id",
  "infra_overrides",
  "enforce_parameter_schema",
  "version_id",
] as const satisfies (keyof DeploymentFields)[];

const bindable = (value: unknown) =>
  typeof value === "object" ? jsonOrNull(value) : value as string | boolean | null | undefined;

/** Inserts or replaces all fields of a deployment. Its version may be inserted before or after it. */
export async function saveDeployment(tx: Tx, id: Id, fields: DeploymentFields, now: Temporal.Instant): Promise<void> {
  const sets = FIELDS.map((field) => `${field} = excluded.${field}`).join(", ");
  await run(
    tx,
    `INSERT INTO deployment (id, created, updated, ${FIELDS.join(", ")})
      VALUES (?1, ?2, ?2, ${FIELDS.map((_, i) => `?${i + 3}`).join(", ")})
      ON CONFLICT (id) DO UPDATE SET updated = excluded.updated, ${sets}`,
    [id, timeText(now), ...FIELDS.map((field) => bindable(fields[field]))],
  );
  tx.announce({ kind: "deployment", id });
}

/** Adds a version. @throws SQLite's error when the bundle is not stored. */
export const insertDeploymentVersion = (
  tx: Tx,
  deploymentId: Id,
  version: DeploymentVersion,
  now: Temporal.Instant,
): Promise<number> =>
  run(
    tx,
    `INSERT INTO deployment_version (id, created, deployment_id, number, bundle_hash, flow_runner, entrypoint,
      parameter_openapi_schema, pull_steps, flowctl_version, storage, secrets) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`,
    [
      version.id,
      timeText(now),
      deploymentId,
      version.number,
      version.bundle_hash,
      jsonOrNull(version.flow_runner),
      version.entrypoint,
      jsonOrNull(version.parameter_openapi_schema),
      jsonOrNull(version.pull_steps),
      version.flowctl_version,
      jsonOrNull(version.storage),
      JSON.stringify(version.secrets),
    ],
  );

/** The highest version number of a deployment; 0 when it has none. */
export async function lastVersionNumber(db: Db, deploymentId: Id): Promise<number> {
  const sql = "SELECT max(number) AS last FROM deployment_version WHERE deployment_id = ?";
  return (await queryOne<{ last: number | null }>(db, sql, [deploymentId]))?.last ?? 0;
}

/** Notes that somebody asks for the runs of deployments: they are READY. */
export const noteDeploymentsPolled = (tx: Tx, ids: readonly Id[], now: Temporal.Instant): Promise<number> =>
  run(
    tx,
    "UPDATE deployment SET status = 'READY', last_polled = ? WHERE id IN (SELECT value FROM json_each(?))",
    [timeText(now), JSON.stringify(ids)],
  );

/**
 * Deletes a deployment: its runs that wait go with it, the others keep the id of what is no more (Prefect).
 *
 * @throws {FlowctlError} `not_found`
 */
export async function deleteDeployment(tx: Tx, id: Id): Promise<void> {
  if (await run(tx, "DELETE FROM deployment WHERE id = ?", [id]) === 0) throw notFound("Deployment", id);
  await deleteScheduledRuns(tx, id, "all");
  tx.announce({ kind: "deployment", id });
}

/** Deletes the runs of a deployment that wait (Late ones too): all, or those that the scheduler made. Returns how many. */
export async function deleteScheduledRuns(tx: Tx, deploymentId: Id, which: "all" | "auto"): Promise<number> {
  const gone = await queryAll<{ id: Id }>(
    tx,
    `DELETE FROM flow_run WHERE deployment_id = ? AND state_type = 'SCHEDULED'
      ${which === "auto" ? "AND auto_scheduled = 1" : ""} RETURNING id`,
    [deploymentId],
  );
  for (const { id } of gone) tx.announce({ kind: "flow_run", id, state: null });
  return gone.length;
}
