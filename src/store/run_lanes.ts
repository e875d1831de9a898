/**
 * Lanes: the ways through the table of flow runs that have an order of their own, i.e. an index.
 *
 * A page of runs that match a filter is found by walking lanes in order and looking at each run. Filters by state, flow or deployment have
 * lanes of their own, so that rare ones are found at once; for what is rare otherwise a walk ends after so many runs and is gone on with
 * by the next page: the event loop is never blocked for long, however many runs there are.
 *
 * @module
 */

import { type RawBuilder, sql, type SqlBool } from "kysely";
import type { z } from "zod";
import { type FlowRunPageQuery, type Place, UPCOMING_AFTER_SECONDS } from "../domain/flow_run_pages.ts";
import type { FlowRunSort } from "../domain/filters.ts";
import { type Condition, isBetween, joined } from "./conditions.ts";
import { flowRunMatches } from "./filters.ts";
import { timeText } from "./rows.ts";

/** What chooses runs. */
export type Choice = Pick<
  z.output<typeof FlowRunPageQuery>,
  "flows" | "flow_runs" | "task_runs" | "deployments" | "upcoming"
>;

/** An order: what is sorted by, and whether the greatest is first. SQLite sorts NULL below all else. */
export interface Order {
  key: RawBuilder<string | null>;
  descending: boolean;
  /** Whether key and id may be compared as one, which SQLite does for columns only. */
  isColumn: boolean;
}

const column = (name: string, descending: boolean): Order => ({
  key: sql<string | null>`${sql.ref(`flow_run.${name}`)}`,
  descending,
  isColumn: true,
});

// Without table names, so that it is the expression of the index.
const anyStart = (descending: boolean): Order => ({
  key: sql<string | null>`coalesce(start_time, expected_start_time)`,
  descending,
  isColumn: false,
});

/** The orders that pages may have. */
export const ORDERS: Record<FlowRunSort, Order> = {
  ID_DESC: column("id", true),
  START_TIME_ASC: anyStart(false),
  START_TIME_DESC: anyStart(true),
  EXPECTED_START_TIME_ASC: column("expected_start_time", false),
  EXPECTED_START_TIME_DESC: column("expected_start_time", true),
  NAME_ASC: column("name", false),
  NAME_DESC: column("name", true),
  NEXT_SCHEDULED_START_TIME_ASC: column("next_scheduled_start_time", false),
  END_TIME_DESC: column("end_time", true),
};

/** One way through the table. */
export interface Lane {
  from: RawBuilder<unknown>;
  where: Condition;
  /** Whether so few runs are on it that it is walked to its end. */
  short: boolean;
}

/** The most values that have lanes of their own. */
const MOST_LANES = 20;

const TABLE = sql`flow_run`;
const EVERYTHING: Lane = { from: TABLE, where: joined([]), short: false };

const lane = (name: string) => (value: string): Lane => ({
  from: TABLE,
  where: sql<SqlBool>`${sql.ref(`flow_run.${name}`)} = ${value}`,
  short: false,
});

/** The lanes of the states that a choice names; undefined when any may be. Late runs are few, and sorted when they are asked for. */
function stateLanes({ flow_runs }: Choice): Lane[] | undefined {
  if (flow_runs?.operator === "or_" || flow_runs?.state === undefined) return undefined;
  const { type, name, operator } = flow_runs.state;
  const types = type?.any_ && [...new Set(type.any_)];
  if (name?.any_ === undefined || (operator !== "or_" && types !== undefined)) return types?.map(stateLane);
  if (name.any_.some((one) => one !== "Late")) return undefined;
  if (operator === "or_" && type !== undefined && types === undefined) return undefined;
  const isOther = (types ?? []).map((type) => sql<SqlBool>`flow_run.state_type <> ${type}`);
  const late: Lane = {
    from: sql`flow_run INDEXED BY flow_run_by_state_name`,
    where: joined([sql<SqlBool>`flow_run.state_name = 'Late'`, ...isOther]),
    short: true,
  };
  return [...types?.map(stateLane) ?? [], ...name.any_.length === 0 ? [] : [late]];
}

