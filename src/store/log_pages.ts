/**
 * Pages of one run's lines, by time and by arrival.
 *
 * Questions are bounded by what they look at and not only by what they find: a rare word in a million lines is found page by page,
 * and the server answers others in between.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import {
  LOG_START,
  type LogFacets,
  type LogLine,
  type LogLinesFilter,
  type LogPage,
  type LogPageQuery,
} from "../domain/log_pages.ts";
import { LOG_LEVELS, logLevelName } from "../domain/log_levels.ts";
import { FlowctlError } from "../support/errors.ts";
import { type Condition, containing } from "./conditions.ts";
import type { Db } from "./database.ts";

/** The most lines that one page looks at to find those that match. */
export const MOST_LOOKED_AT = 20_000;

/** As long as no more lines than these arrived in all runs, they are looked at in the order of arrival; else the run's own are. */
export const MOST_ARRIVALS = 10_000;

/** The most lines that are counted. */
export const MOST_COUNTED = 50_000;

/** The most tasks that are offered. */
export const MOST_TASKS = 500;

interface Key {
  timestamp: string;
  id: string;
}
type Filter = LogLinesFilter & { flow_run_id: string };
type Row = Omit<LogLine, "is_cut"> & { is_cut: number };

const keyOf = (cursor: string): Key =>
  cursor === LOG_START ? { timestamp: "", id: "" } : { timestamp: cursor.slice(0, 32), id: cursor.slice(33) };
const cursorOf = ({ timestamp, id }: Key): string => `${timestamp}_${id}`;

/** The run or task; each has an index that is in order of time. The plus signs keep SQLite from taking the other one. */
const owner = ({ flow_run_id, task_run_id }: Filter): Condition =>
  task_run_id === undefined
    ? sql`log.flow_run_id = ${flow_run_id}`
    : sql`log.task_run_id = ${task_run_id} AND +log.flow_run_id = ${flow_run_id}`;

/** What an index can't find; undefined when every line matches. */
function chosen({ level, text }: Filter): Condition | undefined {
  const conditions: Condition[] = [];
  if (level !== undefined) conditions.push(sql`log.level >= ${LOG_LEVELS[level]}`);
  if (text !== undefined && text !== "") {
    conditions.push(sql`log.message LIKE ${containing(text)} ESCAPE '\\'`);
  }
  return conditions.length === 0 ? undefined : sql`${sql.join(conditions, sql` AND `)}`;
}

/** Text ends for `substr` at a NUL, so it is asked only where something is to be cut. */
const columns = (most: number | undefined): RawBuilder<Row> =>
  sql`log.id, log.timestamp, log.level, log.name, log.task_run_id, octet_length(log.message) AS size,
    ${
    most === undefined
      ? sql`log.message, 0 AS is_cut`
      : sql`CASE WHEN octet_length(log.message) > ${most} THEN substr(log.message, 1, ${most}) ELSE log.message END AS message,
    octet_length(log.message) > ${most} AS is_cut`
  }, (SELECT name FROM task_run WHERE task_run.id = log.task_run_id) AS task`;

const lineOf = (row: Row): LogLine => ({ ...row, is_cut: row.is_cut === 1 });

/** The highest arrival so far. Numbers of lines grow, except that those of a project that was deleted are given again. */
async function lastArrival(db: Db): Promise<number> {
  const { rows } = await sql<{ last: number | null }>`SELECT max(rowid) AS last FROM log`.execute(db);
  return rows[0].last ?? 0;
}

/** Lines beside a place, the nearest first, and where to go on; null when there is nothing more. */
async function beside(
  db: Db,
  filter: Filter,
  way: "before" | "after",
  from: Key | undefined,
  { limit, most, including = false }: { limit: number; most?: number; including?: boolean },
): Promise<{ rows: Row[]; next: string | null }> {
  const order = way === "before" ? sql`log.timestamp DESC, log.id DESC` : sql`log.timestamp ASC, log.id ASC`;
  const compare = sql.raw((way === "before" ? "<" : ">") + (including ? "=" : ""));
  const place: Condition = from === undefined
    ? sql`1`
    : sql`(log.timestamp, log.id) ${compare} (${from.timestamp}, ${from.id})`;
  const matches = chosen(filter);
  let end: Key | undefined;
  if (matches !== undefined) {
    const looked = await sql<Key>`SELECT log.timestamp, log.id FROM log WHERE ${owner(filter)} AND ${place}
      ORDER BY ${order} LIMIT 1 OFFSET ${MOST_LOOKED_AT - 1}`.execute(db);
    end = looked.rows[0];
  }
  const until: Condition = end === undefined
    ? sql`1`
    : sql`(log.timestamp, log.id) ${sql.raw(way === "before" ? ">=" : "<=")} (${end.timestamp}, ${end.id})`;
  const { rows } = await sql<Row>`SELECT ${columns(most)} FROM log
    WHERE ${owner(filter)} AND ${place} AND ${until} AND ${matches ?? sql`1`}
    ORDER BY ${order} LIMIT ${limit + 1}`.execute(db);
  if (rows.length > limit) {
    rows.pop();
    return { rows, next: cursorOf(rows[limit - 1]) };
  }
  return { rows, next: end === undefined ? null : cursorOf(end) };
}

