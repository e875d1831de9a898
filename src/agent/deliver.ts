/**
 * Sends log records until the API took them, or said that it never will.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { LogCreate } from "../domain/logs.ts";
import { backoff } from "../support/backoff.ts";
import type { Clock } from "../support/clock.ts";
import { isFlowctlError, messageOf } from "../support/errors.ts";
import type { Log } from "../support/log.ts";

/** What is shipped in one request at most. */
export const BATCH_RECORDS = 500;
const BATCH_CHARACTERS = 1_000_000;

/** See {@link deliver}. */
export interface DeliverOptions {
  /** A client that bears the attempt's lease. */
  client: Client;
  clock: Clock;
  random: () => number;
  log: Log;
  /** Gives up what has not been delivered. */
  signal: AbortSignal;
}

/** How many of the first records fit into one request: at least one. */
export function batchSize<T>(waiting: readonly T[], recordOf: (one: T) => LogCreate): number {
  let count = 0, characters = 0;
  for (const one of waiting) {
    characters += recordOf(one).message.length;
    if (count > 0 && (count >= BATCH_RECORDS || characters > BATCH_CHARACTERS)) break;
    count++;
  }
  return count;
}

/**
 * Sends records, again and again while the API is away.
 *
 * @returns `refused`: another attempt is the current one, or the run was deleted. `abandoned`: the signal was aborted first, and
 * whether they arrived is not known.
 */
export async function deliver(
  records: LogCreate[],
  options: DeliverOptions,
): Promise<"delivered" | "refused" | "abandoned"> {
  const { client, clock, random, log, signal } = options;
  const delays = backoff({ baseMs: 250, maxMs: 10_000, random });
  while (!signal.aborted) {
    try {
      await client.logs.create(records, signal);
      return "delivered";
    } catch (error) {
      if (signal.aborted) break;
      const is = (...codes: string[]) => codes.some((code) => isFlowctlError(error, code as "fenced"));
      if (is("fenced", "conflict", "not_found")) return "refused";
      if (is("invalid", "too_large", "forbidden")) {
        if (records.length === 1) {
          log.warning(`Dropped a line that the API refused: ${messageOf(error)}`);
          return "delivered";
        }
        // One record that the API does not take must not cost the others.
        const half = Math.ceil(records.length / 2);
        const first = await deliver(records.slice(0, half), options);
        return first === "delivered" ? await deliver(records.slice(half), options) : first;
      }
      await clock.sleep(delays.next(), signal);
    }
  }
  return "abandoned";
}
