/**
 * What a check of `flowctl doctor` finds.
 *
 * @module
 */

import { isFlowctlError, messageOf } from "../../support/errors.ts";

/** Names of the checks, in their order. */
export const CHECKS = ["home", "api", "engine", "disk", "binary", "clock", "dns", "reach", "registry"] as const;
/** See {@link CHECKS}. */
export type CheckName = typeof CHECKS[number];

/** What was found. */
export interface Check {
  check: CheckName;
  status: "ok" | "warn" | "fail";
  /** A sentence without its final period. */
  message: string;
  /** What to do, in one line; null when all is well. */
  fix: string | null;
}

/** All is well. */
export const ok = (check: CheckName, message: string): Check => ({ check, status: "ok", message, fix: null });
/** It works, but not for everything. */
export const warn = (check: CheckName, message: string, fix: string): Check => ({
  check,
  status: "warn",
  message,
  fix,
});
/** It does not work. */
export const fail = (check: CheckName, message: string, fix: string): Check => ({
  check,
  status: "fail",
  message,
  fix,
});

/** What an error says, with its own hint as the fix where it has one. */
export function failWith(check: CheckName, error: unknown, fix: string): Check {
  return fail(check, messageOf(error), (isFlowctlError(error) && error.hint) || fix);
}
