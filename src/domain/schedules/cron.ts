/**
 * The dates of cron schedules, as Prefect gets them from `croniter`: wall-clock times first, which become instants as
 * pendulum does it. A time that does not exist falls on the same minute after the change (02:30 on 03:30); one that happens
 * twice counts at its second time, once.
 *
 * @module
 */

import { type Allowed, type CronFields, parseCron } from "./cron_fields.ts";
import type { CronSchedule } from "./schema.ts";
import { instantsOf, WallClock, type WallTime } from "./wall_clock.ts";

const DAY_MS = 86_400_000;
/** `croniter` looks this far ahead for the next date and then gives up. */
const YEARS_AHEAD = 50;

const allows = (allowed: Allowed, value: number) => allowed === "*" || allowed.has(value);

const listed = (allowed: Allowed, size: number): number[] =>
  allowed === "*" ? Array.from({ length: size }, (_, n) => n) : [...allowed].sort((a, b) => a - b);

/** The instants of a cron schedule from `fromMs` on, in milliseconds, ascending. Ends when 50 years hold none. */
export function cronInstants(schedule: CronSchedule, fromMs: number): Generator<number> {
  const clock = new WallClock(schedule.timezone ?? "UTC", "later");
  const walls = cronWallTimes(parseCron(schedule.cron), schedule.day_or, clock.earliestWallFrom(fromMs));
  return instantsOf(walls, clock, fromMs);
}

/** The wall-clock times that fit, ascending. */
export function* cronWallTimes(cron: CronFields, dayOr: boolean, from: WallTime): Generator<WallTime> {
  const hours = listed(cron.hours, 24);
  const minutes = listed(cron.minutes, 60);
  const seconds = listed(cron.seconds, 60);
  let day = Math.floor(from / DAY_MS) * DAY_MS;
  let lastYear = new Date(day).getUTCFullYear() + YEARS_AHEAD;
  for (;;) {
    const date = new Date(day);
    const year = date.getUTCFullYear();
    if (year > lastYear) return;
    if (!allows(cron.years, year)) {
      day = Date.UTC(year + 1, 0, 1);
      continue;
    }
    if (!allows(cron.months, date.getUTCMonth() + 1)) {
      day = Date.UTC(year, date.getUTCMonth() + 1, 1);
      continue;
    }
    if (fits(cron, dayOr, date)) {
      lastYear = year + YEARS_AHEAD;
      for (const hour of hours) {
        if (day + (hour + 1) * 3_600_000 <= from) continue;
        for (const minute of minutes) {
          for (const second of seconds) {
            const wall = day + ((hour * 60 + minute) * 60 + second) * 1000;
            if (wall >= from) yield wall;
          }
        }
      }
    }
    day += DAY_MS;
  }
}

/**
 * Whether a day is one. `W` and `#` are checked whatever `day_or` says: `croniter` looks at them in both of its passes, so
 * `0 0 1 * 5#2` is the second Friday only.
 */
function fits(cron: CronFields, dayOr: boolean, date: Date): boolean {
  const eitherDay = dayOr && cron.weekdays !== "*" && (cron.days !== "*" || cron.lastDay);
  const byDay = fitsDay(cron, date);
  const byWeekday = fitsWeekday(cron, date);
  if (!eitherDay) return byDay && byWeekday;
  const alsoNeedsDay = cron.nearestWeekday !== undefined;
  const alsoNeedsWeekday = cron.nthWeekdays.size > 0;
  return (byDay && (!alsoNeedsWeekday || byWeekday)) || (byWeekday && (!alsoNeedsDay || byDay));
}

function fitsDay(cron: CronFields, date: Date): boolean {
  const day = date.getUTCDate();
  if (cron.nearestWeekday !== undefined) return day === nearestWeekday(date, cron.nearestWeekday);
  return allows(cron.days, day) || (cron.lastDay && day === lastDayOf(date));
}

function fitsWeekday(cron: CronFields, date: Date): boolean {
  const weekday = date.getUTCDay();
  if (cron.nthWeekdays.size === 0) return allows(cron.weekdays, weekday);
  const which = cron.nthWeekdays.get(weekday);
  if (!which) return false;
  const day = date.getUTCDate();
  return which.has(Math.ceil(day / 7)) || (which.has("l") && day + 7 > lastDayOf(date));
}

const lastDayOf = (date: Date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** The working day nearest to a day of the date's month, inside that month. */
function nearestWeekday(date: Date, wanted: number): number {
  const last = lastDayOf(date);
  const day = Math.min(wanted, last);
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day > 1 ? day - 1 : day + 2;
  if (weekday === 0) return day < last ? day + 1 : day - 2;
  return day;
}
