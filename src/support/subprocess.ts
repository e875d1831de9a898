/**
 * Child processes in a group of their own: their lines, their end, and a stop that reaches what they started.
 *
 * `node:child_process` behaves alike in both runtimes.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import { FlowctlError, messageOf } from "./errors.ts";
import type { Environment } from "./paths.ts";
import { merge, splitLines } from "./streams.ts";

/** What {@link startProcess} takes. */
export interface ProcessOptions {
  /** Program and arguments. */
  command: readonly string[];
  /** The whole environment; nothing is inherited. See {@link childEnvironment}. */
  env: Environment;
  cwd?: string;
  /** Longer lines come in pieces. */
  maxLineBytes?: number;
}

/** A line that a process printed. */
export interface ProcessLine {
  stream: "stdout" | "stderr";
  text: string;
}

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessExit {
  code: number | null;
  signal: string | null;
}

/** A process that was started. */
export interface RunningProcess {
  pid: number;
  /** To be read by one reader. Ends soon after the process, also when something that it started holds the pipes. */
  lines: AsyncIterable<ProcessLine>;
  exited: Promise<ProcessExit>;
  /** Sends a signal to the process and all that it started; nothing happens when it has ended. */
  kill(signal: NodeJS.Signals): void;
}

// Both act on a Bun binary before our first line runs, and no compile flag turns them off.
const DANGEROUS = ["BUN_OPTIONS", "BUN_BE_BUN"];

/** An environment for children: without the variables that turn a Bun binary into something else. */
export function childEnvironment(...layers: Environment[]): Record<string, string> {
  const merged = Object.assign({}, ...layers) as Environment;
  return Object.fromEntries(
    Object.entries(merged).filter((pair): pair is [string, string] =>
      pair[1] !== undefined && !DANGEROUS.includes(pair[0])
    ),
  );
}

/** How long output is awaited after the process itself has ended, in milliseconds. */
const DRAIN_MS = 1000;

/**
 * Starts a process. Its standard input is empty.
 *
 * @throws FlowctlError `not_found` when there is no such program or folder, `forbidden` when it may not be executed.
 */
export async function startProcess({ command, env, cwd, maxLineBytes }: ProcessOptions): Promise<RunningProcess> {
  const isWindows = process.platform === "win32";
  const child = spawn(command[0], command.slice(1), {
    env,
    cwd,
    // A group of its own, so that Ctrl-C in our terminal is ours to pass on, and a stop reaches grandchildren.
    detached: !isWindows,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  await begun(child, command, cwd);
  const kill = (signal: NodeJS.Signals) => {
    try {
      // A negative number means the group. It lives on as long as one of its members does.
      if (isWindows) killTree(child);
      else process.kill(-child.pid!, signal);
    } catch {
      // Nobody is left.
    }
  };
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once("exit", (code, signal) => {
      // What it left behind must not outlive it.
      kill("SIGKILL");
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DRAIN_MS);
      child.once("close", () => clearTimeout(timer));
      resolve({ code, signal });
    });
  });
  const linesOf = async function* (stream: ProcessLine["stream"], from: Readable) {
    try {
      for await (const text of splitLines(from, { maxLineBytes })) yield { stream, text };
    } catch {
      // Destroyed after the drain time: what was read was read.
    }
  };
  return {
    pid: child.pid!,
    lines: merge<ProcessLine>(linesOf("stdout", child.stdout!), linesOf("stderr", child.stderr!)),
    exited,
    kill,
  };
}

/** Windows has neither groups nor signals: the process and all below it end at once. */
function killTree(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const instead = () => void child.kill("SIGKILL");
  spawn("taskkill", ["/PID", String(child.pid), "/T", "/F"], { stdio: "ignore", windowsHide: true })
    .once("error", instead)
    .once("exit", (code) => code === 0 || instead());
}

function begun(child: ChildProcess, command: readonly string[], cwd?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve());
    child.once("error", (cause) => {
      const where = cwd === undefined ? "" : ` in "${cwd}"`;
      const code = (cause as { code?: string }).code;
      reject(
        new FlowctlError(
          code === "ENOENT" ? "not_found" : code === "EACCES" ? "forbidden" : "unavailable",
          `Cannot start "${command[0]}"${where}: ${code === "ENOENT" ? "no such program or folder" : messageOf(cause)}`,
          { cause },
        ),
      );
    });
  });
}
