/**
 * Versions that were registered of flows, and their tasks.
 *
 * @module
 */

import { type RawBuilder, sql, type SqlBool } from "kysely";
import type { z } from "zod";
import {
  type FlowTask,
  type FlowTaskQuery,
  type FlowVersion,
  type FlowVersionQuery,
  REGISTERED,
} from "../domain/flow_versions.ts";
import { isAnyOf, joined } from "./conditions.ts";
import type { Db } from "./database.ts";
import { flowMatches } from "./filters.ts";
import { limitOf } from "./pages.ts";
import { fromJsonOrNull } from "./rows.ts";
import type { JsonText } from "./tables.ts";

/** How many of a flow's latest runs are asked for its tasks when its registration does not say them. */
const RUNS_ASKED = 20;

type Query = Partial<z.output<typeof FlowVersionQuery>>;

/** One row for each version that is asked for, or for a flow without any. */
const versions = ({ flows, flow_versions: filter }: Query): RawBuilder<unknown> => {
  const isCurrent = filter?.number || filter?.id || filter?.all
    ? undefined
    : sql<SqlBool>`(version.id IS NULL OR version.id = registered.version_id)`;
  const matches = joined([
    flowMatches({ flows }),
    isAnyOf("version.id", filter?.id?.any_),
    isAnyOf("version.number", filter?.number?.any_),
    isCurrent,
  ]);
  return sql`SELECT version.id AS id, flow.id AS flow_id, flow.name AS name, flow.project AS project,
      version.number AS version, coalesce(version.created, flow.created) AS created,
      registered.description AS description, version.parameter_openapi_schema AS parameters,
      version.archived AS archived, version.storage AS storage, version.tasks AS tasks
    FROM flow LEFT JOIN deployment registered ON registered.flow_id = flow.id AND registered.name = ${REGISTERED}
    LEFT JOIN deployment_version version ON version.deployment_id = registered.id WHERE ${matches}`;
};

/** A key without the hash of the task's code, which ours (8 digits) and those of Prefect's client (32) end in. */
const taskName = sql.raw(
  `CASE ${
    [8, 32].map((digits) =>
      `WHEN task_run.task_key GLOB '?*-${
        "[0-9a-f]".repeat(digits)
      }' THEN substr(task_run.task_key, 1, length(task_run.task_key) - ${digits + 1})`
    ).join(" ")
  } ELSE task_run.task_key END`,
);

type VersionRow =
  & Pick<FlowVersion, "id" | "flow_id" | "name" | "project" | "version" | "created" | "description">
  & { parameters: JsonText | null; archived: string | null; storage: JsonText | null };

/** Newest first. */
export async function listFlowVersions(db: Db, query: Query): Promise<FlowVersion[]> {
  const { rows } = await sql<VersionRow>`SELECT * FROM (${versions(query)})
    ORDER BY created DESC, version DESC, flow_id LIMIT ${limitOf(query)} OFFSET ${query.offset ?? 0}`.execute(db);
  return rows.map(({ id, flow_id, name, project, version, created, description, ...row }) => ({
    id,
    flow_id,
    name,
    project,
    version,
    created,
    description,
    parameters: fromJsonOrNull(row.parameters),
    archived: row.archived !== null,
    storage: fromJsonOrNull(row.storage),
  }));
}

type TaskRow = Omit<FlowTask, "mapped"> & { mapped: number | null };

/**
 * Tasks of versions, newest version first. A registration that names no tasks, and a flow without one, has those of its
 * latest runs; what stands for a sub-flow is no task.
 */
export async function listFlowTasks(
  db: Db,
  query: Partial<z.output<typeof FlowTaskQuery>>,
): Promise<FlowTask[]> {
  const columns = sql`v.flow_id, v.name AS flow_name, v.project, v.version AS flow_version, v.created AS registered`;
  const { rows } = await sql<TaskRow>`WITH v AS MATERIALIZED (${versions(query)})
    SELECT task.name, flow_id, flow_name, project, flow_version, created, mapped, source FROM (
      SELECT CASE t.type WHEN 'object' THEN json_extract(t.value, '$.name') ELSE t.value END AS name, ${columns},
        v.created AS created, CASE t.type WHEN 'object' THEN json_extract(t.value, '$.mapped') END AS mapped, 'registration' AS source, t.key AS position
      FROM v, json_each(v.tasks) t
      UNION ALL
      SELECT ${taskName}, ${columns}, min(task_run.created), NULL, 'runs', min(task_run.rowid)
      FROM v JOIN task_run ON task_run.flow_run_id IN (
        SELECT flow_run.id FROM flow_run WHERE flow_run.flow_id = v.flow_id
          AND (v.id IS NULL OR flow_run.deployment_version_id = v.id) ORDER BY flow_run.id DESC LIMIT ${RUNS_ASKED})
      WHERE coalesce(v.tasks, '[]') = '[]'
        AND NOT EXISTS (SELECT 1 FROM flow_run child WHERE child.parent_task_run_id = task_run.id)
      GROUP BY v.flow_id, v.id, ${taskName}
    ) task WHERE ${joined([isAnyOf("task.name", query.tasks?.name?.any_)])}
    ORDER BY registered DESC, flow_id, flow_version DESC, position LIMIT ${limitOf(query)} OFFSET ${query.offset ?? 0}`
    .execute(db);
  return rows.map((row) => ({ ...row, mapped: row.mapped === null ? null : row.mapped === 1 }));
}
