/**
 * Yearly rules that name their days in more than one way (`BYWEEKNO`, `BYYEARDAY`, `BYMONTHDAY` with `BYDAY`).
 *
 * The library and `dateutil` differ on these; as in `dateutil`, a day is one when it fits *every* part of the rule.
 *
 * @module
 */

import type { Rule, WallTime } from "./rrule_text.ts";

const DAY_MS = 86_400_000;
const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
/** The calendar repeats itself after 400 years: what has no date in them has none at all. */
const EMPTY_YEARS = 400;

/** Whether a rule is one for {@link yearlyTimes}. */
export function isDayFilter(rule: Rule): boolean {
  return rule.freq === "YEARLY" &&
    (rule.byWeekNo !== undefined || rule.byYearDay !== undefined ||
      (rule.byMonthDay !== undefined && rule.byDay !== undefined));
}

/** The wall-clock times of such a rule from `from` on, ascending. */
export function* yearlyTimes(rule: Rule, dtstart: WallTime, until: WallTime, from: WallTime): Generator<WallTime> {
  const start = new Date(dtstart);
  const times = timesOfDay(rule, start);
  let left = rule.count ?? Infinity;
  let year = start.getUTCFullYear();
  // Without a count the years before `from` need not be looked at.
  const skipped = Math.max(0, Math.floor((new Date(from).getUTCFullYear() - year) / rule.interval) - 1);
  if (rule.count === undefined) year += skipped * rule.interval;
  let found = year;
  for (; year - found <= EMPTY_YEARS * rule.interval && year <= 9999; year += rule.interval) {
    for (const wall of positions(timesOfYear(rule, year, times), rule.bySetPos)) {
      if (wall < dtstart) continue;
      if (wall > until || left-- <= 0) return;
      found = year;
      if (wall >= from) yield wall;
    }
  }
}

function timesOfDay(rule: Rule, start: Date): number[] {
  const hours = rule.byHour ?? [start.getUTCHours()];
  const minutes = rule.byMinute ?? [start.getUTCMinutes()];
  const seconds = rule.bySecond ?? [start.getUTCSeconds()];
  const all = hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => ((h * 60 + m) * 60 + s) * 1000)));
  return [...new Set(all)].sort((a, b) => a - b);
}

function timesOfYear(rule: Rule, year: number, times: number[]): WallTime[] {
  const all: WallTime[] = [];
  const end = Date.UTC(year + 1, 0, 1);
  for (let day = Date.UTC(year, 0, 1); day < end; day += DAY_MS) {
    if (fits(rule, new Date(day))) { for (const time of times) all.push(day + time); }
  }
  return all;
}

function positions(all: WallTime[], wanted: number[] | undefined): WallTime[] {
  if (!wanted) return all;
  const chosen = wanted.map((place) => all.at(place > 0 ? place - 1 : place));
  return [...new Set(chosen.filter((wall) => wall !== undefined))].sort((a, b) => a - b);
}

function fits(rule: Rule, date: Date): boolean {
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  const monthDays = { start: Date.UTC(year, month - 1, 1), end: Date.UTC(year, month, 1) };
  const yearDays = { start: Date.UTC(year, 0, 1), end: Date.UTC(year + 1, 0, 1) };
  if (rule.byMonth && !rule.byMonth.includes(month)) return false;
  if (rule.byMonthDay && !isCounted(rule.byMonthDay, date, monthDays)) return false;
  if (rule.byYearDay && !isCounted(rule.byYearDay, date, yearDays)) return false;
  if (rule.byWeekNo && !fitsWeek(rule.byWeekNo, rule.wkst ?? "MO", date)) return false;
  if (!rule.byDay) return true;
  const weekday = WEEKDAYS[date.getUTCDay()];
  const plain = rule.byDay.filter((day) => day.length === 2);
  const counted = rule.byDay.filter((day) => day.length > 2);
  if (plain.length > 0 && !plain.includes(weekday)) return false;
  // "1MO" is the first Monday of the month when months are named, else of the year.
  const { start, end } = rule.byMonth ? monthDays : yearDays;
  const fromStart = Math.floor((date.getTime() - start) / DAY_MS / 7) + 1;
  const fromEnd = -Math.floor((end - DAY_MS - date.getTime()) / DAY_MS / 7) - 1;
  return counted.length === 0 || counted.includes(`${fromStart}${weekday}`) || counted.includes(`${fromEnd}${weekday}`);
}

/** Whether a day is the n-th of a span, counted from its start (1, 2, …) or its end (-1, -2, …). */
function isCounted(wanted: number[], date: Date, { start, end }: { start: number; end: number }): boolean {
  const place = (date.getTime() - start) / DAY_MS + 1;
  return wanted.includes(place) || wanted.includes(place - (end - start) / DAY_MS - 1);
}

/** A week belongs to the year that has its fourth day. */
function fitsWeek(wanted: number[], wkst: string, date: Date): boolean {
  const numberOf = (day: number): [year: number, week: number] => {
    const sinceStart = (new Date(day).getUTCDay() - WEEKDAYS.indexOf(wkst) + 7) % 7;
    const fourth = day + (3 - sinceStart) * DAY_MS;
    const year = new Date(fourth).getUTCFullYear();
    return [year, Math.floor((fourth - Date.UTC(year, 0, 1)) / DAY_MS / 7) + 1];
  };
  const [year, week] = numberOf(date.getTime());
  const weeks = numberOf(Date.UTC(year, 11, 28))[1];
  return wanted.includes(week) || wanted.includes(week - weeks - 1);
}
