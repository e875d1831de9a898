/**
 * Schedules of deployments: cron, interval, RRULE.
 *
 * @module
 */

import type { z } from "zod";
import { Schedule } from "../domain/schedules/schema.ts";
import { FlowctlError } from "../support/errors.ts";
import { checkOptions } from "./options.ts";

/** A schedule, made by {@link cron}, {@link interval} or {@link rrule}; the shape is the wire's (Prefect 2.20's). */
export type ScheduleSpec = z.input<typeof Schedule>;

function checked(what: string, spec: Record<string, unknown>): ScheduleSpec {
  const parsed = Schedule.safeParse(spec);
  if (parsed.success) return parsed.data;
  throw new FlowctlError(
    "invalid",
    `Cannot make schedule ${what}: ${parsed.error.issues[0].message.replace(/\.$/, "")}`,
  );
}

/**
 * Runs at the times of a cron expression: five fields, or six with the seconds last.
 *
 * @param options `timezone` is an IANA name (default UTC); `dayOr: false` wants both day fields to fit, as croniter's `day_or`.
 * @throws {FlowctlError} `invalid` for an expression or a zone that cannot be read.
 *
 * @example
 * ```ts
 * import { cron } from "flowctl";
 *
 * const nightly = cron("0 2 * * *", { timezone: "Europe/London" });
 * console.assert("cron" in nightly);
 * ```
 */
export function cron(expression: string, options: { timezone?: string; dayOr?: boolean } = {}): ScheduleSpec {
  checkOptions(`schedule "${expression}"`, options, ["timezone", "dayOr"]);
  return checked(`"${expression}"`, { cron: expression, timezone: options.timezone, day_or: options.dayOr });
}

/**
 * Runs again and again after the same time.
 *
 * @param every Seconds, or a text: `"30s"`, `"5m"`, `"1h30m"`, `"1d"`, `"PT5M"`.
 * @param options `anchor` is the time from which is counted (ISO 8601 or a Date; default: when the deployment is made); `timezone`
 * keeps the local hour of intervals of a day or longer.
 *
 * @example
 * ```ts
 * import { interval } from "flowctl";
 *
 * const often = interval("5m");
 * console.assert("interval" in often);
 * ```
 */
export function interval(
  every: number | string,
  options: { anchor?: string | Date; timezone?: string } = {},
): ScheduleSpec {
  checkOptions(`schedule "${every}"`, options, ["anchor", "timezone"]);
  const anchor = options.anchor instanceof Date ? options.anchor.toISOString() : options.anchor;
  return checked(`"${every}"`, { interval: every, anchor_date: anchor, timezone: options.timezone });
}

/**
 * Runs at the times of an iCalendar recurrence rule (RFC 5545).
 *
 * @param options `timezone` is the zone in which the rule's wall-clock times are read (default UTC).
 *
 * @example
 * ```ts
 * import { rrule } from "flowctl";
 *
 * const workdays = rrule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0;BYSECOND=0", { timezone: "Europe/Paris" });
 * console.assert("rrule" in workdays);
 * ```
 */
export function rrule(rule: string, options: { timezone?: string } = {}): ScheduleSpec {
  checkOptions(`schedule "${rule}"`, options, ["timezone"]);
  return checked(`"${rule}"`, { rrule: rule, timezone: options.timezone });
}
