/**
 * Flows.
 *
 * @module
 */

import { sql } from "kysely";
import type { z } from "zod";
import type { Id } from "../domain/common.ts";
import type { Filters, FlowQuery } from "../domain/filters.ts";
import { DEFAULT_PROJECT, type Flow, type FlowCreate, type FlowUpdate } from "../domain/flows.ts";
import { newId } from "../support/ids.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { flowMatches } from "./filters.ts";
import { limitOf, nameOrder } from "./pages.ts";
import { ensureProject } from "./projects.ts";
import { fromJson, notFound, timeText } from "./rows.ts";
import type { FlowTable } from "./tables.ts";

/** A flow from its row. */
export const flowOf = (row: FlowTable): Flow => ({
  id: row.id,
  created: row.created,
  updated: row.updated,
  name: row.name,
  tags: fromJson(row.tags),
  project: row.project,
});

/** Creates a flow (and its project), or finds it by project and name; an existing one stays as it is, as in Prefect. */
export async function createFlow(
  tx: Tx,
  body: z.output<typeof FlowCreate>,
  now: Temporal.Instant,
): Promise<{ flow: Flow; created: boolean }> {
  const found = await findFlowByName(tx, body.name, body.project);
  if (found) return { flow: found, created: false };
  await ensureProject(tx, body.project, now);
  const flow = { id: newId(), created: timeText(now), updated: timeText(now), ...body };
  await run(tx, "INSERT INTO flow (id, created, updated, name, project, tags) VALUES (?,?,?,?,?,?)", [
    flow.id,
    flow.created,
    flow.updated,
    flow.name,
    flow.project,
    JSON.stringify(flow.tags),
  ]);
  tx.announce({ kind: "flow", id: flow.id });
  return { flow, created: true };
}

/** A flow, or undefined. */
export async function findFlow(db: Db, id: Id): Promise<Flow | undefined> {
  const row = await queryOne<FlowTable>(db, "SELECT * FROM flow WHERE id = ?", [id]);
  return row && flowOf(row);
}

/** @throws {FlowctlError} `not_found` */
export async function readFlow(db: Db, id: Id): Promise<Flow> {
  const found = await findFlow(db, id);
  if (!found) throw notFound("Flow", id);
  return found;
}

/** A flow by name, or undefined. */
export async function findFlowByName(db: Db, name: string, project = DEFAULT_PROJECT): Promise<Flow | undefined> {
  const row = await queryOne<FlowTable>(db, "SELECT * FROM flow WHERE project = ? AND name = ?", [project, name]);
  return row && flowOf(row);
}

/** @throws {FlowctlError} `not_found` */
export async function readFlowByName(db: Db, name: string, project = DEFAULT_PROJECT): Promise<Flow> {
  const found = await findFlowByName(db, name, project);
  if (!found) throw notFound("Flow", `${project}/${name}`);
  return found;
}

/** Default order: NAME_ASC. */
export async function listFlows(db: Db, query: Partial<z.output<typeof FlowQuery>>): Promise<Flow[]> {
  const { rows } = await sql<FlowTable>`SELECT flow.* FROM flow WHERE ${flowMatches(query)}
    ORDER BY ${nameOrder("flow", query.sort)} LIMIT ${limitOf(query)} OFFSET ${query.offset ?? 0}`.execute(db);
  return rows.map(flowOf);
}

/** How many flows match. */
export async function countFlows(db: Db, filters: Filters): Promise<number> {
  const row = await db.selectFrom("flow").where(flowMatches(filters))
    .select((q) => q.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
  return row.count;
}

/** @throws {FlowctlError} `not_found` */
export async function updateFlow(
  tx: Tx,
  id: Id,
  update: z.output<typeof FlowUpdate>,
  now: Temporal.Instant,
): Promise<void> {
  const tags = update.tags && JSON.stringify(update.tags);
  const sql = "UPDATE flow SET updated = ?, tags = coalesce(?, tags) WHERE id = ?";
  if (await run(tx, sql, [timeText(now), tags, id]) === 0) throw notFound("Flow", id);
  tx.announce({ kind: "flow", id });
}

/**
 * Deletes a flow with its deployments, runs, task runs and states; logs stay.
 *
 * @throws {FlowctlError} `not_found`
 */
export async function deleteFlow(tx: Tx, id: Id): Promise<void> {
  const runs = await queryAll<{ id: Id }>(tx, "SELECT id FROM flow_run WHERE flow_id = ?", [id]);
  if (await run(tx, "DELETE FROM flow WHERE id = ?", [id]) === 0) throw notFound("Flow", id);
  tx.announce({ kind: "flow", id });
  for (const { id } of runs) tx.announce({ kind: "flow_run", id, state: null });
}
