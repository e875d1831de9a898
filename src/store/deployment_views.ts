/**
 * What pages show of deployments, in a bounded number of questions whatever there is.
 *
 * @module
 */

import { sql, type SqlBool } from "kysely";
import type { z } from "zod";
import type { Id } from "../domain/common.ts";
import type {
  DeploymentPage,
  DeploymentPageQuery,
  DeploymentRow,
  DeploymentVersionRow,
  RunMark,
} from "../domain/deployment_views.ts";
import type { FlowRunnerSpec } from "../domain/flow_runners.ts";
import { STATE_TYPES } from "../domain/state_types.ts";
import { imageOf, type StorageInfo } from "../domain/storage.ts";
import { hasAll, isAnyOf, isFlag, isLike, joined } from "./conditions.ts";
import { queryAll } from "./connection.ts";
import type { Db } from "./database.ts";
import { fromJson, fromJsonOrNull } from "./rows.ts";
import { listSchedulesOf } from "./schedules.ts";
import type { DeploymentVersionTable } from "./tables.ts";

/** Squares of runs beside a deployment. */
const MARKS = 10;
const PAGE = 50;
/** Versions that are shown. */
const MOST_VERSIONS = 100;

interface Row {
  id: Id;
  name: string;
  flow_id: Id;
  flow_name: string;
  project: string;
  paused: number;
  tags: string;
  labels: string;
  flow_runner: string | null;
  storage: string | null;
}

/** A page of the list of deployments, by name. */
export async function pageOfDeployments(
  db: Db,
  query: z.output<typeof DeploymentPageQuery>,
): Promise<DeploymentPage> {
  const limit = query.limit ?? PAGE;
  const matches = joined([
    query.text === undefined ? undefined : joined([
      isLike("deployment.name", query.text),
      isLike("f.name", query.text),
      sql<SqlBool>`f.name || '/' || deployment.name LIKE ${`%${query.text}%`}`,
    ], "or_"),
    query.project === undefined ? undefined : isAnyOf("f.project", [query.project]),
    query.flow_id === undefined ? undefined : isAnyOf("deployment.flow_id", [query.flow_id]),
    isFlag("deployment.paused", query.paused),
    hasAll("deployment.tags", query.tags),
  ]);
  const after = query.after === undefined
    ? sql<SqlBool>`1`
    : sql<SqlBool>`(deployment.name, deployment.id) > (${query.after.name}, ${query.after.id})`;
  const { rows } = await sql<Row>`
    SELECT deployment.id, deployment.name, deployment.flow_id, f.name AS flow_name, f.project, deployment.paused,
      deployment.tags, deployment.labels, v.flow_runner, v.storage
    FROM deployment JOIN flow f ON f.id = deployment.flow_id JOIN deployment_version v ON v.id = deployment.version_id
    WHERE ${matches} AND ${after} ORDER BY deployment.name, deployment.id LIMIT ${limit + 1}`.execute(db);
  const { rows: [{ total }] } = await sql<{ total: number }>`
    SELECT count(*) AS total FROM deployment JOIN flow f ON f.id = deployment.flow_id WHERE ${matches}`.execute(db);
  const shown = rows.slice(0, limit);
  const ids = shown.map(({ id }) => id);
  const schedules = await listSchedulesOf(db, ids);
  const next = await nextRuns(db, ids);
  const last = await lastRuns(db, ids);
  const end = shown.at(-1);
  return {
    deployments: shown.map(({ flow_runner, storage, ...row }): DeploymentRow => {
      const runner = fromJsonOrNull<FlowRunnerSpec>(flow_runner);
      return {
        ...row,
        paused: row.paused === 1,
        tags: fromJson(row.tags),
        labels: fromJson(row.labels),
        runner: runner?.type ?? null,
        image: imageFor(runner, fromJsonOrNull(storage)),
        schedules: (schedules.get(row.id) ?? []).map(({ schedule, active }) => ({ schedule, active })),
        next_run: next.get(row.id) ?? null,
        last_runs: last.get(row.id) ?? [],
      };
    }),
    next: rows.length > limit && end !== undefined ? { name: end.name, id: end.id } : null,
    total,
  };
}

const imageFor = (runner: FlowRunnerSpec | null, storage: StorageInfo | null): string | null =>
  storage !== null ? imageOf(storage) : runner?.type === "docker" ? runner.config.image ?? null : null;

