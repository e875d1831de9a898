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

/** So many records are read at once, of all runs together. */
const PAGE = 1000;
/** A run with more sub-flows is shown without the rest of them. */
const MOST_RUNS = 200;
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

/** By time, then as they were stored. */
const isBefore = (a: Row, b: Row): boolean => a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.id < b.id);

/** The run, and sub-flows that ran in the same process. */
const RUNS = `WITH RECURSIVE run (id) AS (
  SELECT ?1 UNION SELECT r.id FROM run JOIN task_run t ON t.flow_run_id = run.id
    JOIN flow_run r ON r.parent_task_run_id = t.id WHERE r.deployment_id IS NULL)
  SELECT id FROM run LIMIT ${MOST_RUNS}`;

// Each run by itself, so that the index gives the order and nothing is sorted.
const SELECT = `SELECT id, name, level, message, timestamp FROM log WHERE flow_run_id = ?1 AND name <> 'flowctl.Agent'
  AND (?2 = '' OR (key > ?2 AND key < ?3))`;

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
  const runs = (await queryAll<{ id: Id }>(db, RUNS, [flowRunId])).map(({ id }) => id);
  // Keys are `<attempt>:<kind>…`.
  const keys = attempt === undefined ? ["", ""] : [`${attempt}:`, `${attempt};`];
  if (tail !== undefined) {
    const last: Row[] = [];
    const sql = `${SELECT} ORDER BY timestamp DESC, id DESC LIMIT ?4`;
    for (const id of runs) for (const row of await queryAll<Row>(db, sql, [id, ...keys, tail])) last.push(row);
    last.sort((a, b) => isBefore(a, b) ? -1 : 1);
    yield last.slice(-tail).map(textOf).join("");
    return;
  }
  const size = Math.max(20, Math.floor(PAGE / runs.length));
  const open = runs.map((id) => ({ id, rows: [] as Row[], next: 0, after: { timestamp: "", id: "" }, isDone: false }));
  let text: string[] = [];
  while (open.length > 0) {
    let first = open[0];
    for (const one of [...open]) {
      if (one.next === one.rows.length && !one.isDone) {
        const sql = `${SELECT} AND (timestamp, id) > (?4, ?5) ORDER BY timestamp, id LIMIT ${size}`;
        one.rows = await queryAll<Row>(db, sql, [one.id, ...keys, one.after.timestamp, one.after.id]);
        one.next = 0;
        one.isDone = one.rows.length < size;
        one.after = one.rows.at(-1) ?? one.after;
      }
      if (one.next === one.rows.length) open.splice(open.indexOf(one), 1);
      else if (first.next === first.rows.length || isBefore(one.rows[one.next], first.rows[first.next])) first = one;
    }
    if (first.next === first.rows.length) break;
    text.push(textOf(first.rows[first.next++]));
    if (text.length < PAGE) continue;
    yield text.join("");
    text = [];
  }
  yield text.join("");
}
