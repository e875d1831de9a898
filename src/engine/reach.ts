/**
 * Keeps asking the API while it is away.
 *
 * A run outlives a restart of its server or agent: for the grace in which its agent may come back, a request that got no answer
 * is repeated. Repeating must be safe: creations are found again by their keys, states by their transition ids.
 *
 * @module
 */

import { ADOPTION_GRACE_SECONDS } from "../domain/agents.ts";
import { backoff } from "../support/backoff.ts";
import type { Clock } from "../support/clock.ts";
import { isFlowctlError } from "../support/errors.ts";

/** Tries until there is an answer, at most for the grace. @throws whatever the last try threw */
export async function reach<T>(work: () => Promise<T>, clock: Clock): Promise<T> {
  const delays = backoff({ baseMs: 100, maxMs: 3000 });
  let until: number | undefined;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const now = clock.now().epochMilliseconds;
      until ??= now + ADOPTION_GRACE_SECONDS * 1000;
      if (!isFlowctlError(error, "unavailable") || now >= until) throw error;
      await clock.sleep(delays.next());
    }
  }
}
