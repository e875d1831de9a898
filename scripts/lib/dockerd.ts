/**
 * Starts and stops a Docker Engine of our own, where no service manager does it.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { type Endpoint, ping } from "./engine_api.ts";

/** How to start the engine. */
export interface DockerdOptions {
  /** Where it will answer. */
  endpoint: Endpoint;
  /** `dockerd` when unsaid. */
  command?: string;
  args?: string[];
  /** File in which it keeps its process id; a stale one is removed first. */
  pidFile?: string;
  /** How long it may take until it answers. */
  timeoutMs?: number;
}

/** An engine that was started here. */
export interface Dockerd {
  pid: number;
  /** Ends it, waits until it is gone, and removes its log. Containers that still run are stopped by it. */
  stop(): Promise<void>;
}

/**
 * Starts `dockerd` in the background and waits until it answers.
 *
 * @throws With the last lines of its log when it ends or does not answer in time
 */
export async function startDockerd(options: DockerdOptions): Promise<Dockerd> {
  const { endpoint, command = "dockerd", args = [], pidFile = "/var/run/docker.pid", timeoutMs = 60_000 } = options;
  removeStale(pidFile);
  const folder = mkdtempSync(join(tmpdir(), "dockerd-"));
  const log = join(folder, "dockerd.log");
  const file = openSync(log, "a");
  let ended = false;
  let failure = "it ended at once";
  // A session of its own: Ctrl-C in the terminal must reach the script, which then stops the engine in order.
  const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` };
  const child = spawn(command, args, { env, detached: true, stdio: ["ignore", file, file] });
  const gone = new Promise<void>((resolve) => {
    const end = () => {
      ended = true;
      resolve();
    };
    child.on("exit", end);
    child.on("error", (error) => {
      failure = error.message;
      end();
    });
  });
  closeSync(file);

  const stop = async () => {
    if (!ended && child.pid) {
      process.kill(child.pid, "SIGTERM");
      await atMost(30_000, gone);
      if (!ended) process.kill(child.pid, "SIGKILL");
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };

  const deadline = Date.now() + timeoutMs;
  while (!ended && Date.now() < deadline) {
    if (await ping(endpoint)) return { pid: child.pid!, stop };
    await atMost(100, gone);
  }
  const happened = ended ? failure : `it did not answer within ${timeoutMs / 1000} s`;
  const lines = readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n");
  await stop();
  throw new Error(
    `Cannot start the Docker Engine "${command}": ${happened}${lines && `; the end of its log:\n${lines}`}`,
  );
}

/** Waits for something, but not longer than a time. */
async function atMost(ms: number, event: Promise<void>): Promise<void> {
  const done = new AbortController();
  await Promise.race([event, sleep(ms, undefined, { signal: done.signal }).catch(() => {})]);
  done.abort();
}

/** dockerd refuses to start beside a pid file, and one stays behind when it is killed or the machine stops. */
function removeStale(pidFile: string): void {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8"));
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) rmSync(pidFile, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
