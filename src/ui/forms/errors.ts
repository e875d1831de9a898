/**
 * The server's errors at the places where they belong. Pure.
 *
 * @module
 */

import type { ParameterError } from "../../domain/deployment_views.ts";

/** A place in parameters. */
export type Path = readonly (string | number)[];

/** The errors of a part, seen from there. */
export const below = (errors: readonly ParameterError[], key: string | number): ParameterError[] =>
  errors.filter(({ path }) => path[0] === key).map(({ path, message }) => ({ path: path.slice(1), message }));

/** The errors that no part shows: a field's own, and those of parts that have no field. */
export const besides = (errors: readonly ParameterError[], keys: readonly (string | number)[]): ParameterError[] =>
  errors.filter(({ path }) => path.length === 0 || !keys.includes(path[0]));

/** Errors as one text. @param subject What they are about, when they stand away from it. */
export const textOfErrors = (errors: readonly ParameterError[], subject?: string): string | undefined =>
  errors.length === 0 ? undefined : errors.map(({ path, message }) => {
    const where = path.map((part) => typeof part === "number" ? `item ${part + 1}` : `"${part}"`).join(", ");
    const phrase = where === "" ? message : `${where} ${message}`;
    return subject === undefined || where !== ""
      ? phrase.replace(/^./, (first) => first.toUpperCase())
      : `${subject} ${phrase}`;
  }).join(". ");

/** The errors at places that somebody has been at. */
export const atTouched = (errors: readonly ParameterError[], touched: ReadonlySet<string>): ParameterError[] =>
  errors.filter(({ path }) => path.some((_, i) => touched.has(JSON.stringify(path.slice(0, i + 1)))));
