/**
 * Reads the text of an RRULE schedule as `dateutil.rrulestr` does: a bare rule, or lines of DTSTART, RRULE, RDATE, EXRULE and
 * EXDATE in any order. Wall-clock times only: Prefect puts the schedule's time zone in place of any `Z`, offset or `TZID`.
 *
 * @module
 */

import { FlowctlError } from "../../support/errors.ts";

/** Prefect's limit: about a year of daily RDATEs. */
export const RRULE_MAX_LENGTH = 6500;

/** A wall-clock time as milliseconds, counted as if the zone were UTC. */
export type WallTime = number;

/** One recurrence rule. */
export interface Rule {
  freq: "YEARLY" | "MONTHLY" | "WEEKLY" | "DAILY" | "HOURLY" | "MINUTELY" | "SECONDLY";
  interval: number;
  count?: number;
  /** The last wall-clock time, inclusive. */
  until?: WallTime;
  /** `UNTIL` as an instant: one with `Z`, while DTSTART is without. It is a real UTC time then (RFC 5545). */
  untilIsUtc: boolean;
  wkst?: string;
  bySetPos?: number[];
  byMonth?: number[];
  byMonthDay?: number[];
  byYearDay?: number[];
  byWeekNo?: number[];
  /** `MO`, `-1FR`, `2TU`. */
  byDay?: string[];
  byHour?: number[];
  byMinute?: number[];
  bySecond?: number[];
}

/** An RRULE schedule's text, taken apart. */
export interface RuleSet {
  /** Where rules begin; 2020-01-01T00:00:00 when unsaid (Prefect). Not a date by itself, unless a rule says so. */
  dtstart: WallTime;
  rules: Rule[];
  exrules: Rule[];
  rdates: WallTime[];
  exdates: WallTime[];
}

/** 2020-01-01T00:00:00. */
const DEFAULT_START = Date.UTC(2020, 0, 1);
const FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"];
const TIME = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?$/;

class Unreadable extends Error {}

/**
 * Takes the text apart and checks every value.
 *
 * @throws {FlowctlError} `invalid`, naming the part that is wrong.
 */
export function parseRRule(text: string): RuleSet {
  try {
    return read(text.toUpperCase());
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
    throw new FlowctlError("invalid", `Cannot read rrule ${JSON.stringify(shown)}: ${error.message}`, {
      hint: 'Write a rule like "FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=9", or lines of DTSTART, RRULE, RDATE and EXDATE.',
    });
  }
}

function read(text: string): RuleSet {
  const lines = text.split(/\s+/).filter((line) => line !== "");
  if (lines.length === 0) throw new Unreadable("it is empty");
  const set: RuleSet = { dtstart: DEFAULT_START, rules: [], exrules: [], rdates: [], exdates: [] };
  const rules: [target: Rule[], value: string][] = [];
  let starts = 0;
  let startIsUtc = false;
  for (const line of lines) {
    const colon = line.indexOf(":");
    const [name, ...options] = (colon < 0 ? "RRULE" : line.slice(0, colon)).split(";");
    const value = line.slice(colon + 1);
    for (const option of options) {
      const isDate = name === "DTSTART" || name === "EXDATE" || name === "RDATE";
      const known = isDate && (option === "VALUE=DATE-TIME" || (name !== "RDATE" && /^TZID=./.test(option)));
      if (!known) throw new Unreadable(`${name} has an unknown option "${option}"`);
    }
    if (name === "RRULE") rules.push([set.rules, value]);
    else if (name === "EXRULE") rules.push([set.exrules, value]);
    else if (name === "RDATE") set.rdates.push(...value.split(",").map((time) => wallTime(time, name)));
    else if (name === "EXDATE") set.exdates.push(...value.split(",").map((time) => wallTime(time, name)));
    else if (name === "DTSTART") {
      if (++starts > 1 || value.includes(",")) throw new Unreadable("it has more than one DTSTART");
      set.dtstart = wallTime(value, name);
      startIsUtc = /Z$/.test(value);
    } else throw new Unreadable(`"${name}" is not a known line`);
  }
  for (const [target, value] of rules) target.push(readRule(value, startIsUtc));
  if (set.rules.length + set.rdates.length === 0) throw new Unreadable("it has neither RRULE nor RDATE");
  return set;
}

