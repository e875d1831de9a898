/**
 * What failures have in common: an error's words without what differs from run to run. Pure, without schemas, so that pages may use it.
 *
 * @module
 */

/** The longest pattern; what is beyond tells errors apart no more. */
const LONGEST_PATTERN = 300;

/** What the engine writes before the user's own words; the state says it already. */
const BEFORE = /^(?:(?:Flow|Task) run encountered an exception|Submission failed): /;

/** Where it was thrown, as the engine writes it behind the words: another line of the same file is the same mistake. */
const PLACE = / \([^()\s]+:\d+:\d+\)$/;

/**
 * In this order: what is quoted may hold all the others, an address a path, an id numbers. Quotes that stand within words (`can't`)
 * quote nothing.
 */
const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w\]])(["'`])(?:(?!\1)[^\n])*\1(?!\w)/g, "$1…$1"],
  [/[“‘][^“”‘’\n]*[”’](?!\w)/g, "“…”"],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s,;)\]}>"']+/gi, "<url>"],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, "<address>"],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "<id>"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, "<time>"],
  [/\bsha(?:1|256|512):[0-9a-f]+\b/gi, "<id>"],
  [/(?<![\w.<])(?:[a-z]:)?(?:[\\/][\w.@%+~-]+){2,}[\\/]?(?::\d+){0,2}/gi, "<path>"],
  [/(?<![\w<])(?:\.{1,2}|[\w.@-]+)(?:[\\/][\w.@-]+)*[\\/][\w@-]+\.[a-z]\w{0,4}(?::\d+){0,2}\b/gi, "<path>"],
  [/\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b/gi, "<id>"],
  [/\b0x[0-9a-f]+\b/gi, "#"],
  [/(?<![A-Za-z_]\d*)\d+(?:[.,:]\d+)*/g, "#"],
];

/**
 * The words that errors of one kind share: of the first line, with quoted values, addresses, ids, times, paths and numbers replaced.
 * Errors with the same pattern count as the same.
 *
 * @param message Of a state; null has no words.
 *
 * @example
 * ```ts
 * import { errorPattern } from "./error_groups.ts";
 *
 * console.assert(errorPattern('Cannot read "a.csv": line 3') === 'Cannot read "…": line #');
 * ```
 */
export function errorPattern(message: string | null): string {
  const line = (message ?? "").split("\n").map((one) => one.trim()).find((one) => one !== "") ?? "";
  let text = line.slice(0, 10 * LONGEST_PATTERN).replace(BEFORE, "").replace(PLACE, "");
  for (const [pattern, word] of REPLACED) text = text.replace(pattern, word);
  text = text.replace(/\s+/g, " ").trim();
  return text.length > LONGEST_PATTERN ? `${text.slice(0, LONGEST_PATTERN).toWellFormed()}…` : text;
}
