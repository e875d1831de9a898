/**
 * Questions that cost the server something, asked no more often than it can bear.
 *
 * @module
 */

/** How many times as long as an answer took the next question waits. */
const RESTS = 4;

/** What {@link paced} needs of the world; another one in tests. */
export interface PaceClock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const browser: PaceClock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    }),
};

/**
 * Asks at once the first time; then not before the server has rested four times as long as the last answer took, so that a page that
 * is looked at while much happens takes a fifth of its time at most. A quick answer is waited for by nobody.
 */
export function paced<T>(ask: () => Promise<T>, clock: PaceClock = browser): (signal: AbortSignal) => Promise<T> {
  let restUntil = 0;
  return async (signal) => {
    const wait = restUntil - clock.now();
    if (wait > 0) await clock.sleep(wait, signal);
    signal.throwIfAborted();
    const begun = clock.now();
    try {
      return await ask();
    } finally {
      const ended = clock.now();
      restUntil = ended + RESTS * (ended - begun);
    }
  };
}
