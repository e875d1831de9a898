/**
 * The agent: claims runs, starts them, watches them, and goes on with them after it was away.
 *
 * When it is told to stop, containers go on running and the next agent on this home takes them over; subprocesses get SIGTERM and
 * a grace, because they would not survive the agent's terminal anyway, and end as Cancelled, Crashed or whatever they report.
 *
 * @module
 */

import { hostname } from "node:os";
import type { Client } from "../client/client.ts";
import type { Fetch } from "../client/transport.ts";
import { soon } from "../runners/patience.ts";
import type { Runner } from "../runners/runner.ts";
import { orAborted } from "../support/abort.ts";
import { backoff } from "../support/backoff.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { isFlowctlError, messageOf } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import type { Served } from "../support/serve.ts";
import { VERSION } from "../support/version.ts";
import type { AgentAddress } from "./agent_address.ts";
import { runClaims } from "./claims.ts";
import { type AgentContext, untilReady } from "./context.ts";
import { serveHealth } from "./health_server.ts";
import { runHeartbeat } from "./heartbeat.ts";
import { openIdentity } from "./identity.ts";
import { reconcile } from "./reconcile.ts";
import { isAway } from "./report.ts";
import { removeEmptyParent } from "./run_socket.ts";
import { ShownRuns } from "./shown_runs.ts";

/** See {@link runAgent}. */
export interface RunAgentOptions {
  client: Client;
  /** Takes requests of containers to the API; their addresses begin with the client's. */
  upstream: Fetch;
  runners: readonly Runner[];
  /** The folder of flowctl, where the agent's id lives. */
  home: string;
  /** What people call it; by default the machine's name. */
  name?: string;
  labels?: readonly string[];
  /** How many runs may be held at once. */
  limit?: number;
  /** Whether the API is in this very process and ends with it. */
  isEphemeral?: boolean;
  /** Show the lines of all runs, not only of those whose runner wants it. */
  showFlowLogs?: boolean;
  /** Look for runs so many times, then end with the last run; without it until the signal is aborted. */
  maxPolls?: number;
  /** Where to answer whether engine and API answer. */
  address?: AgentAddress;
  /** Takes a line that a run printed, already harmless. */
  print?: (line: string) => void;
  clock?: Clock;
  random?: () => number;
  log: Log;
  /** Called once, when the agent holds its home and the API knows it: from then on runs are taken. */
  onStarted?: () => void;
  /** Stops the agent. */
  signal: AbortSignal;
}

/** How often kept containers are looked through. */
const TIDY_MS = 600_000;
/** How long the API may take to hear that the agent stops. */
const FAREWELL_MS = 2_000;
/** How long engine and API may take to answer whether they are there. */
const HEALTH_MS = 5_000;
/** How long an engine that is there takes at most until runs can be started on it. */
const SETTLE_MS = 5_000;

/**
 * Runs an agent until the signal is aborted and everything that can't live on has ended.
 *
 * @throws FlowctlError `conflict` when another process is the agent of this home, or one that no waiting mends: `unauthorized`.
 */
