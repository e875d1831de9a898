/**
 * The invisible mark by which a printed line says "I was sent to the API as record N".
 *
 * What a container prints is the second copy of its logs. The agent ships lines without a mark (other programs, crashes before
 * the SDK loads) and, when a run ended abruptly, marked ones that the API lacks. The mark is an APC string, which terminals
 * swallow; it ends the line.
 *
 * @module
 */

/** Ends a printed line: the record's sequence number within its attempt. */
export const markLine = (line: string, sequence: number): string => `${line}\x1b_fc${sequence}\x1b\\`;

// deno-lint-ignore no-control-regex -- the mark is made of control characters
const MARK = /\x1b_fc(\d{1,15})\x1b\\\r?$/;

/**
 * Splits a line into its text and, when it bears a mark, the record's sequence number.
 *
 * @example
 * ```ts
 * import { markLine, readMark } from "./log_marks.ts";
 *
 * console.assert(readMark(markLine("hello", 7)).sequence === 7);
 * console.assert(readMark("hello").sequence === undefined);
 * ```
 */
export function readMark(line: string): { text: string; sequence?: number } {
  const found = MARK.exec(line);
  return found === null ? { text: line } : { text: line.slice(0, found.index), sequence: Number(found[1]) };
}
