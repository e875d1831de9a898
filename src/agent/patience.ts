/**
 * Waiting for work, but not for ever; what is left of the wait is cleared away.
 *
 * @module
 */

import type { Clock } from "../support/clock.ts";

/** Waits for the work, at most for so long. */
export async function within(ms: number, work: Promise<unknown>, clock: Clock): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, clock.sleep(ms, done.signal)]);
  done.abort();
}
