/**
 * Schedules: when a deployment runs by itself. Pure; the present is an argument.
 *
 * What cannot run is refused when it is made ({@link completeSchedule}), never stored silently.
 *
 * @module
 */

import { FlowctlError } from "../../support/errors.ts";
import { formatInstant } from "../../support/clock.ts";
import { cronInstants } from "./cron.ts";
import { describeSchedule } from "./describe.ts";
import { intervalInstants } from "./interval.ts";
import { rruleInstants } from "./rrule.ts";
import { Schedule } from "./schema.ts";

export { describeSchedule } from "./describe.ts";
export { CronSchedule, IntervalSchedule, RRuleSchedule, Schedule } from "./schema.ts";

/** See {@link nextDates}. */
export interface NextDatesOptions {
  /** No date is earlier; one that falls exactly here counts. */
  from: Temporal.Instant;
  /** At most this many dates. */
  limit: number;
  /** No date is later; one that falls exactly here counts. */
  until?: Temporal.Instant;
}

/** Nothing is scheduled beyond the year 9999, whose dates have the width that the wire and the store expect. */
const LAST = Temporal.Instant.from("9999-12-31T23:59:59Z");

/**
 * The dates of a schedule: ascending, one per instant, the same however the time is cut into pieces.
 *
 * Fewer than `limit` when the schedule ends. On days when clocks change it follows Prefect 2.20; see `cron.ts`, `interval.ts`
 * and `rrule.ts`.
 *
 * @throws {FlowctlError} `invalid` when no next date is found by a bounded search (sparse or impossible RRULEs).
 *
 * @example
 * ```ts
 * import { nextDates, Schedule } from "./mod.ts";
 *
 * const daily = Schedule.parse({ cron: "0 9 * * *", timezone: "Europe/London" });
 * const [first] = nextDates(daily, { from: Temporal.Instant.from("2026-07-01T00:00:00Z"), limit: 1 });
 * console.assert(first.toString() === "2026-07-01T08:00:00Z");
 * ```
 */
export function nextDates(schedule: Schedule, { from, limit, until = LAST }: NextDatesOptions): Temporal.Instant[] {
  const dates: Temporal.Instant[] = [];
  if (limit <= 0) return dates;
  const last = Temporal.Instant.compare(until, LAST) < 0 ? until : LAST;
  for (const date of instantsFrom(schedule, from)) {
    if (Temporal.Instant.compare(date, last) > 0) break;
    dates.push(date);
    if (dates.length >= limit) break;
  }
  return dates;
}

function* instantsFrom(schedule: Schedule, from: Temporal.Instant): Generator<Temporal.Instant> {
  if (Temporal.Instant.compare(from, LAST) > 0) return;
  if ("interval" in schedule) {
    for (const us of intervalInstants(schedule, from)) yield new Temporal.Instant(us * 1000n);
    return;
  }
  // Whole seconds from here on, so rounding the start up loses nothing.
  const fromMs = from.round({ smallestUnit: "millisecond", roundingMode: "ceil" }).epochMilliseconds;
  const all = "cron" in schedule ? cronInstants(schedule, fromMs) : rruleInstants(schedule, fromMs);
  for (const ms of all) yield Temporal.Instant.fromEpochMilliseconds(ms);
}

/**
 * A schedule as it is stored: an interval without anchor begins now (Prefect 2.20), and one that never runs is refused.
 *
 * @throws {FlowctlError} `invalid`: no date is left (a `COUNT` or `UNTIL` that is over, the 30th of February).
 */
export function completeSchedule(schedule: Schedule, now: Temporal.Instant): Schedule {
  const complete = "interval" in schedule && schedule.anchor_date === undefined
    ? { ...schedule, anchor_date: formatInstant(now) }
    : schedule;
  if (nextDates(complete, { from: now, limit: 1 }).length > 0) return complete;
  throw new FlowctlError("invalid", `Cannot use schedule "${describeSchedule(complete)}": it has no date after now`, {
    hint: "Look at its day and month, COUNT and UNTIL.",
  });
}