/** The first run that waits, of each deployment of a JSON list; apart, so that a test can look at its plan. */
export const NEXT_RUNS =
  `SELECT r.deployment_id, r.id, r.next_scheduled_start_time AS at FROM json_each(?) d JOIN flow_run r ON r.rowid =
      (SELECT x.rowid FROM flow_run x WHERE x.deployment_id = d.value AND x.state_type = 'SCHEDULED'
        AND x.next_scheduled_start_time IS NOT NULL ORDER BY x.next_scheduled_start_time LIMIT 1)`;

async function nextRuns(db: Db, ids: readonly Id[]): Promise<Map<Id, { id: Id; at: string }>> {
  const rows = await queryAll<{ deployment_id: Id; id: Id; at: string }>(
    db,
    NEXT_RUNS,
    [JSON.stringify(ids)],
  );
  return new Map(rows.map(({ deployment_id, ...run }) => [deployment_id, run]));
}

/** The newest few runs of each deployment of a JSON list in each state of another; apart, so that a test can look at its plan. */
export const LAST_RUNS =
  `SELECT r.deployment_id, r.id, r.name, r.state_type, r.state_name, coalesce(r.start_time, r.expected_start_time) AS at
      FROM json_each(?) d CROSS JOIN json_each(?) t CROSS JOIN flow_run r WHERE r.rowid IN
      (SELECT x.rowid FROM flow_run x WHERE x.deployment_id = d.value AND x.state_type = t.value
        AND x.next_scheduled_start_time IS NULL ORDER BY x.rowid DESC LIMIT ${MARKS})`;

/**
 * The newest runs of each deployment that do not wait, by deployment. Of every state the newest few: in the index of runs by deployment
 * and state, those without a next start lie in the order of their making, so that none of the older ones is read.
 */
async function lastRuns(db: Db, ids: readonly Id[]): Promise<Map<Id, RunMark[]>> {
  const rows = await queryAll<RunMark & { deployment_id: Id }>(
    db,
    LAST_RUNS,
    [JSON.stringify(ids), JSON.stringify(STATE_TYPES.filter((type) => type !== "SCHEDULED"))],
  );
  const newest = rows.sort((a, b) => (a.at ?? "") < (b.at ?? "") ? 1 : (a.at ?? "") > (b.at ?? "") ? -1 : 0);
  const all = Map.groupBy(newest, ({ deployment_id }) => deployment_id);
  return new Map([...all].map(([id, runs]) => [id, runs.slice(0, MARKS).map(({ deployment_id: _, ...run }) => run)]));
}

/** In words for people: columns of a version, and what it is said that changed when they did. */
const PARTS = [
  ["bundle_hash", "code"],
  ["flow_runner", "runner"],
  ["parameter_openapi_schema", "parameters"],
  ["entrypoint", "entrypoint"],
  ["pull_steps", "pull steps"],
  ["storage", "storage"],
  ["secrets", "secrets"],
  ["flowctl_version", "flowctl"],
] as const satisfies [keyof DeploymentVersionTable, string][];

/** The versions of a deployment, the newest first, each with what differs from the one before. */
export async function versionsOfDeployment(db: Db, id: Id): Promise<DeploymentVersionRow[]> {
  const rows = await queryAll<DeploymentVersionTable & { current: number }>(
    db,
    `SELECT v.*, d.version_id = v.id AS current FROM deployment_version v JOIN deployment d ON d.id = v.deployment_id
      WHERE v.deployment_id = ? ORDER BY v.number DESC LIMIT ?`,
    [id, MOST_VERSIONS + 1],
  );
  return rows.slice(0, MOST_VERSIONS).map((row, i) => {
    const before = rows[i + 1];
    return {
      id: row.id,
      number: row.number,
      created: row.created,
      archived: row.archived,
      current: row.current === 1,
      bundle_hash: row.bundle_hash,
      content_hash: row.content_hash,
      flowctl_version: row.flowctl_version,
      image: imageFor(fromJsonOrNull(row.flow_runner), fromJsonOrNull(row.storage)),
      entrypoint: row.entrypoint,
      changed: before === undefined ? [] : PARTS.filter(([key]) => row[key] !== before[key]).map(([, word]) => word),
    };
  });
}
