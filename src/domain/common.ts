/**
 * Shapes that every noun shares: ids, instants, tags, pages, and how `null` is read.
 *
 * The names in `domain` are the wire's (snake_case), which is Prefect 2.20's REST API; nothing is mapped on the hot path.
 *
 * @module
 */

import { z } from "zod";
import { formatInstant } from "../support/clock.ts";

/** A lower-case dashed UUID; upper case is accepted and lowered. */
export const Id = z
  .string()
  .regex(/^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/, "value is not a valid uuid")
  .transform((text) => text.toLowerCase());
/** See {@link Id}. */
export type Id = string;

const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/;

/**
 * Brings any ISO 8601 date-time into the one form that is stored: UTC, six digits of a second, `+00:00`.
 * A time without an offset is read as UTC, as Prefect does. Returns undefined for what is no time.
 */
export function canonicalTime(text: string): string | undefined {
  if (CANONICAL.test(text)) return text;
  try {
    const padded = text.trim().replace(" ", "T");
    const dated = /T/.test(padded) ? padded : `${padded}T00:00:00`;
    return formatInstant(Temporal.Instant.from(/(Z|[+-]\d\d(:?\d\d)?)$/i.test(dated) ? dated : `${dated}Z`));
  } catch {
    return undefined;
  }
}

/** An instant as ISO 8601 text; see {@link canonicalTime}. */
export const Timestamp = z.string().transform((text, context) => {
  const time = canonicalTime(text);
  if (time !== undefined) return time;
  context.addIssue({ code: "custom", message: "invalid datetime format" });
  return z.NEVER;
});
/** Canonical ISO 8601 text, e.g. `2026-11-21T22:33:58.123456+00:00`. */
export type Timestamp = string;

/** An optional field: absent and `null` are the same, as Prefect's clients send both. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

/** A field of a change: absent leaves it as it is, and `null` takes it away. */
export const clearable = <T extends z.ZodType>(schema: T) => schema.nullish();

/** A field with a default for both absent and `null`. */
export const defaulted = <T extends z.ZodType>(schema: T, value: () => z.output<T>) =>
  schema.nullish().transform((given): z.output<T> => given ?? value());

/** Any JSON value. */
export const Json: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>;
/** Any JSON value. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A JSON object: parameters, context, job variables. */
export const JsonObject: z.ZodType<Record<string, JsonValue>> = z.record(z.string(), z.unknown()) as never;
/** A JSON object. */
export type JsonObject = Record<string, JsonValue>;

/** Free words on a thing; doubles are dropped, order is kept. */
export const Tags = z.array(z.string().max(200)).max(1000).transform((tags) => [...new Set(tags)]);

/** Labels route runs to agents: a run's labels must be a subset of the agent's. */
export const Labels = z.array(z.string().min(1).max(200)).max(100).transform((labels) => [...new Set(labels)].sort());

/** The most rows that one page may have; Prefect's number. */
export const PAGE_LIMIT = 200;

/** `limit` and `offset` of filter routes. */
export const Page = z.object({
  limit: optional(z.int()),
  offset: optional(z.int().nonnegative()),
});
