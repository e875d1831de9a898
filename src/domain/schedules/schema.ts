/**
 * The three kinds of schedules as they are on the wire (Prefect 2.20's shapes), each refused with a sentence when it can't be
 * read.
 *
 * Nothing here knows the present: that an interval starts "now", and that a schedule has any date left, is
 * `completeSchedule` of `mod.ts`. This file is loaded by every client, so it does without the RRULE library.
 *
 * @module
 */

import { z } from "zod";
import { messageOf } from "../../support/errors.ts";
import { parseDuration } from "../../support/durations.ts";
import { optional, Timestamp } from "../common.ts";
import { parseCron } from "./cron_fields.ts";
import { parseRRule, RRULE_MAX_LENGTH } from "./rrule_text.ts";

/**
 * The proper writing of an IANA time zone; undefined for what is none.
 * Offsets such as `+02:00` are none: they know no daylight saving time, and Prefect refuses them too.
 */
export function canonicalTimezone(name: string): string | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId;
  } catch {
    return undefined;
  }
}

/** An IANA time zone, e.g. `America/New_York`, in any case; stored in its proper writing. Empty text is read as absent. */
const Timezone = z.string().max(100).nullish().transform((name, context): string | null => {
  if (!name) return null;
  const known = canonicalTimezone(name);
  if (known) return known;
  context.addIssue({
    code: "custom",
    message: `Unknown time zone "${name}": write an IANA name, for example "America/New_York"`,
  });
  return z.NEVER;
});

/** The longest interval, in seconds: a hundred years. */
const LONGEST_INTERVAL = 3_155_760_000;

/** The shortest, in seconds. Prefect takes microseconds, and is then busy with nothing but scheduling. */
const SHORTEST_INTERVAL = 1;

const Seconds = z.union([z.number(), z.string()]).transform((value, context): number => {
  try {
    const seconds = typeof value === "number" ? value : parseDuration(value);
    if (seconds >= SHORTEST_INTERVAL && seconds <= LONGEST_INTERVAL) return seconds;
    context.addIssue({
      code: "custom",
      message: `Interval "${value}" cannot be scheduled: it must be at least 1 second and at most 100 years`,
    });
  } catch (error) {
    context.addIssue({ code: "custom", message: messageOf(error) });
  }
  return z.NEVER;
}) as unknown as z.ZodType<number, number | string>;

/**
 * Every `interval` seconds, counted from `anchor_date` in both directions. A day or longer keeps the local clock's hour in
 * `timezone`; shorter ones count elapsed time.
 */
export const IntervalSchedule = z.strictObject({
  /** Seconds, also fractions; a text like `"1h30m"` or `"PT1H"` is read too. */
  interval: Seconds,
  /** Absent: the moment of creation, filled in by `completeSchedule`. Without an offset it is UTC (Prefect). */
  anchor_date: optional(Timestamp),
  timezone: Timezone.transform((zone) => zone ?? "UTC"),
});
/** See {@link IntervalSchedule}. */
export type IntervalSchedule = z.output<typeof IntervalSchedule>;

/** A cron expression as `croniter` reads it: five fields, or six with the seconds *last*, or seven with the year after them. */
export const CronSchedule = z.strictObject({
  cron: z.string().max(500).superRefine((text, context) => {
    try {
      parseCron(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: messageOf(error) });
    }
  }),
  /** Null is UTC, and stays null as Prefect's answers have it. */
  timezone: Timezone,
  /** When both day fields are given: whether one of them is enough (true, as in cron) or both must fit (false). */
  day_or: z.boolean().nullish().transform((value) => value ?? true),
});
/** See {@link CronSchedule}. */
export type CronSchedule = z.output<typeof CronSchedule>;

/**
 * An iCalendar recurrence: a rule, or lines of DTSTART, RRULE, RDATE, EXRULE and EXDATE. All times in it are wall-clock times
 * of `timezone`, whatever `Z` or `TZID` they carry (Prefect).
 */
export const RRuleSchedule = z.strictObject({
  rrule: z.string().superRefine((text, context) => {
    try {
      if (text.length <= RRULE_MAX_LENGTH) return void parseRRule(text);
      context.addIssue({
        code: "custom",
        message: `Cannot read rrule "${text.slice(0, 40)}...": it has ${text.length} characters, at most ` +
          `${RRULE_MAX_LENGTH} are allowed`,
      });
    } catch (error) {
      context.addIssue({ code: "custom", message: messageOf(error) });
    }
  }),
  timezone: Timezone.transform((zone) => zone ?? "UTC"),
});
/** See {@link RRuleSchedule}. */
export type RRuleSchedule = z.output<typeof RRuleSchedule>;

/**
 * Any schedule. The kind is the one whose required key is there; unknown keys are refused.
 *
 * @example
 * ```ts
 * import { Schedule } from "./schema.ts";
 *
 * const schedule = Schedule.parse({ cron: "0 9 * * mon-fri", timezone: "Europe/London" });
 * console.assert("cron" in schedule && schedule.day_or);
 * ```
 */
export const Schedule = z.union([IntervalSchedule, CronSchedule, RRuleSchedule], {
  error: (issue) => issue.code === "invalid_union" ? explain(issue.input) : undefined,
});
/** See {@link Schedule}. */
export type Schedule = z.output<typeof Schedule>;

const KINDS = { interval: IntervalSchedule, cron: CronSchedule, rrule: RRuleSchedule };

/** A union's own words would be "Invalid input": the issues of the kind that was meant say more. */
function explain(input: unknown): string {
  const wanted = 'a schedule has one of the keys "interval", "cron" and "rrule"';
  if (typeof input !== "object" || input === null || Array.isArray(input)) return `Cannot read schedule: ${wanted}`;
  const kinds = (Object.keys(KINDS) as (keyof typeof KINDS)[]).filter((key) => key in input);
  if (kinds.length !== 1) return `Cannot read schedule: ${wanted}, and this one has ${kinds.length || "none"}`;
  const issue = KINDS[kinds[0]].safeParse(input).error?.issues[0];
  if (!issue) return `Cannot read schedule: ${wanted}`;
  if (issue.code === "unrecognized_keys") {
    return `Cannot read ${kinds[0]} schedule: it has no key ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
  }
  if (issue.code === "custom") return issue.message;
  return `Cannot read ${kinds[0]} schedule: "${issue.path.join(".")}" is wrong: ${issue.message}`;
}
