/**
 * Schedules in words. Pure.
 *
 * What would be long or easy to get wrong in words is shown as it is written: `cron 0 0 31W * *`.
 *
 * @module
 */

import { type Allowed, type CronFields, parseCron } from "../domain/schedules/cron_fields.ts";
import { parseRRule, type Rule } from "../domain/schedules/rrule_text.ts";
import type { Schedule } from "../domain/schedules/schema.ts";

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
/** More than this many of one kind would make a long sentence. */
const MOST = 4;

/** The zone whose clock a schedule follows. */
export const zoneOf = (schedule: Schedule): string => schedule.timezone ?? "UTC";

/** A schedule in words, without its zone: `Every weekday at 09:00`. */
export function scheduleWords(schedule: Schedule): string {
  const words = "cron" in schedule
    ? cronWords(schedule.cron, schedule.day_or)
    : "interval" in schedule
    ? intervalWords(schedule.interval, schedule.anchor_date, zoneOf(schedule))
    : rruleWords(schedule.rrule);
  if (words !== undefined) return words[0].toUpperCase() + words.slice(1);
  return "cron" in schedule
    ? `cron ${schedule.cron}`
    : `rrule ${"rrule" in schedule ? schedule.rrule.replace(/\s+/g, " ").replace(/^RRULE:/i, "") : ""}`;
}

const two = (value: number): string => String(value).padStart(2, "0");
const clock = (hour: number, minute: number): string => `${two(hour)}:${two(minute)}`;
const and = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** 1st, 2nd, 3rd, 11th. */
export function ordinal(value: number): string {
  const tens = value % 100;
  const end = tens >= 11 && tens <= 13 ? "th" : ["th", "st", "nd", "rd"][value % 10] ?? "th";
  return `${value}${end}`;
}

const listed = (allowed: Allowed): number[] => allowed === "*" ? [] : [...allowed].sort((a, b) => a - b);

/** The step of values that fill a range evenly from 0 on, e.g. 15 of 0, 15, 30, 45 in an hour. */
function evenStep(values: readonly number[], size: number): number | undefined {
  if (values.length < 2 || values[0] !== 0) return undefined;
  const step = values[1];
  return size % step === 0 && values.length === size / step && values.every((value, i) => value === i * step)
    ? step
    : undefined;
}

const isRow = (values: readonly number[]) => values.length > 2 && values.at(-1)! - values[0] === values.length - 1;

function cronWords(text: string, dayOr: boolean): string | undefined {
  let cron: CronFields;
  try {
    cron = parseCron(text);
  } catch {
    return undefined;
  }
  if (cron.years !== "*" || cron.nearestWeekday !== undefined || listed(cron.seconds).join() !== "0") return undefined;
  const days = cronDays(cron, dayOr);
  const times = cronTimes(cron);
  if (days === undefined || times === undefined) return undefined;
  if (times.each) return days === "every day" ? times.text : `${times.text}, ${days.replace(/^every year /, "")}`;
  return `${days} ${times.text}`;
}

/** @returns `each`: the words begin with "every" themselves. */
function cronTimes({ minutes, hours }: CronFields): { text: string; each: boolean } | undefined {
  const [minute, hour] = [listed(minutes), listed(hours)];
  const few = hours !== "*" && minute.length * hour.length <= 2;
  const step = few ? undefined : evenStep(minute, 60);
  const often = minutes === "*" ? "every minute" : step === undefined ? undefined : `every ${step} minutes`;
  if (often !== undefined) {
    if (hours === "*") return { text: often, each: true };
    if (hour.length === 1) return { text: `${often} from ${clock(hour[0], 0)} to ${clock(hour[0], 59)}`, each: true };
    return isRow(hour)
      ? { text: `${often} from ${clock(hour[0], 0)} to ${clock(hour.at(-1)!, 59)}`, each: true }
      : undefined;
  }
  if (minute.length === 0 || minute.length > MOST) return undefined;
  if (hours === "*" || evenStep(hour, 24) !== undefined) {
    const every = hours === "*" ? "every hour" : `every ${evenStep(hour, 24)} hours`;
    return { text: `${every} at ${and(minute.map((one) => `:${two(one)}`))}`, each: true };
  }
  if (minute.length === 1 && isRow(hour) && hour.length > MOST) {
    return { text: `every hour from ${clock(hour[0], minute[0])} to ${clock(hour.at(-1)!, minute[0])}`, each: true };
  }
  const times = hour.flatMap((h) => minute.map((m) => clock(h, m)));
  return times.length > MOST ? undefined : { text: `at ${and(times)}`, each: false };
}

