/**
 * Starts runs as child processes of the agent: `flowctl flow-run execute` in a group of its own.
 *
 * A subprocess reaches the API through the run's socket, as a container does (on Windows through a door on loopback), and does not
 * outlive its agent: when the agent is stopped it gets SIGTERM and a grace; when the agent was killed, the next one ends what is
 * left of it.
 *
 * @module
 */

import { mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Claim, Lease } from "../domain/agents.ts";
import { SubprocessRunnerConfig } from "../domain/flow_runners.ts";
import { plainEnv } from "../domain/secrets.ts";
import type { Clock } from "../support/clock.ts";
import { FlowctlError } from "../support/errors.ts";
import { removeFolder } from "../support/files.ts";
import { type Environment, SOCKET_NAME } from "../support/paths.ts";
import { childEnvironment, type RunningProcess, startProcess } from "../support/subprocess.ts";
import { handInNpm, hasNpmPackages } from "./npm_hand_in.ts";
import {
  attemptEnvironment,
  type Exit,
  LastLines,
  LONGEST_LINE_BYTES,
  type Runner,
  type RunnerHost,
  type RunningAttempt,
  type StartContext,
} from "./runner.ts";

/** See {@link createSubprocessRunner}. */
export interface SubprocessRunnerOptions {
  /** What executes a run: the program with `flow-run execute`. */
  command: readonly string[];
  /** What children inherit; by default this process's environment. */
  env?: Environment;
  /** What the agent's `--env` named; a deployment's own values go before it. */
  flowEnv?: Readonly<Record<string, string>>;
}

/** How many of the last lines are kept for {@link RunningAttempt.lastLines}. */
const KEPT_LINES = 5_000;

/** Makes a runner of child processes. */
export function createSubprocessRunner({ command, env = process.env, flowEnv = {} }: SubprocessRunnerOptions): Runner {
  let host: RunnerHost;
  const running = new Set<RunningProcess>();

  async function start(claim: Claim, { socketFolder, door, signal }: StartContext): Promise<RunningAttempt> {
    const config = subprocessConfig(claim);
    // Beside the run's socket, so that it goes with it also when the agent was killed and another one cleans up.
    const folder = config.cwd === undefined ? join(socketFolder, "work") : undefined;
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const remove = () => folder !== undefined && removeFolder(folder);
    try {
      handInNpm(hasNpmPackages(claim), socketFolder, env);
      signal.throwIfAborted();
      const child = await startProcess({
        command,
        cwd: config.cwd ?? folder,
        // The agent's own key to the API is not the flow's: what a run may do comes with its socket.
        env: childEnvironment(
          env,
          { FLOWCTL_API_KEY: undefined, FLOWCTL__CLOUD__AGENT__AUTH_TOKEN: undefined },
          flowEnv,
          plainEnv(config.env),
          attemptEnvironment(claim, door?.url ?? `unix://${socketFolder}/${SOCKET_NAME}`),
          door === undefined ? {} : { FLOWCTL_LEASE_TOKEN_FILE: door.tokenFile },
        ),
        maxLineBytes: LONGEST_LINE_BYTES,
      });
      running.add(child);
      child.exited.then(() => running.delete(child));
      return attemptOf(child, host.clock, remove);
    } catch (error) {
      remove();
      throw error;
    }
  }

  return {
    type: "subprocess",
    isReady: true,
    open(given) {
      host = given;
    },
    onReadyChange: () => () => {},
    check(claim) {
      subprocessConfig(claim);
      hasNpmPackages(claim);
      if (!claim.deployment.storage) return;
      throw new FlowctlError("unsupported", "Cannot run a flow as a subprocess: its code lies in a Docker image", {
        hint: "Give its deployment a DockerFlowRunner",
      });
    },
    start,
    adopt: (lease) => Promise.resolve(leftBehind(lease)),
    tidy: () => Promise.resolve(),
    close() {
      for (const child of running) child.kill("SIGKILL");
      return Promise.resolve();
    },
  };
}

function subprocessConfig({ deployment }: Claim): SubprocessRunnerConfig {
  if (deployment.flow_runner?.type === "subprocess") return deployment.flow_runner.config;
  return SubprocessRunnerConfig.parse({});
}

const pidOf = (pid: number) => `process://${hostname()}/${pid}`;

function attemptOf(child: RunningProcess, clock: Clock, remove: () => void): RunningAttempt {
  const kept = new LastLines(KEPT_LINES);
  let hasEnded = false;
  const exited = child.exited.then(({ code, signal }): Exit => {
    hasEnded = true;
    return { code, oomKilled: false, gone: false, ...signal === null ? {} : { reason: `it was ended by ${signal}` } };
  });
  return {
    kind: "process",
    name: String(child.pid),
    infrastructurePid: pidOf(child.pid),
    streamOutput: true,
    hasCommand: false,
    holder: { kind: "process", name: String(child.pid), host: hostname() },
    exited,
    lines: (async function* () {
      let last = "", ordinal = 0;
      for await (const { stream, text } of child.lines) {
        const timestamp = clock.now().toString({ fractionalSecondDigits: 9 });
        ordinal = timestamp === last ? ordinal + 1 : 0;
        last = timestamp;
        const line = { stream, text, timestamp, ordinal };
        kept.add(line);
        yield line;
      }
    })(),
    async stop(graceMs) {
      child.kill("SIGTERM");
      const done = new AbortController();
      const killed = clock.sleep(graceMs, done.signal).then(() => {
        if (!hasEnded) child.kill("SIGKILL");
      });
      await child.exited;
      done.abort();
      await killed;
    },
    lastLines: (count) => Promise.resolve(kept.last(count)),
    detach: () => {},
    cleanUp: () => Promise.resolve(remove()),
  };
}

/** What an agent that was killed left behind is ended: its output and its way to the API are gone. */
function leftBehind({ infrastructure_pid, flow_run_id, attempt }: Lease): RunningAttempt | undefined {
  const match = /^process:\/\/([^/]*)\/(\d+)$/.exec(infrastructure_pid ?? "");
  if (match === null) return undefined;
  const pid = Number(match[2]);
  if (match[1] === hostname() && isProcessOf(pid, flow_run_id, attempt)) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
  return {
    kind: "process",
    name: match[2],
    infrastructurePid: infrastructure_pid!,
    streamOutput: false,
    hasCommand: false,
    holder: { kind: "process", name: match[2], host: match[1] },
    lines: (async function* () {})(),
    exited: Promise.resolve({ code: null, oomKilled: false, gone: true, reason: "it was lost with its agent" }),
    stop: () => Promise.resolve(),
    lastLines: () => Promise.resolve([]),
    detach: () => {},
    cleanUp: () => Promise.resolve(),
  };
}

/** Numbers of processes are used again, so a process is known by its environment. Only Linux tells it. */
function isProcessOf(pid: number, flowRunId: string, attempt: number): boolean {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return variables.includes(`FLOWCTL_FLOW_RUN_ID=${flowRunId}`) && variables.includes(`FLOWCTL_ATTEMPT=${attempt}`);
  } catch {
    return false;
  }
}
