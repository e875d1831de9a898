/**
 * Runs a user's function until it ends, its time is up, or the run is stopped.
 *
 * JavaScript cannot end a function from outside: what goes on after its time is up is no longer waited for.
 *
 * @module
 */

import type { Clock } from "../support/clock.ts";

/** How a function ended. */
export type Ended =
  | { kind: "returned"; value: unknown }
  | { kind: "threw"; error: unknown }
  | { kind: "timed_out" }
  | { kind: "stopped" };

/** What {@link runBody} needs. */
export interface BodyOptions {
  clock: Clock;
  timeoutSeconds?: number;
  /** Aborted when the run is to stop. */
  signal: AbortSignal;
  /** Called when the time is up, before the function is left alone. */
  onTimeout: () => void;
  /** Whether user code has looked at a signal; only then it is worth waiting for it to end by itself. */
  isListening: () => boolean;
  graceMs: number;
  /** Aborted, with the error as its reason, when user code failed where nobody was waiting. */
  broken?: AbortSignal;
}

/** See the module's comment. Never rejects. */
export async function runBody(body: () => unknown, options: BodyOptions): Promise<Ended> {
  const { clock, timeoutSeconds, signal, broken } = options;
  if (signal.aborted) return { kind: "stopped" };
  const done = new AbortController();
  const settled = Promise.try(body).then(
    (value): Ended => ({ kind: "returned", value }),
    (error): Ended => signal.aborted ? { kind: "stopped" } : { kind: "threw", error },
  );
  const rivals: Promise<Ended>[] = [
    settled,
    whenAborted(signal, done.signal, async () => {
      if (options.isListening()) await Promise.race([settled, clock.sleep(options.graceMs, done.signal)]);
      return { kind: "stopped" };
    }),
  ];
  if (broken !== undefined) {
    rivals.push(whenAborted(broken, done.signal, () => ({ kind: "threw", error: broken.reason })));
  }
  if (timeoutSeconds !== undefined) {
    rivals.push(
      clock.sleep(timeoutSeconds * 1000, done.signal).then((): Ended | Promise<Ended> => {
        if (done.signal.aborted) return settled;
        options.onTimeout();
        return { kind: "timed_out" };
      }),
    );
  }
  try {
    return await Promise.race(rivals);
  } finally {
    done.abort();
  }
}

/** A promise that goes on when a signal is aborted; given up (pending for ever, but without a listener) when `until` is. */
function whenAborted(signal: AbortSignal, until: AbortSignal, next: () => Ended | Promise<Ended>): Promise<Ended> {
  return new Promise((resolve) => {
    const go = () => resolve(next());
    if (signal.aborted) return go();
    signal.addEventListener("abort", go, { once: true, signal: until });
  });
}
