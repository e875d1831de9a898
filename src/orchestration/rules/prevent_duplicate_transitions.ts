/**
 * A client that lost the answer sends its proposal again; it must not count twice.
 *
 * @module
 */

import type { Transition, Verdict } from "../rule.ts";

/** Any → any, when the proposal bears the `transition_id` of the current state. */
export function preventDuplicateTransitions<Run>({ from, to }: Transition<Run>): Verdict<Run> | undefined {
  const id = to.state_details.transition_id;
  if (id === null || from?.state_details.transition_id !== id) return undefined;
  return { kind: "reject", reason: "This run has already made this state transition." };
}
