/**
 * Versions of deployments: what a registration stored with each, and which are archived.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import { REGISTERED, type RegisteredVersion } from "../domain/registrations.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { fromJson, fromJsonOrNull, notFound, timeText } from "./rows.ts";
import type { DeploymentVersionTable } from "./tables.ts";

type Row = DeploymentVersionTable & { deployment_name: string; flow_id: string; flow_name: string; project: string };

const SELECT = `SELECT v.*, d.name AS deployment_name, d.flow_id, f.name AS flow_name, f.project
  FROM deployment_version v JOIN deployment d ON d.id = v.deployment_id JOIN flow f ON f.id = d.flow_id`;

const versionOf = (row: Row): RegisteredVersion => ({
  id: row.id,
  created: row.created,
  deployment_id: row.deployment_id,
  deployment_name: row.deployment_name,
  flow_id: row.flow_id,
  flow_name: row.flow_name,
  project: row.project,
  number: row.number,
  archived: row.archived,
  content_hash: row.content_hash,
  tasks: fromJsonOrNull<string[]>(row.tasks) ?? [],
  storage: fromJsonOrNull(row.storage),
  bundle_hash: row.bundle_hash,
  flow_runner: fromJsonOrNull(row.flow_runner),
  entrypoint: row.entrypoint,
  parameter_openapi_schema: fromJsonOrNull(row.parameter_openapi_schema),
  secrets: fromJson(row.secrets),
  flowctl_version: row.flowctl_version,
});

/** A version, or undefined. */
export async function findVersion(db: Db, id: Id): Promise<RegisteredVersion | undefined> {
  const row = await queryOne<Row>(db, `${SELECT} WHERE v.id = ?`, [id]);
  return row && versionOf(row);
}

/** @throws {FlowctlError} `not_found` */
export async function readVersion(db: Db, id: Id): Promise<RegisteredVersion> {
  const found = await findVersion(db, id);
  if (!found) throw notFound("Deployment version", id);
  return found;
}

/** The versions of a flow's registrations, newest first. */
export const listVersions = async (db: Db, flowId: Id): Promise<RegisteredVersion[]> =>
  (await queryAll<Row>(db, `${SELECT} WHERE d.flow_id = ? AND d.name = ? ORDER BY v.number DESC`, [flowId, REGISTERED]))
    .map(versionOf);

/** The version of a flow that is run now, with the key it was registered with; undefined for a flow that was never registered. */
export async function findRegistered(
  db: Db,
  project: string,
  flowName: string,
): Promise<{ version: RegisteredVersion; idempotencyKey: string | null } | undefined> {
  const where = "WHERE f.project = ? AND f.name = ? AND d.name = ? AND v.id = d.version_id AND v.archived IS NULL";
  const row = await queryOne<Row>(db, `${SELECT} ${where}`, [project, flowName, REGISTERED]);
  return row && { version: versionOf(row), idempotencyKey: row.idempotency_key };
}

/** Notes with a version what its registration said. */
export const noteRegistration = (
  tx: Tx,
  versionId: Id,
  { content_hash, idempotency_key, tasks }: { content_hash: string; idempotency_key?: string; tasks: string[] },
): Promise<number> =>
  run(tx, "UPDATE deployment_version SET content_hash = ?, idempotency_key = ?, tasks = ? WHERE id = ?", [
    content_hash,
    idempotency_key ?? null,
    JSON.stringify(tasks),
    versionId,
  ]);

/** Archives all versions of a deployment but one. */
export const archiveVersions = (tx: Tx, deploymentId: Id, except: Id, now: Temporal.Instant): Promise<number> =>
  run(tx, "UPDATE deployment_version SET archived = ? WHERE deployment_id = ? AND id <> ? AND archived IS NULL", [
    timeText(now),
    deploymentId,
    except,
  ]);

/** Runs of a deployment that wait for their first start, of any version but one, with the number of theirs. */
export const listWaitingRuns = (
  db: Db,
  deploymentId: Id,
  except: Id,
): Promise<{ id: Id; number: number | null }[]> =>
  queryAll<{ id: Id; number: number | null }>(
    db,
    `SELECT r.id, v.number FROM flow_run r LEFT JOIN deployment_version v ON v.id = r.deployment_version_id
      WHERE r.deployment_id = ? AND r.deployment_version_id IS NOT ? AND r.state_type = 'SCHEDULED' AND r.run_count = 0`,
    [deploymentId, except],
  );
