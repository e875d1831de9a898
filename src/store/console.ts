/**
 * What a run's containers printed, put together again from its records: those of the SDK in the shape in which they were printed,
 * other lines as they were. What the agent says of its own was not printed.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import { logLevelName } from "../domain/logs.ts";
import { formatLogLine } from "../support/log.ts";
import { queryAll } from "./connection.ts";
import type { Db } from "./database.ts";

/** So many records are read at once. */
const PAGE = 1000;
/** Records of lines that were printed by something else than the SDK; see `agent/lines.ts`. */
const RAW = new Set(["flowctl.container", "flowctl.process"]);

interface Row {
  id: Id;
  name: string;
  level: number;
  message: string;
  timestamp: string;
}

const textOf = ({ name, level, message, timestamp }: Row): string =>
  RAW.has(name)
    ? `${message}\n`
    : `${formatLogLine(Temporal.Instant.from(timestamp), logLevelName(level), name, message)}\n`;

/** The run, and sub-flows that ran in the same process. */
const RUNS = `WITH RECURSIVE run (id) AS (
  SELECT ?1 UNION SELECT r.id FROM run JOIN task_run t ON t.flow_run_id = run.id
    JOIN flow_run r ON r.parent_task_run_id = t.id WHERE r.deployment_id IS NULL)`;

/**
 * The lines of one attempt, or of all.
 *
 * @param tail Only so many last records.
 * @returns Pieces of text, in order.
 */
export async function* consoleText(
  db: Db,
  { flowRunId, attempt, tail }: { flowRunId: Id; attempt?: number; tail?: number },
): AsyncGenerator<string, void, undefined> {
  const runs = await queryAll<{ id: Id }>(db, `${RUNS} SELECT id FROM run`, [flowRunId]);
  // Keys are `<attempt>:<kind>…`; those of kind "p" are the agent's.
  const [from, to] = attempt === undefined ? ["", ""] : [`${attempt}:`, `${attempt};`];
  const columns = "id, name, level, message, timestamp";
  const where = `flow_run_id IN (SELECT value FROM json_each(?1)) AND name <> 'flowctl.Agent'
    AND (?2 = '' OR (key > ?2 AND key < ?3))`;
  const ids = JSON.stringify(runs.map(({ id }) => id));
  if (tail !== undefined) {
    const last = await queryAll<Row>(
      db,
      `SELECT ${columns} FROM log WHERE ${where} ORDER BY timestamp DESC, id DESC LIMIT ?4`,
      [ids, from, to, tail],
    );
    yield last.reverse().map(textOf).join("");
    return;
  }
  let after = { timestamp: "", id: "" };
  while (true) {
    const rows = await queryAll<Row>(
      db,
      `SELECT ${columns} FROM log WHERE ${where} AND (timestamp, id) > (?4, ?5) ORDER BY timestamp, id LIMIT ${PAGE}`,
      [ids, from, to, after.timestamp, after.id],
    );
    if (rows.length === 0) return;
    yield rows.map(textOf).join("");
    after = rows.at(-1)!;
  }
}