/** One page; see {@link LogPage}. @throws {FlowctlError} `not_found` when the run has no line `around`. */
export async function readLogPage(db: Db, flowRunId: string, query: LogPageQuery): Promise<LogPage> {
  const filter = { ...query, flow_run_id: flowRunId };
  const { limit, most, before, after, around, since } = query;
  // Before the lines: what arrives meanwhile is told twice rather than not at all.
  const arrived = await lastArrival(db);
  if (since !== undefined) return await arrivals(db, filter, since > arrived ? 0 : since, arrived, query);
  const page = (records: Row[], older: string | null, newer: string | null) => ({
    records: records.map(lineOf),
    older,
    newer,
    arrived,
  });
  if (after !== undefined) {
    const { rows, next } = await beside(db, filter, "after", keyOf(after), { limit, most });
    return page(rows, after === LOG_START ? null : after, next);
  }
  if (around !== undefined) {
    const { rows: [line] } = await sql<Key>`SELECT timestamp, id FROM log
      WHERE id = ${around} AND flow_run_id = ${flowRunId}`.execute(db);
    if (line === undefined) throw new FlowctlError("not_found", `Log line with id ${around} not found`);
    const half = Math.floor(limit / 2);
    const upper = await beside(db, filter, "before", line, { limit: Math.max(1, half), most });
    const lower = await beside(db, filter, "after", line, { limit: Math.max(1, limit - half), most, including: true });
    return page([...upper.rows.reverse(), ...lower.rows], upper.next, lower.next);
  }
  const { rows, next } = await beside(db, filter, "before", before === undefined ? undefined : keyOf(before), {
    limit,
    most,
  });
  return page(rows.reverse(), next, before ?? null);
}

/**
 * What arrived. The table is in the order of arrival, so a few new lines are found at its end, whichever runs they are of. When many
 * arrived, mostly of other runs, the index of this run has the numbers of its lines, and nothing else is read.
 */
async function arrivals(
  db: Db,
  filter: Filter,
  since: number,
  until: number,
  { limit, most }: LogPageQuery,
): Promise<LogPage> {
  const matches = chosen(filter) ?? sql`1`;
  const task: Condition = filter.task_run_id === undefined ? sql`1` : sql`+log.task_run_id = ${filter.task_run_id}`;
  const numbers = until - since <= MOST_ARRIVALS
    ? sql`SELECT log.rowid AS number FROM log NOT INDEXED WHERE log.rowid > ${since} AND log.rowid <= ${until}
      AND +log.flow_run_id = ${filter.flow_run_id} AND ${task} AND ${matches} ORDER BY log.rowid LIMIT ${limit + 1}`
    : sql`SELECT log.rowid AS number FROM log WHERE ${owner(filter)} AND +log.rowid > ${since}
      AND +log.rowid <= ${until} AND ${matches} ORDER BY +log.rowid LIMIT ${limit + 1}`;
  const { rows } = await sql<Row & { number: number }>`SELECT page.number, ${columns(most)} FROM (${numbers}) page
    CROSS JOIN log ON log.rowid = page.number ORDER BY page.number`.execute(db);
  const isWhole = rows.length <= limit;
  if (!isWhole) rows.pop();
  const arrived = isWhole ? until : rows[limit - 1].number;
  return { records: rows.map(({ number: _, ...row }) => lineOf(row)), older: null, newer: null, arrived };
}

/** What the lines of a run can be filtered by. */
export async function readLogFacets(db: Db, flowRunId: string): Promise<LogFacets> {
  const counted = await sql<{ level: number; count: number }>`SELECT level, count(*) AS count
    FROM (SELECT level FROM log WHERE flow_run_id = ${flowRunId} LIMIT ${MOST_COUNTED + 1}) GROUP BY level`.execute(db);
  const levels = { DEBUG: 0, INFO: 0, WARNING: 0, ERROR: 0, CRITICAL: 0 };
  let sum = 0;
  for (const { level, count } of counted.rows) {
    levels[logLevelName(level)] += count;
    sum += count;
  }
  const tasks = await sql<{ id: string; name: string }>`SELECT id, name FROM task_run
    WHERE flow_run_id = ${flowRunId} AND EXISTS (SELECT 1 FROM log WHERE log.task_run_id = task_run.id)
    ORDER BY name, id LIMIT ${MOST_TASKS + 1}`.execute(db);
  return {
    levels,
    more_lines: sum > MOST_COUNTED,
    tasks: tasks.rows.slice(0, MOST_TASKS),
    more_tasks: tasks.rows.length > MOST_TASKS,
  };
}

/** All lines that match, by time, a page at a time, so that as little is in memory as the reader is slow. */
export async function* allLogLines(db: Db, flowRunId: string, filter: LogLinesFilter): AsyncGenerator<LogLine[]> {
  let after: string | null = LOG_START;
  while (after !== null) {
    const page: LogPage = await readLogPage(db, flowRunId, { ...filter, after, limit: 200 } as LogPageQuery);
    if (page.records.length > 0) yield page.records;
    after = page.newer;
  }
}
