/**
 * What the agent asks of a runner: start a run somewhere, tell what it prints and how it ends, stop it, find it again.
 *
 * A runner knows nothing of the API and proposes no states; the agent knows nothing of engines and processes.
 *
 * @module
 */

import type { AgentEngine, Claim, Lease } from "../domain/agents.ts";
import type { Holder } from "../domain/attempts.ts";
import type { FlowRunnerSpec } from "../domain/flow_runners.ts";
import { LOG_LEVEL_VARIABLE, readLogLevel } from "../domain/logs.ts";
import type { RegistryLogin } from "../domain/registry_logins.ts";
import type { Clock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";

/** Starts runs of one type. */
export interface Runner {
  /** The type of runner specification that it serves. */
  readonly type: FlowRunnerSpec["type"];
  /** Whether runs can be started now; a Docker runner is not ready while no engine answers. */
  readonly isReady: boolean;
  /** The engine's id, when there is an engine and it has answered. */
  readonly engineId?: string;
  /** What the engine said about itself; known together with its id. */
  readonly engine?: AgentEngine;
  /** Is called once, before anything else; answers at once, getting ready goes on in the background until {@link Runner.close}. */
  open(host: RunnerHost): void;
  /** Calls back whenever {@link Runner.isReady} changes; answers how to stop that. */
  onReadyChange(listener: () => void): () => void;
  /** Asks what runs are started with whether it answers; absent where there is nothing to ask. Never rejects. */
  answers?(signal: AbortSignal): Promise<boolean>;
  /**
   * Refuses what this runner can't or may not start. Nothing has been created yet.
   *
   * @throws FlowctlError which becomes the message of the Failed run.
   */
  check(claim: Claim): void;
  /**
   * Starts a run. When it throws, or the signal is aborted, nothing is left behind.
   *
   * @throws FlowctlError with `details.engine` `"unreachable"` when the engine went away before anything was created.
   */
  start(claim: Claim, context: StartContext): Promise<RunningAttempt>;
  /** Finds what an earlier process of this agent started for that lease, running or ended; undefined when there is nothing. */
  adopt(lease: Lease, context: AttachContext): Promise<RunningAttempt | undefined>;
  /**
   * Stops what this agent started for leases that are not live, and removes what was kept long enough.
   *
   * @param isLive Asked about each one just before it is touched.
   */
  tidy(isLive: (leaseId: string) => boolean): Promise<void>;
  /** Lets go: what runs goes on. */
  close(): Promise<void>;
}

/** Who the runner works for. */
export interface RunnerHost {
  /** The agent's id. */
  agentId: string;
  /** The id of the home; only what bears it is ever touched. */
  installation: string;
  home: string;
  /** The API's address, as the agent has it. */
  apiUrl?: string;
  /** Whether the API ends with this process. */
  isEphemeral?: boolean;
  /** The login for a registry that the API keeps; undefined when it has none. */
  registryLogin?: (registry: string, signal: AbortSignal) => Promise<RegistryLogin | undefined>;
  clock: Clock;
  random: () => number;
  log: Log;
}

/** What it takes to follow an attempt. */
export interface AttachContext {
  /** Follow the lines from this time on (RFC 3339), some before it included; absent: from the first. */
  since?: string;
}

/** A way to the API on a machine without Unix sockets. */
export interface RunDoor {
  /** On loopback, with `/api`. */
  url: string;
  /** Path of the file with the token that has to be sent; in the run's folder. */
  tokenFile: string;
}

/** What it takes to start an attempt. */
export interface StartContext extends AttachContext {
  /** The folder whose `api.sock` leads to the API. */
  socketFolder: string;
  /** Leads to the API where there is no such socket: on Windows. */
  door?: RunDoor;
  /** Whose abort stops the start, a pull that is under way included. */
  signal: AbortSignal;
  /** Takes what is worth a line in the run's logs before the attempt itself can print. */
  tell?: (line: string) => void;
}

/** A line that an attempt printed. */
export interface PrintedLine {
  stream: "stdout" | "stderr";
  /** With its mark, when it bears one. */
  text: string;
  /** RFC 3339; nanoseconds from an engine. */
  timestamp: string;
  /** Which of the lines with that timestamp it is, from 0. */
  ordinal: number;
}

/** Longer lines come in pieces. Room for the longest record, of three bytes for each character, with all that is around it. */
export const LONGEST_LINE_BYTES = 4 * 1024 * 1024;

/** Last lines together have at most so many characters. */
const MOST_CHARACTERS = 16_000_000;

/** The last lines of many: at most so many, and never more than some megabytes. */
export class LastLines {
  readonly #lines: PrintedLine[] = [];
  readonly #most: number;
  #characters = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(line: PrintedLine): void {
    this.#lines.push(line);
    this.#characters += line.text.length;
    while (this.#lines.length > this.#most || (this.#characters > MOST_CHARACTERS && this.#lines.length > 1)) {
      this.#characters -= this.#lines.shift()!.text.length;
    }
  }

  /** At most so many of them, oldest first. */
  last(count: number): PrintedLine[] {
    return this.#lines.slice(-count);
  }
}

