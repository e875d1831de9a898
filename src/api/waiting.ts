/**
 * Long polls: look, and look again when something was committed, until there is an answer or time is up.
 *
 * @module
 */

import type { Change } from "../store/database.ts";
import type { Call } from "./route.ts";

/** How {@link waitFor} waits. */
export interface Waiting<T> {
  /** Looks once; undefined when there is nothing to answer yet. */
  look(): Promise<T | undefined>;
  /** Whether a change is worth another look. */
  concerns(change: Change): boolean;
  /** In seconds. */
  waitSeconds: number;
  /** When to look again although nothing changed, in milliseconds from now. */
  again?(): Promise<number | undefined>;
}

/**
 * The first thing that `look` finds; undefined when time is up, the client is gone or the server stops.
 */
export async function waitFor<T>(
  call: Pick<Call, "api" | "signal">,
  { look, concerns, waitSeconds, again }: Waiting<T>,
): Promise<T | undefined> {
  const { api } = call;
  const over = AbortSignal.any([call.signal, api.drain]);
  const deadline = api.clock.now().add({ milliseconds: Math.round(waitSeconds * 1000) });
  const left = () => deadline.epochMilliseconds - api.clock.now().epochMilliseconds;
  let changed = false;
  let wake = new AbortController();
  // Subscribed before the first look, so that nothing falls between them.
  const unsubscribe = api.store.changes.subscribe((change) => {
    if (change.kind !== "elsewhere" && !concerns(change)) return;
    changed = true;
    wake.abort();
  });
  try {
    while (true) {
      changed = false;
      const found = await look();
      if (found !== undefined || over.aborted || left() <= 0) return found;
      if (changed) continue;
      const soon = await again?.();
      if (changed) continue;
      wake = new AbortController();
      const ms = Math.min(left(), Math.max(1, soon ?? Infinity));
      await api.clock.sleep(ms, AbortSignal.any([wake.signal, over]));
      if (over.aborted) return undefined;
    }
  } finally {
    unsubscribe();
  }
}