function cronDays(cron: CronFields, dayOr: boolean): string | undefined {
  const { days, lastDay, weekdays, nthWeekdays } = cron;
  const months = listed(cron.months);
  if (months.length > MOST && months.length < 12) return undefined;
  const byDay = days !== "*" || lastDay;
  const month = cron.months === "*" ? "every month" : and(months.map((one) => MONTHS[one - 1]));
  if (nthWeekdays.size > 0) {
    if (byDay || nthWeekdays.size > 1) return undefined;
    const [[weekday, which]] = nthWeekdays;
    const words = [...which].map((one) => one === "l" ? "last" : ordinal(one));
    return `on the ${and(words)} ${WEEKDAYS[weekday]} of ${month}`;
  }
  if (!byDay) {
    const on = weekdays === "*" ? "every day" : weekdayWords(listed(weekdays));
    return cron.months === "*" ? on : `${on} in ${month}`;
  }
  // "Either day" and "both days" are what people get wrong: the expression itself says it.
  if (weekdays !== "*") return void dayOr;
  const row = listed(days);
  const range = isRow(row) && row.length > MOST ? [`${ordinal(row[0])} to ${ordinal(row.at(-1)!)}`] : row.map(ordinal);
  const dates = [...range, ...lastDay ? ["last day"] : []];
  if (dates.length > MOST) return undefined;
  if (cron.months !== "*" && months.length === 1 && row.length === 1 && !lastDay) {
    return `every year on ${listed(days)[0]} ${month}`;
  }
  return `on the ${and(dates)} of ${month}`;
}

function weekdayWords(days: readonly number[]): string {
  const list = days.join();
  if (list === "1,2,3,4,5") return "every weekday";
  // The week begins with Monday.
  return `every ${and([...days].sort((a, b) => (a + 6) % 7 - (b + 6) % 7).map((day) => WEEKDAYS[day]))}`;
}

const UNITS = [["week", 604_800], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]] as const;

/** `every 2 hours 30 minutes`, `every day`. */
function everySeconds(seconds: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const [unit, size] of UNITS) {
    const count = unit === "second" ? left : Math.floor(left / size);
    if (unit === "week" && seconds % size !== 0) continue;
    if (count > 0) parts.push(`${Number(count.toFixed(3))} ${unit}${count === 1 ? "" : "s"}`);
    left -= count * size;
  }
  const words = parts.join(" ");
  return `every ${parts.length === 1 ? words.replace(/^1 /, "") : words}`;
}

function intervalWords(seconds: number, anchor: string | undefined, zone: string): string {
  const every = everySeconds(seconds);
  if (anchor === undefined) return every;
  const at = Date.parse(anchor);
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en", {
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      weekday: "long",
      hourCycle: "h23",
      timeZone: zone,
    })
      .formatToParts(at).map(({ type, value }) => [type, value]),
  );
  const time = `${parts.hour}:${parts.minute}${parts.second === "00" ? "" : `:${parts.second}`}`;
  if (seconds % 604_800 === 0) return `${every} on ${parts.weekday} at ${time}`;
  if (seconds % 86_400 === 0) return `${every} at ${time}`;
  return every;
}

const FREQUENCIES: Record<Rule["freq"], string> = {
  YEARLY: "year",
  MONTHLY: "month",
  WEEKLY: "week",
  DAILY: "day",
  HOURLY: "hour",
  MINUTELY: "minute",
  SECONDLY: "second",
};
const DAYS: Record<string, number> = { SU: 0, MO: 1, TU: 2, WE: 3, TH: 4, FR: 5, SA: 6 };

