/**
 * Nothing runs before its time. The client sleeps for as long as it is told and proposes again.
 *
 * @module
 */

import { isOneOf, type Transition, type Verdict } from "../rule.ts";

/** SCHEDULED, PENDING → RUNNING. Whole seconds, rounded as Prefect does (half to even), as the wire has an integer there. */
export function waitForScheduledTime<Run>({ from, to, now }: Transition<Run>): Verdict<Run> | undefined {
  if (to.type !== "RUNNING" || !isOneOf(from, "SCHEDULED", "PENDING")) return undefined;
  const scheduled = from!.state_details.scheduled_time;
  if (scheduled === null) return undefined;
  const ms = Temporal.Instant.from(scheduled).epochMilliseconds - now.epochMilliseconds;
  const whole = Math.trunc(ms / 1000);
  const delaySeconds = whole + (ms % 1000 > 500 ? 1 : 0);
  return delaySeconds > 0 ? { kind: "wait", delaySeconds, reason: "Scheduled time is in the future" } : undefined;
}
