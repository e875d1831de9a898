/**
 * Schedules in words, for lists and tables.
 *
 * @module
 */

import { formatDuration } from "../../support/durations.ts";
import type { Allowed, CronFields } from "./cron_fields.ts";
import { parseCron } from "./cron_fields.ts";
import type { Schedule } from "./schema.ts";

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/**
 * A schedule in a few words: "every 5m", "every day at 09:00 (Europe/London)", "on weekdays at 07:30"; where words would be
 * long, the expression itself: `cron 0 9 1,15 * *`.
 */
export function describeSchedule(schedule: Schedule): string {
  if ("interval" in schedule) {
    const zone = schedule.interval >= 86_400 ? inZone(schedule.timezone) : "";
    return `every ${formatDuration(schedule.interval)}${zone}`;
  }
  if ("cron" in schedule) return (wordsOf(schedule.cron) ?? `cron ${schedule.cron}`) + inZone(schedule.timezone);
  return `rrule ${schedule.rrule.replace(/\s+/g, " ").replace(/^RRULE:/i, "")}${inZone(schedule.timezone)}`;
}

const inZone = (zone: string | null) => zone && zone !== "UTC" ? ` (${zone})` : "";

const only = (allowed: Allowed): number | undefined =>
  allowed !== "*" && allowed.size === 1 ? [...allowed][0] : undefined;

function wordsOf(text: string): string | undefined {
  const cron = parseCron(text);
  const { minutes, hours, days, months, seconds, years } = cron;
  const special = cron.lastDay || cron.nearestWeekday !== undefined || cron.nthWeekdays.size > 0;
  if (special || days !== "*" || months !== "*" || years !== "*" || only(seconds) !== 0) return undefined;
  const on = weekdayWords(cron);
  if (on === undefined) return undefined;
  const minute = only(minutes);
  const hour = only(hours);
  const two = (n: number) => String(n).padStart(2, "0");
  if (minute !== undefined && hour !== undefined) return `${on || "every day"} at ${two(hour)}:${two(minute)}`;
  if (on || hours !== "*") return undefined;
  if (minute !== undefined) return `every hour at :${two(minute)}`;
  if (minutes === "*") return "every minute";
  const list = [...minutes].sort((a, b) => a - b);
  const isEven = list[0] === 0 && list.every((m, n) => m === n * list[1]) && list.length * list[1] === 60;
  return isEven ? `every ${list[1]} minutes` : undefined;
}

function weekdayWords({ weekdays }: CronFields): string | undefined {
  if (weekdays === "*") return "";
  const list = [...weekdays].sort((a, b) => a - b).join();
  if (list === "1,2,3,4,5") return "on weekdays";
  if (list === "0,6") return "on weekends";
  return weekdays.size === 1 ? `every ${WEEKDAYS[Number(list)]}` : undefined;
}
