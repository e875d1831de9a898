/**
 * A run that is taken before its time keeps that time, so that it waits inside its container.
 *
 * @module
 */

import type { Transition, Verdict } from "../rule.ts";

/** SCHEDULED → PENDING without a time of its own. */
export function copyScheduledTime<Run>({ from, to }: Transition<Run>): Verdict<Run> | undefined {
  if (from?.type !== "SCHEDULED" || to.type !== "PENDING" || to.state_details.scheduled_time !== null) return undefined;
  return {
    kind: "amend",
    to: { state_details: { ...to.state_details, scheduled_time: from.state_details.scheduled_time } },
  };
}
