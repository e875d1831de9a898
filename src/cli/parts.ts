/**
 * The parts of the program that commands use, as an interface: `real_parts.ts` loads each when it is first needed
 * (`flowctl version` must not pay for a server), tests put others in their place.
 *
 * @module
 */

import type { Check, CheckName } from "../agent/doctor/check.ts";
import type { ReapedContainer, ReapedImage } from "../agent/reap.ts";
import type { StartAgentOptions } from "../agent/start_agent.ts";
import type { Client } from "../client/client.ts";
import type { Deployment } from "../domain/deployments.ts";
import type { Clock } from "../support/clock.ts";
import type { Connection } from "../server/connect.ts";
import type { RunningServer } from "../server/start.ts";
import type { ServerParts } from "./server_parts.ts";
import type { Log } from "../support/log.ts";
import type { ProcessLine } from "../support/subprocess.ts";

export type { StartAgentOptions as AgentOptions } from "../agent/start_agent.ts";
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

/** What the older dialect's commands do with flow files. */
export type Registering = typeof import("../sdk/registering.ts");

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
  runAgent(options: StartAgentOptions): Promise<void>;
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
  registering(): Promise<Registering>;
  /** An API in this process on a home that is thrown away when it is closed. */
  openScratch(options: { log: Log; clock: Clock; random: () => number }): Promise<Connection>;
  /** Runs this program with other words to its end, or until the signal; answers its exit code. */
  runSelf(args: string[], options: {
    env: Record<string, string | undefined>;
    cwd: string;
    signal: AbortSignal;
    onLine: (line: ProcessLine) => void;
  }): Promise<number>;
  /** Answers whether the image that this runs in is as a build meant it. */
  checkImage(file: string, print: (line: string) => void): Promise<boolean>;
  runAsMain(path: string, args: string[]): Promise<void>;
}
