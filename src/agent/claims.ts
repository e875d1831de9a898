/**
 * The claim that is always open: a new run reaches the agent in milliseconds, and so does a cancellation.
 *
 * @module
 */

import { backoff } from "../support/backoff.ts";
import { isFlowctlError, messageOf } from "../support/errors.ts";
import { Attempt } from "./attempts.ts";
import { cancelAttempts } from "./cancel.ts";
import type { AgentContext } from "./context.ts";

/** How long the API may keep a claim open. */
const WAIT_SECONDS = 30;
/** The API's answer is awaited so much longer, then the connection counts as dead. */
const PATIENCE_MS = 15_000;
/** How many runs are taken at once when there is no limit. */
const AT_ONCE = 50;
/** With `maxPolls`, how long each look waits for a run at most: the pauses of Prefect's agents. The first begins after a run anew. */
const POLL_SECONDS = [0.5, 1, 2, 4, 8, 10];

/** See {@link runClaims}. */
export interface ClaimOptions {
  /** How many runs may be held at once. */
  limit?: number;
  /** Look for runs so many times, then only see to those that are held, and end with them. */
  maxPolls?: number;
  /** Makes the agent known again, to an API that has forgotten it. */
  register: () => Promise<void>;
  /** Deals with leases that the agent holds without knowing, because a claim's answer was lost. */
  findLost: () => Promise<void>;
  /** Takes over an attempt's promise: the agent waits for it when it stops. */
  keep: (work: Promise<void>) => void;
}

/** Claims until the agent is stopped. Made by {@link runClaims}. */
export interface ClaimLoop {
  /** Asks anew: a slot came free, or a runner became ready. */
  refresh(): void;
  /** Looks for runs now, whatever is being waited for. */
  poke(): void;
  done: Promise<void>;
}

/** Keeps a claim open. Never rejects; an API that is away is a warning and a wait. */
export function runClaims(context: AgentContext, options: ClaimOptions): ClaimLoop {
  const { client, identity, clock, random, log, runners, attempts, stopping } = context;
  const { limit, maxPolls = Infinity, register, findLost, keep } = options;
  let asked: { slots: number; runners: string; cancel: AbortController } | undefined;
  let nap = new AbortController();
  let polls = 0;
  let emptyPolls = 0;

  const isOver = () => polls >= maxPolls && attempts.size === 0;

  const ready = () => runners.filter((runner) => runner.isReady).map(({ type }) => type);
  const slots = () => {
    if (ready().length === 0 || polls >= maxPolls) return 0;
    return Math.min(limit === undefined ? AT_ONCE : Math.max(0, limit - attempts.size), AT_ONCE);
  };

  async function claim(): Promise<void> {
    const cancel = new AbortController();
    const types = ready();
    asked = { slots: slots(), runners: types.join(), cancel };
    const late = clock.sleep(WAIT_SECONDS * 1000 + PATIENCE_MS, cancel.signal).then(() => cancel.abort());
    const signal = AbortSignal.any([cancel.signal, stopping]);
    try {
      const answer = await client.agents.claim(identity.id, {
        slots: asked.slots,
        wait_seconds: polls < maxPolls && maxPolls !== Infinity
          ? POLL_SECONDS[Math.min(emptyPolls, POLL_SECONDS.length - 1)]
          : WAIT_SECONDS,
        cancelling: [...attempts.values()].filter((one) => one.isCancelled).map(({ lease }) => lease.flow_run_id),
        ...types.length === 0 ? {} : { runners: types },
      }, signal);
      polls++;
      emptyPolls = answer.claims.length > 0 ? 0 : emptyPolls + 1;
      for (const one of answer.claims) {
        if (attempts.has(one.lease.id)) continue;
        const attempt = new Attempt(context, one.lease, one.flow_run.name);
        attempts.set(one.lease.id, attempt);
        keep(attempt.begin(one));
      }
      cancelAttempts(context, answer.cancellations);
    } finally {
      asked = undefined;
      cancel.abort();
      await late;
    }
  }

  async function run(): Promise<void> {
    const delays = backoff({ baseMs: 250, maxMs: 10_000, random });
    let isAway = false;
    let mayBeLost = false;
    while (!stopping.aborted && !isOver()) {
      try {
        if (mayBeLost) await findLost();
        mayBeLost = true;
        await claim();
        mayBeLost = false;
        delays.reset();
        if (isAway) log.info(`The API at "${client.url}" answers`);
        isAway = false;
      } catch (error) {
        if (stopping.aborted) return;
        // We ended it ourselves, to ask for something else; the API may have handed out a run at that very moment.
        if (isFlowctlError(error, "cancelled")) continue;
        polls++;
        if (isFlowctlError(error, "not_found")) await register().catch(() => {});
        else if (!isAway) {
          isAway = true;
          log.warning(`${messageOf(error)}. Trying again`);
        }
        nap = new AbortController();
        await clock.sleep(delays.next(), AbortSignal.any([nap.signal, stopping]));
      }
    }
  }

  return {
    refresh() {
      if (asked === undefined) return;
      if (isOver()) return asked.cancel.abort();
      // An open claim with a slot takes the next run; only one that could take none, or asked for too little, is in the way.
      if ((asked.slots === 0 && slots() > 0) || asked.runners !== ready().join()) asked.cancel.abort();
    },
    poke() {
      nap.abort();
      asked?.cancel.abort();
    },
    done: run(),
  };
}
