/**
 * When the lines of an attempt that has ended are at their end.
 *
 * Usually they say so themselves. Something may hold them open, though: a process that was left behind, an engine that hangs.
 *
 * @module
 */

import type { Clock } from "../support/clock.ts";

/**
 * Yields the lines; once `ended` is aborted, a silence of `silenceMs` is their end too. A reader that takes its time is no silence.
 */
export async function* untilSilent<T>(
  lines: AsyncIterable<T>,
  { ended, silenceMs, clock }: { ended: AbortSignal; silenceMs: number; clock: Clock },
): AsyncGenerator<T, void, undefined> {
  const iterator = lines[Symbol.asyncIterator]();
  try {
    while (true) {
      const next = iterator.next();
      const come = new AbortController();
      const result = await Promise.race([next, silence(ended, silenceMs, clock, come.signal)]);
      come.abort();
      if (result === undefined) {
        // Nobody waits for it any more, so its failure is nobody's.
        next.catch(() => {});
        return;
      }
      if (result.done) return;
      yield result.value;
    }
  } finally {
    iterator.return?.()?.then(undefined, () => {});
  }
}

async function silence(ended: AbortSignal, ms: number, clock: Clock, come: AbortSignal): Promise<undefined> {
  await new Promise<void>((resolve) => {
    if (ended.aborted) return resolve();
    ended.addEventListener("abort", () => resolve(), { once: true, signal: come });
  });
  await clock.sleep(ms, come);
}
