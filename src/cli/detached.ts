/**
 * A server that goes on when its terminal is gone: `flowctl server start --detach`.
 *
 * The child says on its standard output, in one line of JSON, that it is ready and what its user must know, among it the first token,
 * which is for no log. All else goes to the log in the home.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { type ErrorCode, FlowctlError } from "../support/errors.ts";
import { inHome } from "../support/paths.ts";
import { EXIT_CODES } from "./exit.ts";

/** Set for the child: it says that it is ready as JSON, and nothing else. */
export const DETACHED_VARIABLE = "FLOWCTL_DETACHED";

/** What the child says. */
export interface DetachedReady {
  url: string;
  ui_url: string;
  /** What its user must know. */
  lines: string[];
}

/** A server that was started on its own. */
export interface DetachedServer extends DetachedReady {
  pid: number;
  /** The file of its log. */
  log: string;
}

/** See {@link startDetached}. */
export interface DetachedOptions {
  /** The whole command. */
  command: string[];
  home: string;
  env: Record<string, string | undefined>;
  signal: AbortSignal;
}

/** A log that is longer is put aside when another server begins. */
const LONGEST_LOG = 10_000_000;

/** The log of a home's detached server. */
export const serverLog = (home: string): string => inHome(home, "server.log");

/**
 * Starts it and waits until it is ready.
 *
 * @throws {FlowctlError} what the child said when it ended instead; the signal's reason when the wait was stopped, the child with it.
 */
export async function startDetached({ command, home, env, signal }: DetachedOptions): Promise<DetachedServer> {
  signal.throwIfAborted();
  const log = serverLog(home);
  const length = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const isLong = length > LONGEST_LOG;
  if (isLong) renameSync(log, `${log}.1`);
  const file = openSync(log, "a", 0o600);
  let child: ChildProcess;
  try {
    child = spawn(command[0], command.slice(1), {
      detached: true,
      cwd: home,
      // The working directory is another one.
      env: { ...env, FLOWCTL_HOME: home, [DETACHED_VARIABLE]: "1" } as Record<string, string>,
      stdio: ["ignore", "pipe", file],
      windowsHide: true,
    });
  } finally {
    closeSync(file);
  }
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const ready = await readyOf(child);
    if ("url" in ready) return { ...ready, pid: child.pid!, log };
    signal.throwIfAborted();
    throw refusal(readFileSync(log).subarray(isLong ? 0 : length).toString(), ready, log);
  } finally {
    signal.removeEventListener("abort", stop);
    child.stdout?.destroy();
    child.unref();
  }
}

/** How a child ended. */
interface Ended {
  how: string;
  code: number | null;
}

/** The first line of the child; or, when it ended without, how. */
function readyOf(child: ChildProcess): Promise<DetachedReady | Ended> {
  return new Promise((resolve) => {
    let text = "";
    child.stdout!.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const end = text.indexOf("\n");
      if (end >= 0) resolve(JSON.parse(text.slice(0, end)));
    });
    child.on("error", (error) => resolve({ how: error.message, code: null }));
    child.on("close", (code, signal) => resolve({ how: `it ended with ${code ?? signal}`, code }));
  });
}

/** Its own words and exit code, when its log has them. */
function refusal(log: string, { how, code }: Ended, path: string): FlowctlError {
  const error = /^Error: (.*)$/m.exec(log)?.[1];
  const hint = /^Hint: (.*)$/m.exec(log)?.[1];
  const [known = "unavailable"] = Object.entries(EXIT_CODES).find(([, exit]) => exit === code) ?? [];
  return new FlowctlError(known as ErrorCode, error ?? `Cannot start the server: ${how}`, {
    hint: hint ?? `Its log is "${path}"`,
  });
}
