/**
 * The dates of RRULE schedules, as Prefect gets them from `dateutil`: rules run on the wall clock of the schedule's zone. A
 * time that does not exist falls before the change (02:30 on 01:30), one that happens twice counts at its first time, once.
 *
 * The library enumerates single rules in UTC, which stands for the wall clock; sets, exclusions and zones are ours. The only
 * importer of `rrule-temporal`.
 *
 * @module
 */

import { RRuleTemporal } from "rrule-temporal";
import { FlowctlError } from "../../support/errors.ts";
import { parseRRule, type Rule, type RuleSet } from "./rrule_text.ts";
import { isDayFilter, yearlyTimes } from "./rrule_yearly.ts";
import type { RRuleSchedule } from "./schema.ts";
import { instantsOf, WallClock, type WallTime } from "./wall_clock.ts";

/** Periods that are looked at for one date; some 27 years of daily ones. */
const MOST_PERIODS = 10_000;
const MOST_CANDIDATES = 200_000;

/**
 * The instants of an RRULE schedule from `fromMs` on, in milliseconds, ascending. Ends with the last date.
 *
 * @throws {FlowctlError} `invalid` when no date is in reach of a bounded search.
 */
export function rruleInstants(schedule: RRuleSchedule, fromMs: number): Generator<number> {
  const clock = new WallClock(schedule.timezone, "earlier");
  return instantsOf(wallTimes(schedule, clock, clock.earliestWallFrom(fromMs)), clock, fromMs);
}

function* wallTimes(schedule: RRuleSchedule, clock: WallClock, from: WallTime): Generator<WallTime> {
  const set = parseRRule(schedule.rrule);
  const start = Math.ceil(from / 1000) * 1000;
  const timesOf = (rule: Rule) => ruleTimes(rule, set, clock, start, schedule.rrule);
  const excluded = new Set(set.exdates);
  const exclusions = merge(set.exrules.map(timesOf));
  let exclusion = exclusions.next();
  let dropped = 0;
  for (const wall of merge([...set.rules.map(timesOf), listed(set.rdates, start)])) {
    while (!exclusion.done && exclusion.value < wall) exclusion = exclusions.next();
    if (excluded.has(wall) || (!exclusion.done && exclusion.value === wall)) {
      if (++dropped > MOST_PERIODS) throw outOfReach(schedule.rrule, "its exclusions leave no date in reach");
      continue;
    }
    dropped = 0;
    yield wall;
  }
}

function* listed(walls: WallTime[], from: WallTime): Generator<WallTime> {
  for (const wall of [...walls].sort((a, b) => a - b)) if (wall >= from) yield wall;
}

/** Several ascending rows as one, without doubles. */
function* merge(rows: Generator<WallTime>[]): Generator<WallTime> {
  const heads = rows.map((row) => row.next());
  let last = -Infinity;
  for (;;) {
    let first = -1;
    heads.forEach((head, index) => {
      if (!head.done && (first < 0 || head.value < (heads[first].value as number))) first = index;
    });
    if (first < 0) return;
    const wall = heads[first].value as number;
    heads[first] = rows[first].next();
    if (wall > last) yield last = wall;
  }
}

function* ruleTimes(rule: Rule, set: RuleSet, clock: WallClock, from: WallTime, text: string): Generator<WallTime> {
  if (rule.count === 0) return;
  const until = rule.until !== undefined && rule.untilIsUtc ? clock.wallOf(rule.until) : rule.until;
  if (until !== undefined && until < Math.max(from, set.dtstart)) return;
  if (isDayFilter(rule)) return yield* yearlyTimes(rule, set.dtstart, until ?? Infinity, from);
  const {
    count,
    interval,
    freq,
    wkst,
    bySetPos,
    byMonth,
    byMonthDay,
    byYearDay,
    byWeekNo,
    byDay,
    byHour,
    byMinute,
    bySecond,
  } = rule;
  const given = { count, wkst, bySetPos, byMonth, byMonthDay, byYearDay, byWeekNo, byDay, byHour, byMinute, bySecond };
  try {
    const library = new RRuleTemporal({
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      freq,
      interval,
      dtstart: utc(set.dtstart),
      ...(until === undefined ? {} : { until: utc(until) }),
      tzid: "UTC",
      maxIterations: MOST_PERIODS,
      maxCandidateEvaluations: MOST_CANDIDATES,
    });
    for (let at = from, inclusive = true;; inclusive = false) {
      const next = library.next(utc(at), inclusive);
      if (!next) return;
      yield at = Number(next.epochMilliseconds);
    }
  } catch (error) {
    if (!/maximum/i.test(String(error))) throw error;
    throw outOfReach(text, `no date was found within ${MOST_PERIODS} of its periods`, error);
  }
}

const utc = (wall: WallTime) => Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO("UTC");

function outOfReach(text: string, why: string, cause?: unknown): FlowctlError {
  return new FlowctlError("invalid", `Cannot schedule rrule ${JSON.stringify(text)}: ${why}`, {
    hint: "Give a DTSTART near its dates, a longer FREQ, or UNTIL in place of a large COUNT.",
    cause,
  });
}
