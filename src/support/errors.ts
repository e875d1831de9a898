/**
 * The one error class that crosses layers: a code to branch on, a sentence to read, a hint to act on.
 *
 * `src/api/errors.ts` turns codes into HTTP statuses, `src/cli/exit.ts` turns them into exit codes; both tables are checked
 * for completeness by the type of {@link ErrorCode}.
 *
 * @module
 */

/** What went wrong, in one word. Everything that is not listed is `internal`: a bug of ours. */
export const ERROR_CODES = [
  /** The input is wrong: a bad option, body, filter, file. */
  "invalid",
  /** Nobody has that name or id. */
  "not_found",
  /** It exists already, or is in a state that forbids this. */
  "conflict",
  /** The caller may not do this. */
  "forbidden",
  /** The caller did not say who they are. */
  "unauthorized",
  /** The body or a line is larger than allowed. */
  "too_large",
  /** The attempt that speaks is not the current one any more. */
  "fenced",
  /** Somebody we depend on (server, engine, disk) does not answer; trying again may help. */
  "unavailable",
  /** It took longer than it may. */
  "timeout",
  /** The user stopped it. */
  "cancelled",
  /** Code of the user (a flow, a module that is loaded) failed. */
  "user_code",
  /** This machine, engine or runtime can't do that. */
  "unsupported",
  /** A bug of flowctl. */
  "internal",
] as const;

/** See {@link ERROR_CODES}. */
export type ErrorCode = typeof ERROR_CODES[number];

/** What an error may carry beside its sentence. */
export interface ErrorOptions {
  /** What to do about it, as a sentence. */
  hint?: string;
  /** The error that led to this one; shown to operators, not to users. */
  cause?: unknown;
  /** Machine-readable facts, for example `{ status: 404 }` of an engine's answer. */
  details?: Record<string, unknown>;
}

/**
 * An error that somebody can act on.
 *
 * Messages follow one rule: sentence case, no final period, the action first, values in quotes, then a colon and the present
 * state.
 *
 * @example
 * ```ts
 * import { FlowctlError } from "./errors.ts";
 *
 * const error = new FlowctlError("not_found", `Cannot run deployment "etl/nightly": no deployment has that name`, {
 *   hint: "List them with: flowctl deployment ls",
 * });
 * console.assert(error.code === "not_found");
 * ```
 */
export class FlowctlError extends Error {
  /** Always `FlowctlError`, by which copies of this module know each other's errors. */
  override readonly name = "FlowctlError";
  /** What to branch on. */
  readonly code: ErrorCode;
  /** What to do about it, as a sentence. */
  readonly hint?: string;
  /** Machine-readable facts. */
  readonly details: Record<string, unknown>;

  /**
   * Makes an error; throw it.
   *
   * @param message A sentence without its final period; see above.
   */
  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** Whether an error is a {@link FlowctlError}, optionally of one code; also true for one made by another copy of this module. */
export function isFlowctlError(error: unknown, code?: ErrorCode): error is FlowctlError {
  if (!(error instanceof Error) || error.name !== "FlowctlError") return false;
  return code === undefined || (error as FlowctlError).code === code;
}

/** The sentence of anything thrown, for messages and logs. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
