/**
 * The dates of interval schedules: anchor ± n × interval.
 *
 * A day or longer is counted on the wall clock of the time zone, so that 09:00 stays 09:00 over a clock change; shorter
 * ones count elapsed time. Prefect does the same from its anchor on, but jumps to the present by elapsed seconds, so that
 * its answers depend on when it is asked (a daily 09:00 anchored in winter becomes 10:00 when asked in summer). Here the
 * answer is always the one counted from the anchor, which is what its documentation says.
 *
 * @module
 */

import type { IntervalSchedule } from "./schema.ts";
import { WallClock } from "./wall_clock.ts";

const DAY_SECONDS = 86_400;
const DEFAULT_ANCHOR = "2020-01-01T00:00:00Z";

/** The instants of an interval schedule from `from` on, in microseconds since 1970, ascending and without end. */
export function* intervalInstants(schedule: IntervalSchedule, from: Temporal.Instant): Generator<bigint> {
  const step = BigInt(Math.round(schedule.interval * 1e6));
  const anchor = Temporal.Instant.from(schedule.anchor_date ?? DEFAULT_ANCHOR).epochNanoseconds / 1000n;
  const start = ceilDivide(from.epochNanoseconds, 1000n);
  if (schedule.interval < DAY_SECONDS) {
    for (let at = anchor + ceilDivide(start - anchor, step) * step;; at += step) yield at;
  }
  const clock = new WallClock(schedule.timezone, "later");
  const wallAnchor = BigInt(clock.wallOf(Number(floorDivide(anchor, 1000n)))) * 1000n + modulo(anchor, 1000n);
  const wallStart = BigInt(Math.floor(clock.earliestWallFrom(Number(floorDivide(start, 1000n))))) * 1000n;
  let last = start - 1n;
  for (let wall = wallAnchor + ceilDivide(wallStart - wallAnchor, step) * step;; wall += step) {
    const instant = BigInt(clock.instantOf(Number(floorDivide(wall, 1000n)))) * 1000n + modulo(wall, 1000n);
    // A whole day that a zone leaves out falls on the next one, which has its own date.
    if (instant > last) yield last = instant;
  }
}

const modulo = (a: bigint, b: bigint) => ((a % b) + b) % b;
const floorDivide = (a: bigint, b: bigint) => (a - modulo(a, b)) / b;
const ceilDivide = (a: bigint, b: bigint) => -floorDivide(-a, b);