/** How an attempt ended. */
export interface Exit {
  /** The exit code; null when nobody knows it. */
  code: number | null;
  oomKilled: boolean;
  /** Whether it vanished: somebody removed the container, or the process died with the agent before this one. */
  gone: boolean;
  /** Why, when the code does not say it. */
  reason?: string;
  /** When, by the engine's clock; RFC 3339. */
  endedAt?: string;
}

/** A run that was started, and may have ended since. */
export interface RunningAttempt {
  /** What holds it: `container` or `process`, for messages. */
  readonly kind: "container" | "process";
  /** Name of the container, or what else people know it by. */
  readonly name: string;
  /** Stored with the lease and the run: `docker://<id>`, `process://<host>/<pid>`. */
  readonly infrastructurePid: string;
  /** Whether the deployment wants its lines in the agent's terminal. */
  readonly streamOutput: boolean;
  /** Whether a command runs instead of the flow; the agent then proposes the states. */
  readonly hasCommand: boolean;
  /** What is known of it without asking anybody. */
  readonly holder: Holder;
  /** All that the engine knows of it; undefined when it does not say. Never rejects. */
  describe?(): Promise<Holder | undefined>;
  /** To be read by one reader; ends when everything was read after the end. */
  readonly lines: AsyncIterable<PrintedLine>;
  /** Never rejects. */
  readonly exited: Promise<Exit>;
  /** SIGTERM, and SIGKILL when it has not ended after the grace. Answers when it has ended or can't be reached. */
  stop(graceMs: number): Promise<void>;
  /** The last lines once more, at most so many. */
  lastLines(count: number): Promise<PrintedLine[]>;
  /** Leaves it alone: lines end, `exited` stays open. Does nothing to what can't live on without us. */
  detach(): void;
  /** Removes what is not to be kept. The attempt has ended and was read. */
  cleanUp(): Promise<void>;
}

/** The labels by which containers, volumes and networks are known as ours. */
export const LABELS = {
  installation: "dev.flowctl.installation",
  agent: "dev.flowctl.agent",
  flowRun: "dev.flowctl.flow-run-id",
  lease: "dev.flowctl.lease",
  attempt: "dev.flowctl.attempt",
  /** Prefect's, for tools that look for it. */
  prefectFlowRun: "io.prefect.flow-run-id",
  /** What the agent must know of a container that it finds again. */
  autoRemove: "dev.flowctl.auto-remove",
  streamOutput: "dev.flowctl.stream-output",
  command: "dev.flowctl.command",
} as const;

/** The environment that tells `flow-run execute` what to do. */
export function attemptEnvironment(claim: Claim, apiUrl: string): Record<string, string> {
  // What `flowctl run --log-level` said.
  const env = claim.flow_run.job_variables?.env as Record<string, unknown> | undefined;
  const logLevel = readLogLevel(env?.[LOG_LEVEL_VARIABLE]);
  return {
    ...(logLevel === undefined ? {} : { [LOG_LEVEL_VARIABLE]: logLevel }),
    FLOWCTL_API_URL: apiUrl,
    FLOWCTL_FLOW_RUN_ID: claim.flow_run.id,
    FLOWCTL_ATTEMPT: String(claim.lease.attempt),
    FLOWCTL_LOG_MARKS: "1",
  };
}
