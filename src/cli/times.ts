/**
 * Times for people: relative in tables, exact where one thing is looked at. JSON has the wire's.
 *
 * @module
 */

import type { Clock } from "../support/clock.ts";
import { formatDuration } from "../support/durations.ts";
import { relativeTime } from "../support/text.ts";

/** "5 minutes ago"; a dash when there is none. */
export function when(timestamp: string | null | undefined, clock: Clock): string {
  return timestamp ? relativeTime(Temporal.Instant.from(timestamp), clock.now()) : "-";
}

/** "2026-11-21 22:33:58 UTC (5 minutes ago)"; undefined when there is none. */
export function exactly(timestamp: string | null | undefined, clock: Clock): string | undefined {
  if (!timestamp) return undefined;
  const instant = Temporal.Instant.from(timestamp);
  const text = instant.toString({ fractionalSecondDigits: 0 }).replace("T", " ").replace("Z", " UTC");
  return `${text} (${relativeTime(instant, clock.now())})`;
}

/** "1m3s" of a number of seconds; milliseconds only below ten seconds. Undefined for nothing. */
export function howLong(seconds: number): string | undefined {
  if (seconds <= 0) return undefined;
  return formatDuration(seconds < 10 ? seconds : Math.round(seconds));
}