function wallTime(text: string, name: string): WallTime {
  const match = TIME.exec(text);
  const [year, month, day, hour, minute, second] = (match ?? []).slice(1, 7).map((part) => Number(part ?? 0));
  const wall = match ? Date.UTC(year, month - 1, day, hour, minute, second) : NaN;
  const date = new Date(wall);
  // Date.UTC rolls the 31st of June over; the round trip shows it.
  if (date.getUTCDate() !== day || date.getUTCMonth() !== month - 1 || date.getUTCHours() !== hour || minute > 59) {
    throw new Unreadable(`${name} "${text}" is not a time like 20260131T090000`);
  }
  return wall;
}

function readRule(text: string, startIsUtc: boolean): Rule {
  const rule: Partial<Rule> & { interval: number; untilIsUtc: boolean } = { interval: 1, untilIsUtc: false };
  for (const pair of text.split(";")) {
    const [name, value, more] = pair.split("=");
    const bad = (why = "is wrong"): never => {
      throw new Unreadable(`${name} "${value ?? ""}" ${why}`);
    };
    if (!value || more !== undefined) throw new Unreadable(`"${pair}" is not NAME=VALUE`);
    const integers = (low: number, high: number, negative = false): number[] =>
      value.split(",").map((part) => {
        const number = /^[+-]?\d+$/.test(part) ? Number(part) : NaN;
        const size = negative ? Math.abs(number) : number;
        return size >= low && size <= high ? number : bad(`is wrong: ${low} to ${high}`);
      });
    switch (name) {
      case "FREQ":
        if (!FREQUENCIES.includes(value)) bad(`is none of ${FREQUENCIES.join(", ")}`);
        rule.freq = value as Rule["freq"];
        break;
      case "INTERVAL":
        // Prefect takes 0 and then never comes back.
        rule.interval = integers(1, 1_000_000)[0];
        break;
      case "COUNT":
        rule.count = integers(0, 1_000_000_000)[0];
        break;
      case "UNTIL":
        rule.until = wallTime(value, name);
        rule.untilIsUtc = /Z$/.test(value) && !startIsUtc;
        break;
      case "WKST":
        rule.wkst = /^(MO|TU|WE|TH|FR|SA|SU)$/.test(value) ? value : bad("is not a weekday like MO");
        break;
      case "BYSETPOS":
        rule.bySetPos = integers(1, 366, true);
        break;
      case "BYMONTH":
        rule.byMonth = integers(1, 12);
        break;
      case "BYMONTHDAY":
        rule.byMonthDay = integers(1, 31, true);
        break;
      case "BYYEARDAY":
        rule.byYearDay = integers(1, 366, true);
        break;
      case "BYWEEKNO":
        rule.byWeekNo = integers(1, 53, true);
        break;
      case "BYDAY":
      case "BYWEEKDAY":
        rule.byDay = value.split(",").map((day) => weekday(day) ?? bad("is not a weekday like MO or -1FR"));
        break;
      case "BYHOUR":
        rule.byHour = integers(0, 23);
        break;
      case "BYMINUTE":
        rule.byMinute = integers(0, 59);
        break;
      case "BYSECOND":
        rule.bySecond = integers(0, 59);
        break;
      case "BYEASTER":
        throw new Unreadable("BYEASTER is not supported; list the dates as RDATE");
      default:
        throw new Unreadable(`"${name}" is not a known part of a rule`);
    }
  }
  if (!rule.freq) throw new Unreadable("FREQ is missing");
  return rule as Rule;
}

/** `+1MO`, `MO(+1)` and `1MO` are the same. */
function weekday(text: string): string | undefined {
  const match = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)(?:\(([+-]?\d{1,2})\))?$/.exec(text);
  if (!match || (match[1] !== undefined && match[3] !== undefined)) return undefined;
  const which = Number(match[1] ?? match[3] ?? NaN);
  if (Number.isNaN(which)) return match[2];
  return which === 0 || Math.abs(which) > 53 ? undefined : `${which}${match[2]}`;
}
