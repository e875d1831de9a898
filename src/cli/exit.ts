/**
 * How the program ends: an exit code for every error code, and the words on stderr.
 *
 * | code | meaning |
 * |---|---|
 * | 0 | done |
 * | 1 | it failed: the flow, a file of the user's, something this machine can't do |
 * | 2 | wrong usage or input |
 * | 3 | nobody has that name or id |
 * | 4 | no answer from the server or engine |
 * | 5 | it exists already, or is in a state that forbids this |
 * | 6 | not permitted |
 * | 7 | the attempt is not the current one any more |
 * | 70 | a bug of flowctl |
 * | 130, 143 | stopped by SIGINT, SIGTERM |
 *
 * @module
 */

import { type ErrorCode, FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import { harmless } from "../support/text.ts";

/** See the module's table. */
export const EXIT_CODES = {
  invalid: 2,
  not_found: 3,
  conflict: 5,
  forbidden: 6,
  unauthorized: 6,
  too_large: 2,
  fenced: 7,
  unavailable: 4,
  timeout: 4,
  cancelled: 130,
  user_code: 1,
  unsupported: 1,
  internal: 70,
} as const satisfies Record<ErrorCode, number>;

/** What the shell expects of a process that a signal stopped: 128 + its number. */
export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/** A signal that stops the program. */
export type StopSignal = keyof typeof SIGNAL_EXIT_CODES;

/** The reason of the abort when a signal arrives. */
export const stoppedBy = (signal: StopSignal): FlowctlError =>
  new FlowctlError("cancelled", `Stopped by ${signal}`, { details: { signal } });

/** The signal behind an aborted program; undefined when nothing stopped it. */
export function stopSignalOf(signal: AbortSignal): StopSignal | undefined {
  if (!signal.aborted || !isFlowctlError(signal.reason, "cancelled")) return undefined;
  const name = signal.reason.details.signal;
  return name === "SIGINT" || name === "SIGTERM" ? name : undefined;
}

/**
 * The exit code of anything thrown.
 *
 * @param signal The program's: whatever went wrong after it was stopped, it ended because it was stopped.
 */
export function exitCodeOf(error: unknown, signal?: AbortSignal): number {
  const stopped = signal && stopSignalOf(signal);
  if (stopped) return SIGNAL_EXIT_CODES[stopped];
  if (!isFlowctlError(error)) return EXIT_CODES.internal;
  // An error made by another copy of this module may have a code that this one does not know.
  return EXIT_CODES[error.code] ?? 1;
}

/** An error of a user's file that nobody caught: one sentence with their file and line. */
export async function usersError(error: unknown): Promise<FlowctlError> {
  if (isFlowctlError(error)) return error;
  const { describeError } = await import("../support/stacks.ts");
  return new FlowctlError("user_code", describeError(error), { cause: error });
}

/**
 * The lines of an error for stderr, without a trailing newline: a sentence, a hint, and the stack only when it is asked for.
 *
 * @param verbose With `--verbose` or `FLOWCTL_DEBUG=1`.
 */
export function renderError(error: unknown, verbose: boolean): string {
  const known = isFlowctlError(error) && error.code !== "internal";
  const lines = [`Error: ${known ? harmless(error.message) : `Cannot go on: ${harmless(messageOf(error))}`}`];
  if (isFlowctlError(error) && error.hint) lines.push(`Hint: ${harmless(error.hint)}`);
  else if (!known) lines.push("Hint: This is a bug of flowctl. Run the command again with --verbose to see where");
  if (verbose) lines.push(...stacks(error).map(harmless));
  return lines.join("\n");
}

function stacks(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 8) return depth === 0 ? [] : [`Caused by: ${String(error)}`];
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return [
    depth === 0 ? own : `Caused by: ${own}`,
    ...(error.cause === undefined ? [] : stacks(error.cause, depth + 1)),
  ];
}
