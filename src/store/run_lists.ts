/**
 * Lists of flow runs and task runs, and sums over them.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { z } from "zod";
import type { Filters, FlowRunQuery, FlowRunSort, HistoryQuery, TaskRunQuery, TaskRunSort } from "../domain/filters.ts";
import type { FlowRun, HistoryInterval } from "../domain/flow_runs.ts";
import type { StateType } from "../domain/states.ts";
import type { TaskRun } from "../domain/task_runs.ts";
import { FlowctlError } from "../support/errors.ts";
import type { Condition } from "./conditions.ts";
import type { Db } from "./database.ts";
import { flowRunMatches, taskRunMatches } from "./filters.ts";
import { flowRunOf, type FlowRunRow } from "./flow_runs.ts";
import { limitOf } from "./pages.ts";
import { JOINED_STATE, type JoinedState, joinedState, timeText } from "./rows.ts";
import type { TaskRunTable } from "./tables.ts";
import { taskRunOf } from "./task_runs.ts";

/** The most intervals of a history; Prefect's number. */
const MOST_INTERVALS = 500;

const order = (table: "flow_run" | "task_run", sort: FlowRunSort | TaskRunSort) => {
  const column = (name: string) => sql.ref(`${table}.${name}`);
  const id = column("id");
  switch (sort) {
    case "ID_DESC":
      return sql`${id} DESC`;
    // Without table names, so that it is the expression of the index.
    case "START_TIME_ASC":
      return sql`coalesce(start_time, expected_start_time) ASC, ${id} ASC`;
    case "START_TIME_DESC":
      return sql`coalesce(start_time, expected_start_time) DESC, ${id} DESC`;
    case "EXPECTED_START_TIME_ASC":
      return sql`${column("expected_start_time")} ASC, ${id} ASC`;
    case "EXPECTED_START_TIME_DESC":
      return sql`${column("expected_start_time")} DESC, ${id} DESC`;
    case "NAME_ASC":
      return sql`${column("name")} ASC, ${id} ASC`;
    case "NAME_DESC":
      return sql`${column("name")} DESC, ${id} DESC`;
    case "NEXT_SCHEDULED_START_TIME_ASC":
      return sql`${column("next_scheduled_start_time")} ASC, ${id} ASC`;
    case "END_TIME_DESC":
      return sql`${column("end_time")} DESC, ${id} DESC`;
  }
};

const stateColumns = sql.raw(JOINED_STATE);

/**
 * The rows of a page. They are chosen by number first, so that sorting moves numbers and not whole runs, and rows that an offset
 * skips are never read.
 */
const pageOf = (
  table: "flow_run" | "task_run",
  matches: Condition,
  query: { sort?: FlowRunSort | TaskRunSort | undefined; limit?: number | undefined; offset?: number | undefined },
) =>
  sql`(SELECT ${sql.table(table)}.rowid AS number FROM ${sql.table(table)} WHERE ${matches}
    ORDER BY ${order(table, query.sort ?? "ID_DESC")} LIMIT ${limitOf(query)} OFFSET ${query.offset ?? 0}) page
    CROSS JOIN ${sql.table(table)} ON ${sql.table(table)}.rowid = page.number`;

/** The question of {@link listFlowRuns}; apart, so that a test can look at its plan. */
export const flowRunsQuery = (query: Partial<z.output<typeof FlowRunQuery>>): RawBuilder<FlowRunRow & JoinedState> =>
  sql<FlowRunRow & JoinedState>`
    SELECT flow_run.*, (SELECT flow.project FROM flow WHERE flow.id = flow_run.flow_id) AS project, ${stateColumns}
    FROM ${pageOf("flow_run", flowRunMatches(query), query)} LEFT JOIN flow_run_state s ON s.id = flow_run.state_id
    ORDER BY ${order("flow_run", query.sort ?? "ID_DESC")}`;

/** Default order: ID_DESC. The estimates are of `now`. */
export async function listFlowRuns(
  db: Db,
  query: Partial<z.output<typeof FlowRunQuery>>,
  now: Temporal.Instant,
): Promise<FlowRun[]> {
  const { rows } = await flowRunsQuery(query).execute(db);
  const at = timeText(now);
  return rows.map((row) => flowRunOf(row, joinedState(row), at));
}

