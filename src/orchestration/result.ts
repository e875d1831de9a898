/**
 * The answers of `set_state`.
 *
 * @module
 */

import type { OrchestrationResult } from "../domain/orchestration.ts";
import type { State } from "../domain/states.ts";
import type { Decision } from "./rule.ts";

/** An answer, and whether a state was stored for it (then the API says 201, else 200). */
export type Outcome = OrchestrationResult & { written: boolean };

/** @param state The run's state after the call. */
export function outcomeOf(decision: Decision<unknown>, state: State | null, written: boolean): Outcome {
  switch (decision.status) {
    case "ACCEPT":
      return { state, status: "ACCEPT", details: { type: "accept_details" }, written };
    case "REJECT":
      return { state, status: "REJECT", details: { type: "reject_details", reason: decision.reason }, written };
    case "WAIT":
      return {
        state,
        status: "WAIT",
        details: { type: "wait_details", delay_seconds: decision.delaySeconds, reason: decision.reason },
        written,
      };
    case "ABORT":
      return { state, status: "ABORT", details: { type: "abort_details", reason: decision.reason }, written };
  }
}
