/**
 * Lines of one run as the dashboard reads them: pages in both directions, and what has arrived since. Ours.
 *
 * @module
 */

import { z } from "zod";
import { Id, optional, Timestamp } from "./common.ts";
import { readLogLevel } from "./logs.ts";
import type { LogLevelName } from "./log_levels.ts";

/** The most lines of one page. */
export const MOST_LOG_LINES = 1_000;

/** Before every line. */
export const LOG_START = "start";

const CURSOR = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A place between lines: `TIMESTAMP_ID` of the line that is there, or `start`. */
export const LogCursor = z.string().refine((text) => text === LOG_START || CURSOR.test(text), "value is not a cursor");

const Level = z.string().transform((text, context): LogLevelName => {
  const level = readLogLevel(text);
  if (level !== undefined) return level;
  context.addIssue({ code: "custom", message: "value is not a level" });
  return z.NEVER;
});

/** Which lines of a run. */
export const LogLinesFilter = z.object({
  /** The least level. */
  level: optional(Level),
  task_run_id: optional(Id),
  /** Must be in the message; case-insensitive (ASCII), without wildcards. */
  text: optional(z.string().max(500)),
});
/** See {@link LogLinesFilter}. */
export type LogLinesFilter = z.output<typeof LogLinesFilter>;

/** Which page. Without a place it is the last one. */
export const LogPageQuery = LogLinesFilter.extend({
  /** Lines that come before this place. */
  before: optional(LogCursor),
  /** Lines that come after this place. */
  after: optional(LogCursor),
  /** The line with this id and what is around it. */
  around: optional(Id),
  /** What arrived after this `arrived`, in the order of arrival: a late line may bear an earlier time. */
  since: optional(z.coerce.number().int().min(0)),
  limit: z.coerce.number().int().min(1).max(MOST_LOG_LINES).default(500),
  /** Longer messages are cut to so many characters. */
  most: optional(z.coerce.number().int().min(1)),
}).refine(
  ({ before, after, around, since }) => [before, after, around, since].filter((one) => one !== undefined).length < 2,
  "give at most one of before, after, around and since",
);
/** See {@link LogPageQuery}. */
export type LogPageQuery = z.output<typeof LogPageQuery>;

/** One line. */
export const LogLine = z.object({
  id: Id,
  timestamp: Timestamp,
  level: z.int(),
  name: z.string(),
  message: z.string(),
  /** The whole message's bytes. */
  size: z.int(),
  /** Whether `message` is only its beginning. */
  is_cut: z.boolean(),
  task_run_id: Id.nullable(),
  /** The task run's name. */
  task: z.string().nullable(),
});
/** See {@link LogLine}. */
export type LogLine = z.output<typeof LogLine>;

/** A page. */
export const LogPage = z.object({
  /** By time, those of one moment by id; with `since` in the order of arrival. */
  records: z.array(LogLine),
  /**
   * For `before`: earlier lines may be there; null: there are none. It may lie before the first record, when lines were looked at that
   * do not match; so a page may hold fewer lines than asked for, or none, and still have a place to go on from.
   */
  older: LogCursor.nullable(),
  /** For `after`, as `older`. */
  newer: LogCursor.nullable(),
  /** For `since`: every line that arrived up to it was looked at. */
  arrived: z.int(),
});
/** See {@link LogPage}. */
export type LogPage = z.output<typeof LogPage>;

/** What a run's lines can be filtered by. */
export const LogFacets = z.object({
  /** How many lines each level has, of those that were counted. */
  levels: z.object({ DEBUG: z.int(), INFO: z.int(), WARNING: z.int(), ERROR: z.int(), CRITICAL: z.int() }),
  /** Whether there are more lines than were counted. */
  more_lines: z.boolean(),
  /** Task runs that have lines, by name. */
  tasks: z.array(z.object({ id: Id, name: z.string() })),
  more_tasks: z.boolean(),
});
/** See {@link LogFacets}. */
export type LogFacets = z.output<typeof LogFacets>;

/** What is downloaded, and how it is written. */
export const LogDownloadQuery = LogLinesFilter.extend({ format: z.enum(["text", "jsonl"]).default("text") });
