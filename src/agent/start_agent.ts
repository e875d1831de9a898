/**
 * An agent as commands and `DockerAgent` start it: its engine found and looked at, its runners made, then run.
 *
 * @module
 */

import { homedir } from "node:os";
import process from "node:process";
import type { Client } from "../client/client.ts";
import type { Fetch } from "../client/transport.ts";
import { readSettings } from "../config/settings.ts";
import { type Docker, openDocker } from "../docker/client.ts";
import { agentNetworks, checkNetworks } from "../runners/docker_networks.ts";
import { bindOf, withTarget } from "../runners/docker_values.ts";
import type { Clock } from "../support/clock.ts";
import { FlowctlError } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import type { Environment } from "../support/paths.ts";
import { runAgent } from "./agent.ts";
import type { AgentAddress } from "./agent_address.ts";
import { defaultRunners } from "./default_runners.ts";

/** Options of an agent. */
export interface StartAgentOptions {
  client: Client;
  upstream: Fetch;
  env: Environment;
  random: () => number;
  name?: string;
  limit?: number;
  labels: string[];
  /** False for `--no-pull`. */
  pull: boolean;
  baseUrl?: string;
  /** Nothing is begun without an engine that answers and has the networks; otherwise its absence is a warning and a wait. */
  requireEngine?: boolean;
  /** How long the engine may take to answer, in seconds; the first look always ends after {@link ENGINE_SECONDS}. */
  engineTimeout?: number;
  allow: string[];
  /** Networks for every container, of `--network`. */
  networks?: string[];
  /** Volumes for every container, of `--volume`. */
  volumes?: string[];
  /** Variables of every flow, of `--env` and `--env-file`. */
  flowEnv?: Record<string, string>;
  /** Registries to pull from, of `--reg-allow-list`; all when empty. */
  allowedRegistries?: string[];
  /** How long finished containers are kept; default: the setting. */
  keepContainersHours?: number;
  /** How many finished containers are kept at most; default: the setting. */
  keepContainers?: number;
  /** Print the lines of all runs, not only of those whose runner says `streamOutput`. */
  showFlowLogs: boolean;
  /** Look for runs so many times, then end with the last run. */
  maxPolls?: number;
  /** Where to answer whether engine and API answer. */
  address?: AgentAddress;
  /** Whether there is nobody that a container could reach once this process ends. */
  isEphemeral: boolean;
  /** Takes a line of a flow run, for this terminal. */
  print: (line: string) => void;
  /** Called when the options are fine and, if need be, the engine answered; nothing was registered yet. */
  onChecked?: () => void;
  /** Called when the agent holds its home and the API knows it. */
  onStarted?: () => void;
  log: Log;
  clock: Clock;
  signal: AbortSignal;
}

const HOUR_MS = 3_600_000;
/** How long an engine that has to be there may take for its first answer, when nothing is said. */
const ENGINE_SECONDS = 60;

/**
 * Starts an agent; resolves when it was stopped.
 *
 * @throws FlowctlError `invalid` for options that can't be meant; with `requireEngine` what the engine's absence is (`unavailable`,
 * `forbidden`, `timeout`, `unsupported`) and `not_found` for a network that it lacks; else as {@link runAgent}.
 */
export async function startAgent(options: StartAgentOptions): Promise<void> {
  const { env, client, networks = [], volumes = [], engineTimeout, log } = options;
  const settings = readSettings(env);
  const place = { cwd: process.cwd(), homedir: homedir(), platform: process.platform };
  for (const volume of volumes) bindOf(withTarget(volume), place);
  const wanted = agentNetworks(networks);
  const docker = await openDocker({
    baseUrl: options.baseUrl,
    env,
    ...engineTimeout === undefined ? {} : { timeoutMs: engineTimeout * 1000 },
  });
  try {
    const runners = defaultRunners({
      docker,
      env,
      pull: options.pull,
      allow: options.allow,
      networks,
      volumes,
      flowEnv: options.flowEnv,
      allowedRegistries: options.allowedRegistries,
      apiWay: settings.apiWay,
      containerApiUrl: settings.containerApiUrl,
      keepMs: (options.keepContainersHours ?? settings.keepContainersHours) * HOUR_MS,
      keepCount: options.keepContainers ?? settings.keepContainers,
      source: client.binaries,
    });
    if (options.requireEngine) await checkEngine(docker, wanted, engineTimeout ?? ENGINE_SECONDS, options.signal);
    options.onChecked?.();
    await runAgent({
      client,
      upstream: options.upstream,
      runners,
      home: settings.home,
      name: options.name,
      labels: [...new Set(options.labels)].sort(),
      limit: options.limit,
      isEphemeral: options.isEphemeral,
      showFlowLogs: options.showFlowLogs,
      maxPolls: options.maxPolls,
      address: options.address,
      print: options.print,
      clock: options.clock,
      random: options.random,
      log,
      onStarted: options.onStarted,
      signal: options.signal,
    });
  } finally {
    docker.close();
  }
}

async function checkEngine(docker: Docker, networks: string[], seconds: number, signal: AbortSignal): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("timed out", "TimeoutError")), seconds * 1000);
  const either = AbortSignal.any([signal, late.signal]);
  try {
    await docker.apiVersion({ action: "start the Docker agent", signal: either });
    await checkNetworks(docker, networks, either);
  } catch (error) {
    if (!late.signal.aborted) throw error;
    const why = `the Docker Engine at "${docker.address}" did not answer within ${seconds} s`;
    throw new FlowctlError("timeout", `Cannot start the Docker agent: ${why}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
