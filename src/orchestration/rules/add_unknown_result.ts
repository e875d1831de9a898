/**
 * A run that is declared Completed by hand has a result that nobody knows.
 *
 * @module
 */

import { isOneOf, type Transition, type Verdict } from "../rule.ts";

/** FAILED, CRASHED → COMPLETED by force, when the failed state's data was a reference. */
export function addUnknownResult<Run>({ from, to }: Transition<Run>): Verdict<Run> | undefined {
  if (to.type !== "COMPLETED" || !isOneOf(from, "FAILED", "CRASHED")) return undefined;
  const data = from!.data;
  if (data === null || typeof data !== "object" || Array.isArray(data) || data.type !== "reference") return undefined;
  return { kind: "amend", to: { data: { type: "unknown" } } };
}
