/**
 * Stops the server of a home from another process.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import type { Fetch } from "../client/transport.ts";
import type { Clock } from "../support/clock.ts";
import { FlowctlError } from "../support/errors.ts";
import { isHomeLocked } from "../support/home_lock.ts";
import { findServer, homeFiles, readServerFile, type ServerFile } from "./home.ts";

/** See {@link stopServer}. */
export interface StopOptions {
  home: string;
  fetch: Fetch;
  clock: Clock;
  /** How long the server may take. Its own grace is a setting of its own environment. */
  waitMs: number;
  signal: AbortSignal;
  /** As `process.kill`; signal 0 only asks whether it is there. */
  kill?: (pid: number, signal: "SIGTERM" | 0) => void;
  machine?: string;
  isZombie?: (pid: number) => boolean;
}

const STEP_MS = 50;

/**
 * Asks the server of a home to stop and waits until it is gone.
 *
 * A process is only signalled after a server answered that bears the same instance id as the home's file: a process id that a killed
 * server left behind may be somebody else's by now.
 *
 * @returns Which server it was; undefined when none runs.
 * @throws {FlowctlError} `unavailable` for one that does not answer, `forbidden` for another user's, `unsupported` for one on another
 * machine, `timeout` for one that does not end.
 */
export async function stopServer(options: StopOptions): Promise<ServerFile | undefined> {
  const { home, fetch, clock, waitMs, signal, machine = hostname() } = options;
  const { kill = process.kill.bind(process), isZombie = isZombieInProc } = options;
  const server = await findServer(home, fetch);
  if (server === undefined) {
    if (!isRunning(home)) return undefined;
    const said = readServerFile(home);
    throw new FlowctlError("unavailable", `Cannot stop the server of home "${home}": it runs, but does not answer`, {
      hint: said === undefined ? "Try again when it has started" : `Try again, or end process ${said.pid}`,
    });
  }
  if (server.machine !== undefined && server.machine !== machine) {
    throw new FlowctlError("unsupported", `Cannot stop the server at ${server.url}: it runs on "${server.machine}"`, {
      hint: "Run flowctl server stop there, or stop its container",
    });
  }
  try {
    kill(server.pid, "SIGTERM");
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code !== "ESRCH") {
      throw new FlowctlError("forbidden", `Cannot stop the server at ${server.url}: it is another user's`, { cause });
    }
  }
  for (let waited = 0; waited < waitMs; waited += STEP_MS) {
    signal.throwIfAborted();
    if (isGone(server.pid, { kill, isZombie })) return server;
    await clock.sleep(STEP_MS, signal);
  }
  throw new FlowctlError("timeout", `Cannot stop the server at ${server.url}: process ${server.pid} does not end`, {
    hint: `Look at what it does, or end it with: kill -9 ${server.pid}`,
  });
}

/** Whether a process is gone: it is not there, or ended and waits for a parent that does not look. */
function isGone(pid: number, { kill, isZombie }: Required<Pick<StopOptions, "kill" | "isZombie">>): boolean {
  try {
    kill(pid, 0);
  } catch {
    return true;
  }
  return isZombie(pid);
}

/** Systems without `/proc` do not say. */
function isZombieInProc(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Whether somebody holds the home. One that was never used is held by nobody, and nothing is made by asking. */
function isRunning(home: string): boolean {
  const { lock } = homeFiles(home);
  return existsSync(lock) && isHomeLocked(lock);
}
