/**
 * How long to wait before the next try. Delays only: who waits has the clock, who counts has the tries.
 *
 * @module
 */

/** See {@link backoff}. */
export interface BackoffOptions {
  /** The first delay before jitter, in milliseconds. */
  baseMs: number;
  /** No delay is longer, in milliseconds. */
  maxMs: number;
  /** Numbers of [0, 1). */
  random?: () => number;
}

/** A row of growing delays. */
export interface Backoff {
  /** The next delay in milliseconds. */
  next(): number;
  /** Starts again at the first delay; call it after a success. */
  reset(): void;
  /** How many delays were taken since the last reset. */
  readonly tries: number;
}

/**
 * Delays that double from `baseMs` to `maxMs`, each cut by a random part of up to its half, so that a thousand clients of a
 * server that came back do not call at once.
 *
 * @example
 * ```ts
 * import { backoff } from "./backoff.ts";
 *
 * const delays = backoff({ baseMs: 100, maxMs: 1000, random: () => 1 });
 * console.assert([delays.next(), delays.next(), delays.next()].join() === "100,200,400");
 * ```
 */
export function backoff({ baseMs, maxMs, random = Math.random }: BackoffOptions): Backoff {
  let tries = 0;
  return {
    next: () => Math.min(maxMs, baseMs * 2 ** Math.min(tries++, 52)) * (0.5 + random() / 2),
    reset: () => void (tries = 0),
    get tries() {
      return tries;
    },
  };
}

/**
 * The delay before a retry, in the unit of `delays`.
 *
 * A list gives one delay per retry and its last one repeats; no list or an empty one means at once. That is Prefect's rule.
 *
 * @param runCount How many times the run has begun, this one included: 1 asks for the delay after the first failure.
 */
export function retryDelayFor(runCount: number, delays: number | readonly number[] | null | undefined): number {
  if (delays === null || delays === undefined) return 0;
  if (typeof delays === "number") return delays;
  return delays[Math.min(Math.max(runCount - 1, 0), delays.length - 1)] ?? 0;
}

/**
 * A delay around an average, as Prefect jitters its retries: drawn from a Poisson process and clamped, so that none is
 * longer than `average × (1 + factor)` and the average stays what was asked for.
 *
 * @param factor Above 0; anything else gives the average itself.
 */
export function jitteredDelay(average: number, factor: number, random: () => number = Math.random): number {
  if (!(factor > 0) || !(average > 0)) return average;
  const multiple = 1 + factor;
  const lowerMultiple = multiple >= 50 ? 0 : Math.log2(Math.max(2 ** multiple / (2 ** multiple - 1), 1e-10));
  const share = (delay: number) => 1 - Math.exp(-delay / average);
  const lower = share(average * lowerMultiple);
  const upper = share(average * multiple);
  return -Math.log(Math.max(1 - (lower + random() * (upper - lower)), 1e-10)) * average;
}
