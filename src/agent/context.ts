/**
 * What the parts of one agent share.
 *
 * @module
 */

import { type Client, createClient } from "../client/client.ts";
import type { Fetch } from "../client/transport.ts";
import type { Runner } from "../runners/runner.ts";
import type { Clock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import type { Attempt } from "./attempts.ts";
import type { Identity } from "./identity.ts";
import type { ShownRuns } from "./shown_runs.ts";

/** See the module's comment. */
export interface AgentContext {
  client: Client;
  upstream: Fetch;
  runners: readonly Runner[];
  identity: Identity;
  home: string;
  clock: Clock;
  random: () => number;
  log: Log;
  /** Takes what runs print, for the agent's terminal. */
  shown: ShownRuns;
  /** Show the lines of all runs. */
  showFlowLogs: boolean;
  /** Whether the API is in this very process. */
  isEphemeral: boolean;
  /** By lease id: what this agent holds, from the claim until everything is cleaned up. */
  attempts: Map<string, Attempt>;
  /** Called when an attempt is over and its slot is free. */
  onFreed: () => void;
  /** Aborted when the agent is to stop. */
  stopping: AbortSignal;
}

/** A client that speaks as one attempt: once another attempt is the current one, its requests are refused. */
export function attemptClient({ client, upstream, clock, random }: AgentContext, token: string): Client {
  return createClient({ url: client.url, fetch: upstream, leaseToken: token, clock, random });
}

/** Resolves when the runner is ready or the signal is aborted. */
export async function untilReady(runner: Runner, signal: AbortSignal): Promise<void> {
  if (runner.isReady || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      if (!runner.isReady && !signal.aborted) return;
      stop();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const stop = runner.onReadyChange(done);
    signal.addEventListener("abort", done, { once: true });
  });
}
