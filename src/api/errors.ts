/**
 * Errors as answers: the only table from code to status, and the bodies that Prefect's clients know.
 *
 * @module
 */

import type { z } from "zod";
import { type ErrorCode, type FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import { isBusy, isForeignKeyViolation, isUniqueViolation } from "../store/sqlite_errors.ts";

/** The status of each code. An error may ask for another one in its `details.status`, where Prefect uses a finer one. */
export const STATUS = {
  invalid: 422,
  not_found: 404,
  conflict: 409,
  forbidden: 403,
  unauthorized: 401,
  too_large: 413,
  fenced: 409,
  unavailable: 503,
  timeout: 504,
  // Only a stopping server cancels; trying again finds the next one.
  cancelled: 503,
  user_code: 422,
  unsupported: 422,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;

/** One entry of `exception_detail`. */
export interface ValidationProblem {
  loc: (string | number)[];
  msg: string;
  type: string;
}

/** Thrown when a request does not have the route's shape; it has a body of its own, which is pydantic's. */
export class ValidationError extends Error {
  override readonly name = "ValidationError";
  constructor(readonly problems: ValidationProblem[], readonly requestBody: unknown) {
    super("Invalid request received.");
  }
}

/** Zod's issues as pydantic words them, so that Prefect's client shows something sensible. */
export function problemsOf(error: z.ZodError, where: "body" | "path" | "query", given: unknown): ValidationProblem[] {
  return error.issues.flatMap((issue): ValidationProblem[] => {
    const loc = [where, ...issue.path.map((part) => typeof part === "number" ? part : String(part))];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        loc: [...loc, key],
        msg: "extra fields not permitted",
        type: "value_error.extra",
      }));
    }
    if (issue.code === "invalid_type" && at(given, issue.path) === undefined) {
      return [{ loc, msg: "field required", type: "value_error.missing" }];
    }
    return [{ loc, msg: issue.message, type: issue.code === "invalid_type" ? "type_error" : "value_error" }];
  });
}

const at = (value: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>((found, key) => (found as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

/** An answer with a JSON body. */
export const jsonAnswer = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

const INTEGRITY = "Data integrity conflict. This usually means a unique or foreign key constraint was violated. " +
  "See server logs for details.";

/** The answer for anything that was thrown. What nobody expected is a 500 whose cause is in the log only. */
export function errorAnswer(error: unknown, log: Log, what: string): Response {
  if (error instanceof ValidationError) {
    return jsonAnswer({
      exception_message: error.message,
      exception_detail: error.problems,
      request_body: error.requestBody ?? null,
      code: "invalid",
    }, STATUS.invalid);
  }
  if (isFlowctlError(error) && error.code !== "internal") return problemAnswer(error);
  if (isBusy(error)) {
    return jsonAnswer({ detail: "The database is busy", code: "unavailable" }, 503, { "retry-after": "1" });
  }
  if (isForeignKeyViolation(error) || isUniqueViolation(error)) {
    log.warning(`Refused ${what}: ${messageOf(error)}`);
    return jsonAnswer({ detail: INTEGRITY, code: "conflict" }, STATUS.conflict);
  }
  const cause = error instanceof Error ? error.stack ?? error.message : String(error);
  log.error(`Failed ${what}: ${cause}`);
  return jsonAnswer({ exception_message: "Internal Server Error", code: "internal" }, STATUS.internal);
}

function problemAnswer(error: FlowctlError): Response {
  const { code, message, hint, details } = error;
  const asked = details.status;
  const status = typeof asked === "number" && asked >= 400 && asked < 600 ? asked : STATUS[code];
  const said = details.exception === true ? { exception_message: message } : { detail: message };
  const headers: Record<string, string> = status === 503
    ? { "retry-after": "1" }
    : status === 429
    ? { "retry-after": String(details.retryAfter ?? 1) }
    : status === 401
    ? { "www-authenticate": 'Bearer realm="flowctl"' }
    : {};
  return jsonAnswer({ ...said, code, ...(hint === undefined ? {} : { hint }) }, status, headers);
}
