/**
 * The parts of the program that commands use, as an interface: `real_parts.ts` loads each when it is first needed
 * (`flowctl version` must not pay for a server), tests put others in their place.
 *
 * @module
 */

import type { Check, CheckName } from "../agent/doctor/check.ts";
import type { ReapedContainer, ReapedImage } from "../agent/reap.ts";
import type { Client } from "../client/client.ts";
import type { Fetch } from "../client/transport.ts";
import type { Deployment } from "../domain/deployments.ts";
import type { Clock } from "../support/clock.ts";
import type { Connection } from "../server/connect.ts";
import type { RunningServer } from "../server/start.ts";
import type { ServerParts } from "./server_parts.ts";
import type { Log } from "../support/log.ts";

export type { Connection } from "../server/connect.ts";
export type { RunningServer } from "../server/start.ts";

/** Options of `flowctl orion start`. */
export interface ServerOptions {
  host: string;
  port: number;
  /** A second port for the same API and page. */
  uiPort?: number;
  /** By what the user says the ports, for errors. */
  portOptions?: { port: string; uiPort: string };
  /** Done when the server answers and before it says so in the home. It must not fail. */
  prepare?: () => Promise<void>;
  /** Listen on all addresses. */
  expose?: boolean;
  services: boolean;
  ui: boolean;
  log: Log;
  env: Record<string, string | undefined>;
  clock: Clock;
  random: () => number;
}

/** Options of an agent. */
export interface AgentOptions {
  client: Client;
  upstream: Fetch;
  env: Record<string, string | undefined>;
  random: () => number;
  name?: string;
  limit?: number;
  labels: string[];
  /** False for `--no-pull`. */
  pull: boolean;
  baseUrl?: string;
  allow: string[];
  /** Networks for every container, of `--network`. */
  networks?: string[];
  /** How long finished containers are kept; default: the setting. */
  keepContainersHours?: number;
  /** How many finished containers are kept at most; default: the setting. */
  keepContainers?: number;
  /** Print the lines of all runs, not only of those whose runner says `streamOutput`. */
  showFlowLogs: boolean;
  /** Whether there is nobody that a container could reach once this process ends. */
  isEphemeral: boolean;
  /** Takes a line of a flow run, for this terminal. */
  print: (line: string) => void;
  /** Called when the agent holds its home and the API knows it. */
  onStarted?: () => void;
  log: Log;
  clock: Clock;
  signal: AbortSignal;
}

/** Options of `flowctl agent reap` and `flowctl image gc`. */
export interface ReapOptions {
  client: Client;
  env: Record<string, string | undefined>;
  baseUrl?: string;
  dryRun: boolean;
  clock: Clock;
}

/** Options of `flowctl doctor`. */
export interface DoctorOptions {
  connect: () => Promise<Connection>;
  env: Record<string, string | undefined>;
  baseUrl?: string;
  /** To pull. */
  image?: string;
  only?: CheckName[];
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** A deployment found in a file, before it is sent. */
export interface DeploymentFound {
  name: string;
  flow: { name: string };
}

/** See the module's comment. */
export interface Parts extends ServerParts {
  connect(options: {
    env: Record<string, string | undefined>;
    log: Log;
    clock: Clock;
    random: () => number;
  }): Promise<Connection>;
  /** The address of the server that runs on a home; undefined when none answers. */
  findServer(home: string): Promise<string | undefined>;
  startServer(options: ServerOptions): Promise<RunningServer>;
  runAgent(options: AgentOptions): Promise<void>;
  runDoctor(options: DoctorOptions): Promise<Check[]>;
  reapContainers(options: ReapOptions): Promise<ReapedContainer[]>;
  reapImages(options: ReapOptions): Promise<ReapedImage[]>;
  loadDeployments(path: string): Promise<DeploymentFound[]>;
  deploy(client: Client, found: DeploymentFound): Promise<Deployment>;
  executeFlowRun(options: {
    client: Client;
    flowRunId: string;
    clock: Clock;
    env: Record<string, string | undefined>;
    print: (line: string) => void;
    signal: AbortSignal;
  }): Promise<number>;
  /** Answers whether the image that this runs in is as a build meant it. */
  checkImage(file: string, print: (line: string) => void): Promise<boolean>;
  runAsMain(path: string, args: string[]): Promise<void>;
}