export async function runAgent(options: RunAgentOptions): Promise<void> {
  const { client, runners, home, log, clock = systemClock, random = Math.random } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const identity = openIdentity(home);
  const works = new Set<Promise<void>>();
  const keep = (work: Promise<void>) => {
    const kept = work.catch((error) => log.error(messageOf(error))).finally(() => works.delete(kept));
    works.add(kept);
  };
  let refresh = () => {};
  let poke = () => {};
  const context: AgentContext = {
    client,
    upstream: options.upstream,
    runners,
    identity,
    home,
    clock,
    random,
    log,
    shown: new ShownRuns(options.print ?? (() => {}), options.showFlowLogs ?? false),
    showFlowLogs: options.showFlowLogs ?? false,
    isEphemeral: options.isEphemeral ?? false,
    attempts: new Map(),
    onFreed: () => refresh(),
    stopping: signal,
  };

  const engineId = () => runners.find(({ engineId }) => engineId !== undefined)?.engineId;
  // The engine that the API was told of.
  let told: string | undefined;
  const register = async () => {
    const engine_id = engineId();
    await client.agents.create({
      id: identity.id,
      name: options.name ?? hostname(),
      labels: [...options.labels ?? []],
      runners: runners.map(({ type }) => type),
      limit: options.limit,
      version: VERSION,
      engine_id,
      engine: runners.find(({ engine }) => engine !== undefined)?.engine,
    });
    told = engine_id;
  };
  const tidy = async (runner: Runner) => {
    if (!runner.isReady || signal.aborted) return;
    const work = runner.tidy((id) => context.attempts.has(id)).catch((error) => log.warning(messageOf(error)));
    await orAborted(work, signal);
    // What is under way is seen through, but an engine that hangs is not waited for.
    await soon(work, clock);
  };
  const forget: (() => void)[] = [];
  let health: Served | undefined;
  try {
    // Before the API is asked: a runner without an engine says so, and one with an engine is ready by then.
    for (const runner of runners) {
      const { isEphemeral } = context;
      const { id: agentId, installation } = identity;
      const registryLogin = (registry: string, signal: AbortSignal) => storedLogin(client, agentId, registry, signal);
      runner.open({ agentId, installation, home, apiUrl: client.url, isEphemeral, registryLogin, clock, random, log });
    }
    if (options.address !== undefined) {
      const { address } = options;
      health = await serveHealth({ address, isHealthy: () => isHealthy(context), poke: () => poke() });
      const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
      log.info(`The agent's health is at http://${host}:${health.port}/api/health`);
    }
    await untilAnswered(context, register);
    await untilAnswered(context, () => reconcile(context, keep));
    // Few looks must not be spent while the engine is still being asked who it is.
    if (options.maxPolls !== undefined) await untilSettled(context);
    if (!signal.aborted) {
      options.onStarted?.();
      const claims = runClaims(context, {
        limit: options.limit,
        maxPolls: options.maxPolls,
        register,
        findLost: () => reconcile(context, keep),
        keep,
      });
      refresh = claims.refresh;
      poke = claims.poke;
      for (const runner of runners) {
        forget.push(runner.onReadyChange(() => {
          claims.refresh();
          if (!runner.isReady || signal.aborted) return;
          // The engine's id is known now; what ran on without us is seen to.
          keep(register());
          keep(tidy(runner));
        }));
        keep(tidy(runner));
      }
      // It may have answered between the first word to the API and now.
      if (engineId() !== told) keep(register());
      const done = claims.done.then(() => over.abort());
      await Promise.all([done, runHeartbeat(context, register), tidyNowAndThen()]);
      await farewell(context);
    }
  } finally {
    forget.forEach((stop) => stop());
    await health?.stop(0);
    while (works.size > 0) await Promise.all(works);
    for (const runner of runners) await runner.close();
    removeEmptyParent(home, identity.id);
    identity.release();
  }

  async function tidyNowAndThen(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(TIDY_MS, signal);
      for (const runner of runners) await tidy(runner);
    }
  }
}

/** Whether engine and API answer now. */
async function isHealthy({ client, runners, clock }: AgentContext): Promise<boolean> {
  const late = new AbortController();
  const timer = clock.sleep(HEALTH_MS, late.signal).then(() => late.abort());
  try {
    const api = client.admin.health(late.signal).then(() => true, () => false);
    const all = await Promise.all([api, ...runners.map((runner) => runner.answers?.(late.signal) ?? runner.isReady)]);
    return all.every((answers) => answers);
  } finally {
    late.abort();
    await timer;
  }
}

/** Waits until every runner is ready, but not for an engine that is away. */
async function untilSettled({ runners, clock, stopping }: AgentContext): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, stopping]);
  const timer = clock.sleep(SETTLE_MS, signal).then(() => over.abort());
  await Promise.all(runners.map((runner) => untilReady(runner, signal)));
  over.abort();
  await timer;
}

async function storedLogin(client: Client, agentId: string, registry: string, signal: AbortSignal) {
  try {
    return await client.registryLogins.forAgent(agentId, registry, signal);
  } catch (error) {
    if (isFlowctlError(error, "not_found")) return undefined;
    throw error;
  }
}

/** Tries until the API answers; an API that refuses will refuse again. */
async function untilAnswered({ clock, random, log, stopping }: AgentContext, act: () => Promise<void>): Promise<void> {
  const delays = backoff({ baseMs: 250, maxMs: 10_000, random });
  while (!stopping.aborted) {
    try {
      return await act();
    } catch (error) {
      if (stopping.aborted) return;
      if (!isAway(error)) throw error;
      if (delays.tries === 0) {
        log.warning(`${messageOf(error)}. Trying again to make this agent known, until it answers`);
      }
      await clock.sleep(delays.next(), stopping);
    }
  }
}

/**
 * The claim that was cut off may have been answered with runs: they are given back at once instead of after their lease. And the API
 * hears that nobody is here any more, so that it can say so to those who wait for an agent.
 */
async function farewell({ client, identity, attempts, clock, log }: AgentContext): Promise<void> {
  const release = async () => {
    for (const lease of await client.agents.leases(identity.id)) {
      if (!lease.started && !attempts.has(lease.id)) await client.agents.release(lease.id);
    }
    await client.agents.stopped(identity.id);
  };
  await soon(release().catch((error) => log.debug(messageOf(error))), clock, FAREWELL_MS);
}
