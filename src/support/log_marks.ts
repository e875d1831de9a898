/**
 * The invisible mark by which a printed line says "I am a copy of record N".
 *
 * What a container prints is the second copy of its logs. The agent ships lines without a mark (other programs, crashes before
 * the SDK loads), at once those whose mark says that the SDK could not send them, and, when a run ended abruptly, all marked ones
 * that the API lacks. The mark is an APC string, which terminals swallow; it ends the line.
 *
 * `ESC _ fc <sequence> [+] [u] [;<flow run>] ESC \`: `+` when the record goes on in the next line, `u` when it was not sent, the
 * flow run when it is a sub-flow of the attempt's own run.
 *
 * @module
 */

/** Which record a line is a copy of. */
export interface LogMark {
  /** The record's number within its attempt, sub-flows included. */
  sequence: number;
  /** Whether the next line with this number goes on with the same record. */
  continues?: boolean;
  /** Whether nobody sent the record to the API. */
  isUnsent?: boolean;
  /** The run that the record belongs to, when it is not the attempt's own. */
  flowRunId?: string;
}

/** Ends a printed line in a mark. */
export function markLine(line: string, { sequence, continues, isUnsent, flowRunId }: LogMark): string {
  const run = flowRunId === undefined ? "" : `;${flowRunId}`;
  return `${line}\x1b_fc${sequence}${continues ? "+" : ""}${isUnsent ? "u" : ""}${run}\x1b\\`;
}

// deno-lint-ignore no-control-regex -- the mark is made of control characters
const MARK = /\x1b_fc(\d{1,15})(\+?)(u?)(?:;([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?\x1b\\\r?$/;

/**
 * Splits a line into its text and, when it bears one, its mark.
 *
 * @example
 * ```ts
 * import { markLine, readMark } from "./log_marks.ts";
 *
 * console.assert(readMark(markLine("hello", { sequence: 7 })).mark?.sequence === 7);
 * console.assert(readMark("hello").mark === undefined);
 * ```
 */
export function readMark(line: string): { text: string; mark?: LogMark } {
  const found = MARK.exec(line);
  if (found === null) return { text: line };
  const [, sequence, continues, isUnsent, flowRunId] = found;
  return {
    text: line.slice(0, found.index),
    mark: {
      sequence: Number(sequence),
      ...continues === "" ? {} : { continues: true },
      ...isUnsent === "" ? {} : { isUnsent: true },
      ...flowRunId === undefined ? {} : { flowRunId },
    },
  };
}
