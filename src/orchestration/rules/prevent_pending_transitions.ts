/**
 * The lock against double submission: of two that take a run, the second is told so.
 *
 * @module
 */

import { isOneOf, type Transition, type Verdict } from "../rule.ts";

/** PENDING, RUNNING, CANCELLING, CANCELLED → PENDING. */
export function preventPendingTransitions<Run>({ from, to }: Transition<Run>): Verdict<Run> | undefined {
  if (to.type !== "PENDING" || !isOneOf(from, "PENDING", "RUNNING", "CANCELLING", "CANCELLED")) return undefined;
  return { kind: "abort", reason: `This run is in a ${from!.type} state and cannot transition to a PENDING state.` };
}