/** How many flow runs match. */
export async function countFlowRuns(db: Db, filters: Filters): Promise<number> {
  const row = await db.selectFrom("flow_run").where(flowRunMatches(filters))
    .select((q) => q.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
  return row.count;
}

/** The question of {@link listTaskRuns}; apart, so that a test can look at its plan. */
export const taskRunsQuery = (query: Partial<z.output<typeof TaskRunQuery>>): RawBuilder<TaskRunTable & JoinedState> =>
  sql<TaskRunTable & JoinedState>`
    SELECT task_run.*, ${stateColumns} FROM ${pageOf("task_run", taskRunMatches(query), query)}
    LEFT JOIN task_run_state s ON s.id = task_run.state_id ORDER BY ${order("task_run", query.sort ?? "ID_DESC")}`;

/** Default order: ID_DESC. The estimates are of `now`. */
export async function listTaskRuns(
  db: Db,
  query: Partial<z.output<typeof TaskRunQuery>>,
  now: Temporal.Instant,
): Promise<TaskRun[]> {
  const { rows } = await taskRunsQuery(query).execute(db);
  const at = timeText(now);
  return rows.map((row) => taskRunOf(row, joinedState(row), at));
}

/** How many task runs match. */
export async function countTaskRuns(db: Db, filters: Filters): Promise<number> {
  const row = await db.selectFrom("task_run").where(taskRunMatches(filters))
    .select((q) => q.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
  return row.count;
}

const seconds = (column: string) => sql<number>`unixepoch(${sql.ref(column)}, 'subsec')`;

/** `estimated_run_time` and `estimated_start_time_delta` in SQL, to the millisecond; `rows.ts` has them exactly. */
const runTime = (table: string, now: number) =>
  sql<number>`(${sql.ref(`${table}.total_run_time`)} + CASE WHEN ${sql.ref(`${table}.state_type`)} = 'RUNNING'
    THEN max(0, ${now} - ${seconds(`${table}.state_timestamp`)}) ELSE 0 END)`;
const lateness = (table: string, now: number) => {
  const [start, expected, type] = ["start_time", "expected_start_time", "state_type"].map((c) => `${table}.${c}`);
  return sql<number>`max(0, CASE WHEN ${sql.ref(start)} IS NOT NULL THEN ${seconds(start)} - ${seconds(expected)}
    WHEN ${sql.ref(type)} IN ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') THEN 0
    ELSE ${now} - ${seconds(expected)} END)`;
};

/** The mean of `estimated_start_time_delta` over the matching runs, in seconds; null when there are none. */
export async function flowRunLateness(db: Db, filters: Filters, now: Temporal.Instant): Promise<number | null> {
  const { rows } = await sql<{ mean: number | null }>`
    SELECT avg(${lateness("flow_run", now.epochMilliseconds / 1000)}) AS mean FROM flow_run
    WHERE ${flowRunMatches(filters)}`.execute(db);
  return rows[0].mean;
}

interface HistoryRow {
  bucket: number;
  state_type: StateType;
  state_name: string;
  count_runs: number;
  sum_estimated_run_time: number;
  sum_estimated_lateness: number;
}

/**
 * Runs per interval of `expected_start_time` and state. Empty intervals are listed; an interval holds its start and not its
 * end; the last one is whole, also when the history ends within it; there are at least one and at most {@link MOST_INTERVALS}.
 */
export const flowRunHistory = (db: Db, query: z.output<typeof HistoryQuery>, now: Temporal.Instant) =>
  history(db, "flow_run", query, now);

/** As {@link flowRunHistory}, of task runs. */
export const taskRunHistory = (db: Db, query: z.output<typeof HistoryQuery>, now: Temporal.Instant) =>
  history(db, "task_run", query, now);

async function history(
  db: Db,
  table: "flow_run" | "task_run",
  query: z.output<typeof HistoryQuery>,
  now: Temporal.Instant,
): Promise<HistoryInterval[]> {
  const start = Temporal.Instant.from(query.history_start);
  const end = Temporal.Instant.from(query.history_end);
  if (query.history_interval_seconds < 1) {
    throw new FlowctlError("invalid", "History interval must not be less than 1 second.");
  }
  const stepMs = Math.round(query.history_interval_seconds * 1000);
  const intervals: HistoryInterval[] = [];
  let from = start;
  do {
    const to = from.add({ milliseconds: stepMs });
    intervals.push({ interval_start: timeText(from), interval_end: timeText(to), states: [] });
    from = to;
  } while (Temporal.Instant.compare(from, end) < 0 && intervals.length < MOST_INTERVALS);
  const last = timeText(from);
  const expected = `${table}.expected_start_time`;
  const at = now.epochMilliseconds / 1000;
  const { rows } = await sql<HistoryRow>`
    SELECT CAST((round(${seconds(expected)} * 1000) - ${start.epochMilliseconds}) / ${stepMs} AS INTEGER) AS bucket,
      ${sql.ref(`${table}.state_type`)} AS state_type, ${sql.ref(`${table}.state_name`)} AS state_name,
      count(*) AS count_runs, sum(${runTime(table, at)}) AS sum_estimated_run_time,
      sum(${lateness(table, at)}) AS sum_estimated_lateness
    FROM ${sql.table(table)}
    WHERE ${sql.ref(expected)} >= ${timeText(start)} AND ${sql.ref(expected)} < ${last}
      AND ${sql.ref(`${table}.state_type`)} IS NOT NULL
      AND ${table === "flow_run" ? flowRunMatches(query) : taskRunMatches(query)}
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`.execute(db);
  for (const { bucket, ...state } of rows) intervals[bucket]?.states.push(state);
  return intervals;
}