/** The ids of flows or deployments that runs must have; undefined when any may. */
function idsOf(choice: Choice, noun: "flows" | "deployments"): string[] | undefined {
  const { id, operator } = choice[noun] ?? {};
  if (operator !== "or_" && id?.any_ !== undefined) return id.any_;
  const own = choice.flow_runs?.deployment_id;
  if (noun === "flows" || own === undefined || own.operator === "or_" || own.is_null_ !== undefined) return undefined;
  return choice.flow_runs?.operator === "or_" ? undefined : own.any_;
}

const few = (values: string[] | undefined) => values !== undefined && values.length <= MOST_LANES;

/** The lanes of flows or deployments that a choice names; undefined without. */
export function nounLanes(choice: Choice): Lane[] | undefined {
  const [deployments, flows] = [idsOf(choice, "deployments"), idsOf(choice, "flows")];
  if (few(deployments)) return [...new Set(deployments)].map(lane("deployment_id"));
  return few(flows) ? [...new Set(flows)].map(lane("flow_id")) : undefined;
}

/** The lane of a state. */
export const stateLane = lane("state_type");

/** The lanes in which all that matches is found, each run in one of them. */
export function lanesOf(choice: Choice, sort: FlowRunSort): Lane[] {
  const { flow_runs } = choice;
  const ids = flow_runs?.operator === "or_" ? undefined : flow_runs?.id?.any_;
  if (ids !== undefined) {
    const from = sql`(SELECT DISTINCT value FROM json_each(${
      JSON.stringify(ids)
    })) one CROSS JOIN flow_run ON flow_run.id = one.value`;
    return [{ from, where: joined([]), short: true }];
  }
  // The indexes of lanes have this order.
  if (!sort.startsWith("EXPECTED_START_TIME")) return [EVERYTHING];
  return nounLanes(choice) ?? stateLanes(choice) ?? [EVERYTHING];
}

/** What all runs that match have in common of their expected start, if they have one at all. */
export function timesOf({ flow_runs, upcoming }: Choice, now: Temporal.Instant): Condition {
  const asked = flow_runs?.operator === "or_" ? undefined : flow_runs?.expected_start_time;
  return joined([
    asked === undefined ? undefined : isBetween("flow_run.expected_start_time", asked.after_, asked.before_),
    upcoming === false ? isBetween("flow_run.expected_start_time", undefined, soon(now)) : undefined,
  ]);
}

const soon = (now: Temporal.Instant) => timeText(now.add({ seconds: UPCOMING_AFTER_SECONDS }));

/** Which runs match; undefined when all do. */
export function matchesOf(choice: Choice, now: Temporal.Instant): Condition | undefined {
  const { flows, flow_runs, task_runs, deployments, upcoming } = choice;
  const filters = { flows, flow_runs, task_runs, deployments };
  const isFiltered = Object.values(filters).some((filter) => filter !== undefined);
  if (!isFiltered && upcoming !== false) return undefined;
  return joined([
    isFiltered ? flowRunMatches(filters) : undefined,
    upcoming === false
      ? sql<SqlBool>`(flow_run.expected_start_time IS NULL OR flow_run.expected_start_time <= ${soon(now)})`
      : undefined,
  ]);
}

/** What lies beyond a place. Both parts of an order, of values and of NULLs, are asked for apart, so that each is a range of the index. */
export function beyond({ key, descending, isColumn }: Order, isNull: boolean, place: Place | undefined): Condition {
  const part = isNull ? sql<SqlBool>`${key} IS NULL` : sql<SqlBool>`${key} IS NOT NULL`;
  if (place === undefined || (place.key === null) !== isNull) return part;
  const than = sql.raw(descending ? "<" : ">");
  if (place.key === null) return sql<SqlBool>`${part} AND flow_run.id ${than} ${place.id}`;
  if (isColumn) return sql<SqlBool>`(${key}, flow_run.id) ${than} (${place.key}, ${place.id})`;
  return sql<
    SqlBool
  >`${key} ${than}= ${place.key} AND (${key} ${than} ${place.key} OR flow_run.id ${than} ${place.id})`;
}