function rruleWords(text: string): string | undefined {
  let set: ReturnType<typeof parseRRule>;
  try {
    set = parseRRule(text);
  } catch {
    return undefined;
  }
  const [rule] = set.rules;
  if (set.rules.length !== 1 || set.exrules.length > 0 || set.rdates.length > 0 || set.exdates.length > 0) {
    return undefined;
  }
  if (rule.bySetPos || rule.byYearDay || rule.byWeekNo || rule.bySecond || (rule.wkst && rule.interval > 1)) {
    return undefined;
  }
  const unit = FREQUENCIES[rule.freq];
  const every = rule.interval === 1 ? `every ${unit}` : `every ${rule.interval} ${unit}s`;
  const end = rruleEnd(rule);
  if (["HOURLY", "MINUTELY", "SECONDLY"].includes(rule.freq)) {
    return rule.byDay || rule.byMonth || rule.byMonthDay || rule.byHour || rule.byMinute ? undefined : every + end;
  }
  const start = new Date(set.dtstart);
  const hours = rule.byHour ?? [start.getUTCHours()];
  const minutes = rule.byMinute ?? [start.getUTCMinutes()];
  const times = hours.toSorted((a, b) => a - b).flatMap((h) =>
    minutes.toSorted((a, b) => a - b).map((m) => clock(h, m))
  );
  if (times.length > MOST) return undefined;
  const days = rruleDays(rule, every, start);
  return days === undefined ? undefined : `${days} at ${and(times)}${end}`;
}

function rruleDays(rule: Rule, every: string, start: Date): string | undefined {
  const { byDay, byMonth, byMonthDay } = rule;
  if (byDay && byMonthDay) return undefined;
  if ((byMonth?.length ?? 0) > MOST || (byMonthDay?.length ?? 0) > MOST) return undefined;
  const months = byMonth && and(byMonth.map((month) => MONTHS[month - 1]));
  const plain = byDay?.every((day) => day.length === 2);
  const weekdays = byDay && plain ? weekdayWords(byDay.map((day) => DAYS[day]).sort((a, b) => a - b)) : undefined;
  const counted = byDay && !plain && byDay.length === 1 ? /^([+-]?\d+)([A-Z]{2})$/.exec(byDay[0]) : null;
  const nth = counted === null
    ? undefined
    : `${counted[1] === "-1" ? "last" : Number(counted[1]) > 0 ? ordinal(Number(counted[1])) : ""} ${
      WEEKDAYS[DAYS[counted[2]]]
    }`;
  if (byDay && weekdays === undefined && (nth === undefined || nth.startsWith(" "))) return undefined;
  const dates = byMonthDay && and(byMonthDay.map((day) => day === -1 ? "last day" : day > 0 ? ordinal(day) : ""));
  if (byMonthDay?.some((day) => day < -1)) return undefined;
  const within = months === undefined ? "" : ` in ${months}`;
  switch (rule.freq) {
    case "DAILY":
      if (dates !== undefined || nth !== undefined) return undefined;
      return weekdays === undefined ? every + within : rule.interval === 1 ? weekdays + within : undefined;
    case "WEEKLY": {
      if (dates !== undefined || nth !== undefined) return undefined;
      const on = weekdays ?? `every ${WEEKDAYS[start.getUTCDay()]}`;
      return (rule.interval === 1 ? on : `${every} on ${on.replace(/^every /, "")}`) + within;
    }
    case "MONTHLY": {
      if (weekdays !== undefined) return undefined;
      const which = nth ?? dates ?? ordinal(start.getUTCDate());
      if (rule.interval > 1) return months === undefined ? `${every} on the ${which}` : undefined;
      return `on the ${which} of ${months ?? "every month"}`;
    }
    default:
      if (byDay || byMonthDay?.some((day) => day < 0)) return undefined;
      if ((byMonth?.length ?? 1) > 1 || (byMonthDay?.length ?? 1) > 1) return undefined;
      return `${every} on ${byMonthDay?.[0] ?? start.getUTCDate()} ${
        MONTHS[(byMonth?.[0] ?? start.getUTCMonth() + 1) - 1]
      }`;
  }
}

function rruleEnd({ count, until }: Rule): string {
  if (count !== undefined) return count === 1 ? ", once" : `, ${count} times`;
  if (until === undefined) return "";
  const end = new Date(until);
  return `, until ${end.getUTCDate()} ${MONTHS[end.getUTCMonth()]} ${end.getUTCFullYear()}`;
}
