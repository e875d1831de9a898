/**
 * What all services have in common: a loop that works, waits, and ends when it is told to.
 *
 * @module
 */

import type { Store } from "../store/database.ts";
import type { Clock } from "../support/clock.ts";
import { messageOf } from "../support/errors.ts";
import type { Log } from "../support/log.ts";

/** What services are made of. */
export interface ServiceDeps {
  store: Store;
  clock: Clock;
  /** Numbers of [0, 1). */
  random: () => number;
  log: Log;
}

/** A running service. */
export interface Service {
  readonly name: string;
  /** Works again now, or right after the work that is under way. */
  wake(): void;
  /** Lets the work that is under way finish, and ends. */
  stop(): Promise<void>;
}

/** How much of the wait is left to chance, so that loops (and servers on one database) do not march in step. */
const JITTER = 0.1;

/**
 * Runs `work` at once and then every `everyMs` milliseconds, counted from its end. An error is logged, and the loop goes on.
 */
export function loop(
  name: string,
  everyMs: number,
  work: () => Promise<void>,
  { clock, random, log }: Pick<ServiceDeps, "clock" | "random" | "log">,
): Service {
  let stopped = false;
  let woken = false;
  let sleep = new AbortController();
  const run = async () => {
    while (!stopped) {
      woken = false;
      try {
        await work();
      } catch (error) {
        log.error(`Service "${name}" failed and goes on: ${messageOf(error)}`);
      }
      if (stopped || woken) continue;
      sleep = new AbortController();
      await clock.sleep(everyMs * (1 + JITTER * (random() - 0.5)), sleep.signal);
    }
  };
  const running = run();
  return {
    name,
    wake() {
      woken = true;
      sleep.abort();
    },
    async stop() {
      stopped = true;
      sleep.abort();
      await running;
    },
  };
}
