/**
 * Waiting for an engine that may hang: an abort ends the waiting soon, and what the engine carries out later is undone then.
 *
 * @module
 */

import { orAborted } from "../support/abort.ts";
import type { Clock } from "../support/clock.ts";

/** What is aborted while the engine hangs is given up after that. */
export const GIVE_UP_MS = 5_000;

/** What comes of the work; undefined when that takes longer than so many milliseconds, by default {@link GIVE_UP_MS}. */
export async function soon<T>(work: Promise<T>, clock: Clock, ms = GIVE_UP_MS): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(ms, done.signal).then(() => undefined)]);
  } finally {
    done.abort();
  }
}

/**
 * What comes of a request to the engine. After an abort its answer is waited for {@link GIVE_UP_MS}, so that what was made can be
 * taken back at once.
 *
 * @param undo Called when it was carried out after all, later
 * @throws the signal's reason when the engine took too long
 */
export async function orGiveUp<T>(
  work: Promise<T>,
  { signal, clock }: { signal: AbortSignal; clock: Clock },
  undo: (value: T) => Promise<void>,
): Promise<T> {
  const answer = work.then((value) => ({ value }));
  const first = await orAborted(answer, signal) ?? await soon(answer, clock);
  if (first !== undefined) return first.value;
  answer.then(({ value }) => undo(value), () => {});
  throw signal.reason;
}
