/**
 * How large the database is, and how many rows it has of each noun.
 *
 * @module
 */

import { type Count, MOST_COUNTED, type ServerInfo } from "../domain/server_info.ts";
import { queryOne } from "./connection.ts";
import type { Db } from "./database.ts";

/** In bytes, without the write-ahead log. */
export async function databaseSize(db: Db): Promise<number> {
  const sql = "SELECT page_count * page_size AS size FROM pragma_page_count(), pragma_page_size()";
  return (await queryOne<{ size: number }>(db, sql, []))!.size;
}

/** The number of the last migration. */
export async function schemaNumber(db: Db): Promise<number> {
  return (await queryOne<{ user_version: number }>(db, "PRAGMA user_version", []))!.user_version;
}

/** Rows by noun; large tables are not counted to their end. */
export async function countRows(db: Db): Promise<ServerInfo["counts"]> {
  const of = async (rows: string): Promise<Count> => {
    const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM ${rows} LIMIT ${MOST_COUNTED + 1})`;
    const { count } = (await queryOne<{ count: number }>(db, sql, []))!;
    return { count: Math.min(count, MOST_COUNTED), at_least: count > MOST_COUNTED };
  };
  return {
    projects: await of("project"),
    flows: await of("flow"),
    deployments: await of("deployment"),
    flow_runs: await of("flow_run"),
    task_runs: await of("task_run"),
    logs: await of("log"),
    agents: await of("agent"),
    tokens: await of("token WHERE revoked IS NULL"),
    secrets: await of("secret WHERE name NOT LIKE '%/%'"),
  };
}
