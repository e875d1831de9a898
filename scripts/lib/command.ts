/**
 * Runs other programs: quietly, with a time limit, and with everything that they started gone afterwards.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { ROOT } from "./project.ts";

/** What a program left behind when it ended. */
export interface Ended {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  /** Standard output and error, in the order in which they came. */
  output: string;
  /** Standard output alone. */
  stdout: string;
  /** Whether the time limit ended it. */
  timedOut: boolean;
  /** How long it ran, in milliseconds. */
  ms: number;
}

/** How to run a program. */
export interface RunOptions {
  /** Working folder; the project's root when unsaid. */
  cwd?: string;
  /** Variables added to this process's environment; undefined takes one away. */
  env?: Record<string, string | undefined>;
  /** After this many milliseconds the program and its children are killed. */
  timeoutMs?: number;
  /** Show the output while it comes, instead of only collecting it. */
  show?: boolean;
}

const running = new Set<number>();

/** The Deno that runs this script; `deno` need not be on the PATH. */
export const denoPath = (): string => process.execPath;

/**
 * Runs a program to its end. It gets no standard input. A program that cannot be started ends with code 127 and the
 * reason as its output.
 */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<Ended> {
  const started = performance.now();
  const env = { ...process.env, ...options.env };
  for (const name of Object.keys(env)) if (env[name] === undefined) delete env[name];
  return new Promise((resolve) => {
    let output = "";
    let stdout = "";
    let timedOut = false;
    const end = (code: number | null) => resolve({ code, output, stdout, timedOut, ms: performance.now() - started });
    // A group of its own, so that the time limit also ends what the program started.
    const child = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env,
      detached: process.platform !== "win32",
      stdio: ["ignore", "pipe", "pipe"],
    });
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => {
      timedOut = true;
      if (child.pid) killGroup(child.pid);
    }, options.timeoutMs);
    const collect = (stream: "stdout" | "stderr") => (text: string) => {
      output += text;
      if (stream === "stdout") stdout += text;
      if (options.show) process[stream].write(text);
    };
    child.stdout.setEncoding("utf8").on("data", collect("stdout"));
    child.stderr.setEncoding("utf8").on("data", collect("stderr"));
    if (child.pid) running.add(child.pid);
    child.on("error", (error) => {
      clearTimeout(timer);
      output += `Cannot start "${command}": ${error.message}\n`;
      end(127);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      if (child.pid) running.delete(child.pid);
      end(code);
    });
  });
}

/** Ends every program that {@link run} started and that still runs, for a script that was told to stop. */
export function killRunning(): void {
  for (const pid of running) killGroup(pid);
}

function killGroup(pid: number): void {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It ended by itself in the meantime.
  }
}

/** Text without colours, for parsing and for files. */
// deno-lint-ignore no-control-regex
export const plain = (text: string): string => text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, "");
