/**
 * A clock whose time passes only by sleeping: each sleep ends at once and moves it on. What was slept is written down.
 *
 * @module
 */

import type { Clock } from "../../src/support/clock.ts";

/** See the module's comment. */
export function skippingClock(start = "2026-11-21T22:33:58Z"): Clock & { slept: number[] } {
  let now = Temporal.Instant.from(start);
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    async sleep(ms) {
      slept.push(ms);
      await new Promise((resolve) => setImmediate(resolve));
      now = now.add({ milliseconds: Math.round(ms) });
    },
  };
}
