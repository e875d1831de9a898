/**
 * Time as an argument: everything that waits or stamps takes a {@link Clock}, so that tests set it.
 *
 * @module
 */

/** A source of time. */
export interface Clock {
  /** The present instant. */
  now(): Temporal.Instant;
  /**
   * Resolves after `ms` milliseconds.
   *
   * @param signal Ends the wait at once; the promise then *resolves* (waiting is over), it does not reject.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Temporal.Now.instant(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done, { once: true });
    }),
};

/**
 * An instant as the API writes it: UTC, six digits of a second, `+00:00`.
 *
 * The width is fixed, so texts compare like instants; the store relies on that.
 *
 * @example
 * ```ts
 * import { formatInstant } from "./clock.ts";
 *
 * console.assert(formatInstant(Temporal.Instant.from("2026-11-21T22:33:58Z")) === "2026-11-21T22:33:58.000000+00:00");
 * ```
 */
export function formatInstant(instant: Temporal.Instant): string {
  return instant.toString({ fractionalSecondDigits: 6 }).slice(0, -1) + "+00:00";
}
