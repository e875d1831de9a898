/**
 * Log records. They have no foreign key: they outlive their runs, as in Prefect.
 *
 * @module
 */

import { sql } from "kysely";
import type { z } from "zod";
import type { LogQuery } from "../domain/filters.ts";
import type { Log, LogCreate } from "../domain/logs.ts";
import { newId } from "../support/ids.ts";
import { run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { logMatches } from "./filters.ts";
import { limitOf } from "./pages.ts";
import { timeText } from "./rows.ts";
import type { LogTable } from "./tables.ts";

const INSERT = `INSERT INTO log (id, created, name, level, message, timestamp, flow_run_id, task_run_id, key)
  VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (flow_run_id, key) DO NOTHING`;

/**
 * Stores records. Those whose key their flow run has already are ignored, so sending a batch again is safe.
 *
 * @returns How many were new.
 */
export async function createLogs(
  tx: Tx,
  records: readonly z.output<typeof LogCreate>[],
  now: Temporal.Instant,
): Promise<number> {
  const created = timeText(now);
  const runs = new Set<string>();
  let stored = 0;
  for (const { name, level, message, timestamp, flow_run_id, task_run_id, key } of records) {
    const values = [newId(), created, name, level, message, timestamp, flow_run_id, task_run_id, key];
    if (await run(tx, INSERT, values) === 0) continue;
    stored++;
    if (flow_run_id !== undefined) runs.add(flow_run_id);
  }
  for (const id of runs) tx.announce({ kind: "logs", flow_run_id: id });
  return stored;
}

/** Default order: TIMESTAMP_ASC; records of the same moment in the order in which they were stored. */
export async function listLogs(db: Db, query: Partial<z.output<typeof LogQuery>>): Promise<Log[]> {
  const way = sql.raw(query.sort === "TIMESTAMP_DESC" ? "DESC" : "ASC");
  const { rows } = await sql<LogTable>`SELECT log.* FROM log WHERE ${logMatches(query.logs)}
    ORDER BY log.timestamp ${way}, log.id ${way} LIMIT ${limitOf(query)} OFFSET ${query.offset ?? 0}`.execute(db);
  return rows.map(({ id, created, name, level, message, timestamp, flow_run_id, task_run_id }) => ({
    id,
    created,
    updated: created,
    name,
    level,
    message,
    timestamp,
    flow_run_id,
    task_run_id,
  }));
}
