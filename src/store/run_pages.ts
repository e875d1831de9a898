/**
 * Pages of flow runs: which runs are next in an order. What is shown of them is in `listed_runs.ts`.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { Place } from "../domain/flow_run_pages.ts";
import type { FlowRunSort } from "../domain/filters.ts";
import type { Condition } from "./conditions.ts";
import { joined } from "./conditions.ts";
import type { Db } from "./database.ts";
import { beyond, type Choice, type Lane, lanesOf, matchesOf, type Order, ORDERS, timesOf } from "./run_lanes.ts";

/** So many runs are looked at for one page; what matches beyond them is another page's. */
export const MOST_LOOKED_AT = 6_000;

/** A run's place, and the number of its row. */
export interface Found extends Place {
  number: number;
}

/** See {@link walk}. */
export interface Walked {
  /** In the order walked. */
  found: Found[];
  /** Where to go on; undefined at the end. */
  next: Place | undefined;
}

/** What {@link walk} is told. */
export interface Walk {
  choice: Choice;
  sort: FlowRunSort;
  limit: number;
  /** Runs beyond it; from the beginning when undefined. */
  from: Place | undefined;
  /** Against the order: from a place towards the beginning. */
  backwards?: boolean;
  now: Temporal.Instant;
  /** Other than {@link MOST_LOOKED_AT} in tests only. */
  budget?: number;
}

/** Finds the next runs that match. Answers fewer than asked for, or none, also when it looked at {@link MOST_LOOKED_AT} in vain. */
export async function walk(
  db: Db,
  { choice, sort, limit, from, backwards = false, now, budget }: Walk,
): Promise<Walked> {
  const order = backwards ? { ...ORDERS[sort], descending: !ORDERS[sort].descending } : ORDERS[sort];
  const lanes = lanesOf(choice, sort);
  const most = Math.ceil((budget ?? MOST_LOOKED_AT) / Math.max(1, lanes.length));
  const matches = matchesOf(choice, now);
  const times = sort.startsWith("EXPECTED_START_TIME") ? timesOf(choice, now) : undefined;
  const walked: Walked[] = [];
  for (const lane of lanes) {
    walked.push(await walkLane(db, { lane, order, limit, from, matches, times, most }));
  }
  if (walked.length === 1) return walked[0];
  // Beyond the nearest place where a lane was left nobody knows what comes first.
  const before = (a: Place, b: Place) => compare(order, a, b) < 0;
  let end: Place | undefined;
  for (const { next } of walked) if (next !== undefined && (end === undefined || before(next, end))) end = next;
  const known = walked.flatMap(({ found }) => found).sort((a, b) => compare(order, a, b))
    .filter((one) => end === undefined || !before(end, one));
  if (known.length <= limit) return { found: known, next: end };
  return { found: known.slice(0, limit), next: known[limit - 1] };
}

/** The order of two places; only of times and ids, which JavaScript compares as SQLite does. */
function compare({ descending }: Order, a: Place, b: Place): number {
  const sign = descending ? -1 : 1;
  if (a.key === b.key) return a.id < b.id ? -sign : a.id > b.id ? sign : 0;
  if (a.key === null) return -sign;
  if (b.key === null) return sign;
  return a.key < b.key ? -sign : sign;
}

interface LaneWalk {
  lane: Lane;
  order: Order;
  limit: number;
  from: Place | undefined;
  matches: Condition | undefined;
  times: Condition | undefined;
  most: number;
}

async function walkLane(db: Db, { lane, order, limit, from, matches, times, most }: LaneWalk): Promise<Walked> {
  const found: Found[] = [];
  // NULL is the least.
  for (const isNull of order.descending ? [false, true] : [true, false]) {
    // The part that the place lies beyond is over.
    if (from !== undefined && (from.key === null) !== isNull && isNull !== order.descending) continue;
    const wanted = limit - found.length + 1;
    const where = joined([lane.where, beyond(order, isNull, from), isNull ? undefined : times]);
    const way = sql.raw(order.descending ? "DESC" : "ASC");
    const candidates = (limit: number) =>
      sql<
        Found
      >`SELECT flow_run.rowid AS number, ${order.key} AS key, flow_run.id AS id FROM ${lane.from} WHERE ${where}
        ORDER BY ${order.key} ${way}, flow_run.id ${way} LIMIT ${limit}`;
    const isBounded = matches !== undefined && !lane.short;
    const rows = await all(
      db,
      matches === undefined
        ? candidates(wanted)
        // The inner question is walked only as far as the outer one wants.
        : sql<Found>`SELECT place.number, place.key, place.id FROM (${candidates(isBounded ? most : -1)}) place
            CROSS JOIN flow_run ON flow_run.rowid = place.number WHERE ${matches} LIMIT ${wanted}`,
    );
    found.push(...rows);
    if (found.length > limit) return { found: found.slice(0, limit), next: found[limit - 1] };
    if (!isBounded) continue;
    const [left] = await all(db, sql<Found>`${candidates(1)} OFFSET ${most - 1}`);
    if (left !== undefined) return { found, next: left };
  }
  return { found, next: undefined };
}

const all = async <T>(db: Db, query: RawBuilder<T>): Promise<T[]> => (await query.execute(db)).rows;
