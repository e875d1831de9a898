/**
 * The small pieces that filters are made of: one function per operator of the grammar.
 *
 * @module
 */

import { type RawBuilder, sql, type SqlBool } from "kysely";

/** Something that may stand in a WHERE. */
export type Condition = RawBuilder<SqlBool>;

const TRUE: Condition = sql<SqlBool>`1`;
const FALSE: Condition = sql<SqlBool>`0`;

/** Either joined by AND (of none: true), or by OR. Prefect's rule: of none, both are true. */
export function joined(
  conditions: readonly (Condition | undefined)[],
  operator: "and_" | "or_" | undefined = "and_",
): Condition {
  const given = conditions.filter((condition) => condition !== undefined);
  if (given.length === 0) return TRUE;
  if (given.length === 1) return given[0];
  return sql<SqlBool>`(${sql.join(given, operator === "or_" ? sql` OR ` : sql` AND `)})`;
}

/** `any_`: one of; of none nothing. */
export function isAnyOf(column: string, values: readonly (string | number)[] | undefined): Condition | undefined {
  if (values === undefined) return undefined;
  if (values.length === 0) return FALSE;
  if (values.length === 1) return sql<SqlBool>`${sql.ref(column)} = ${values[0]}`;
  // One text whatever the length, so that the prepared statement is found again; and no limit on variables.
  return sql<SqlBool>`${sql.ref(column)} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;
}

/** `not_any_`: none of. NULL is never "none of" something, as in Prefect's SQL; of an empty list all match. */
export function isNoneOf(column: string, values: readonly string[] | undefined): Condition | undefined {
  if (values === undefined) return undefined;
  if (values.length === 0) return TRUE;
  return sql<SqlBool>`${sql.ref(column)} NOT IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;
}

/** The longest name there is; a pattern that asks for more characters matches nothing. */
const LONGEST_TEXT = 4000;

/** `like_`: contains, case-insensitive (ASCII); `%` and `_` are wildcards. */
export function isLike(column: string, pattern: string | undefined): Condition | undefined {
  if (pattern === undefined) return undefined;
  // SQLite refuses patterns above 50,000 bytes.
  const short = `%${pattern}%`.replaceAll(/%+/g, "%");
  if (short.length > 2 * LONGEST_TEXT) return FALSE;
  return sql<SqlBool>`${sql.ref(column)} LIKE ${short}`;
}

/** For `LIKE ? ESCAPE '\\'`: contains the text itself, whatever it holds. */
export const containing = (text: string): string => `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;

/** `is_null_`: true asks for NULL, false for a value. */
export function isNull(column: string, wanted: boolean | undefined): Condition | undefined {
  if (wanted === undefined) return undefined;
  return wanted ? sql<SqlBool>`${sql.ref(column)} IS NULL` : sql<SqlBool>`${sql.ref(column)} IS NOT NULL`;
}

/** `eq_` on a flag. */
export const isFlag = (column: string, wanted: boolean | undefined): Condition | undefined =>
  wanted === undefined ? undefined : sql<SqlBool>`${sql.ref(column)} = ${Number(wanted)}`;

/** `before_` is ≤ and `after_` is ≥; also for numbers. */
export const isBetween = (
  column: string,
  from: string | number | undefined,
  to: string | number | undefined,
): Condition =>
  joined([
    from === undefined ? undefined : sql<SqlBool>`${sql.ref(column)} >= ${from}`,
    to === undefined ? undefined : sql<SqlBool>`${sql.ref(column)} <= ${to}`,
  ]);

/** `all_` on a JSON list: has each of them; of none all match. */
export function hasAll(column: string, values: readonly string[] | undefined): Condition | undefined {
  return values &&
    joined(
      values.map((value) => sql<SqlBool>`EXISTS (SELECT 1 FROM json_each(${sql.ref(column)}) WHERE value = ${value})`),
    );
}

/** `is_null_` on a JSON list: is empty. */
export function isEmptyList(column: string, wanted: boolean | undefined): Condition | undefined {
  if (wanted === undefined) return undefined;
  return wanted ? sql<SqlBool>`${sql.ref(column)} = '[]'` : sql<SqlBool>`${sql.ref(column)} <> '[]'`;
}

/** "There is a related one": `from` names tables, aliases stay out of the outer ones' way by being the tables' names. */
export const exists = (from: RawBuilder<unknown>, conditions: readonly (Condition | undefined)[]): Condition =>
  sql<SqlBool>`EXISTS (SELECT 1 FROM ${from} WHERE ${joined(conditions)})`;
