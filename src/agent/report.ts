/**
 * What an agent tells the API of a run: until the API has heard it.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { isFinal, type StateCreate, type StateType } from "../domain/states.ts";
import { backoff } from "../support/backoff.ts";
import type { Clock } from "../support/clock.ts";
import { type ErrorCode, isFlowctlError, messageOf } from "../support/errors.ts";
import type { Log } from "../support/log.ts";

/** See {@link insist}. */
export interface InsistOptions {
  /** The run's name, for messages. */
  name: string;
  clock: Clock;
  random: () => number;
  log: Log;
  /** Aborted when the agent is to stop. */
  stopping: AbortSignal;
  /** Called when the lease is not ours any more, or the run was deleted. */
  refused?: () => void;
}

/**
 * Does it again and again until the API has answered, be it with a no.
 *
 * @returns False when the agent was stopped before that; the lease lives on, and the next process of this agent closes the run.
 */
export async function insist(act: () => Promise<unknown>, options: InsistOptions): Promise<boolean> {
  const { name, clock, random, log, stopping, refused } = options;
  const delays = backoff({ baseMs: 250, maxMs: 10_000, random });
  while (true) {
    try {
      await act();
      return true;
    } catch (error) {
      if (isRefusal(error)) {
        refused?.();
        return true;
      }
      // An API that is away is warned of by the open claim, and one that has a fault may be mended.
      if (!isAway(error) && delays.tries === 0) log.warning(`Flow run '${name}': ${messageOf(error)}`);
      if (isFinalNo(error)) return true;
      if (stopping.aborted) return false;
      await clock.sleep(delays.next(), stopping);
    }
  }
}

/** Proposes a state that depends on the present one, and says in the log how the run stands. */
export function proposeState(
  client: Client,
  flowRunId: string,
  choose: (state: StateType | null) => StateCreate | undefined,
  options: InsistOptions,
): Promise<boolean> {
  const { name, log } = options;
  return insist(async () => {
    let { state } = await client.flowRuns.read(flowRunId);
    const proposed = isFinal(state?.type) ? undefined : choose(state?.type ?? null);
    if (proposed !== undefined) ({ state } = await client.flowRuns.setState(flowRunId, proposed));
    const line = `Flow run '${name}' ${state?.name ?? "has no state"}`;
    const message = state?.message ? `: ${state.message.split("\n")[0]}` : "";
    if (state?.type === "CRASHED" || state?.type === "FAILED") log.error(line + message);
    else log.info(line);
  }, options);
}

const isAny = (error: unknown, codes: readonly ErrorCode[]) => codes.some((code) => isFlowctlError(error, code));
const isRefusal = (error: unknown) => isAny(error, ["fenced", "conflict", "not_found"]);
/** Whether the API did not answer: it may when it is asked again. */
export const isAway = (error: unknown) => isAny(error, ["unavailable", "timeout"]);
/** Asking again would be answered in the same way. */
const isFinalNo = (error: unknown) =>
  isAny(error, ["invalid", "forbidden", "unauthorized", "too_large", "unsupported"]);
