/**
 * Starts the two servers that are compared: Prefect's own, and the compiled flowctl.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A server of this run. */
export interface Server {
  /** Without `/api`. */
  url: string;
  stop(): Promise<void>;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A port that is free now; Prefect's server cannot be told to choose one. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function answers(url: string, child: ChildProcess, output: () => string, ms: number): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${output()}`);
    const answer = await fetch(`${url}/api/health`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
  }
  throw new Error(`The server does not answer at ${url}:\n${output()}`);
}

function start(command: string, args: string[], env: Record<string, string>) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  child.stdout.on("data", (text) => printed += text);
  child.stderr.on("data", (text) => printed += text);
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()).on("error", () => resolve()));
  return { child, ended, output: () => printed };
}

/** A new folder, and the way to be rid of it and of a process that uses it. */
function home(): { folder: string; stopper: (child: ChildProcess, ended: Promise<void>) => () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-peer-"));
  return {
    folder,
    stopper: (child, ended) => async () => {
      if (child.exitCode === null) process.kill(child.pid!, "SIGTERM");
      await Promise.race([ended, sleep(10_000).then(() => child.exitCode === null && child.kill("SIGKILL"))]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts Prefect's server without its services, so that only requests change anything.
 *
 * @param prefect The path of its command, e.g. `venv/bin/prefect`
 */
export async function startPrefect(prefect: string): Promise<Server> {
  const { folder, stopper } = home();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { child, ended, output } = start(prefect, ["server", "start", "--host", "127.0.0.1", "--port", `${port}`], {
    PREFECT_HOME: folder,
    PREFECT_SERVER_ANALYTICS_ENABLED: "false",
    PREFECT_API_SERVICES_SCHEDULER_ENABLED: "false",
    PREFECT_API_SERVICES_LATE_RUNS_ENABLED: "false",
    PREFECT_API_SERVICES_CANCELLATION_CLEANUP_ENABLED: "false",
  });
  const stop = stopper(child, ended);
  await answers(url, child, output, 90_000).catch(async (error) => (await stop(), Promise.reject(error)));
  return { url, stop };
}

/** Starts flowctl, likewise without services and agent. */
export async function startFlowctl(binary: string): Promise<Server> {
  const { folder, stopper } = home();
  const args = ["orion", "start", "--port", "0", "--no-agent", "--no-services", "--no-ui"];
  const { child, ended, output } = start(binary, args, { FLOWCTL_HOME: folder });
  const stop = stopper(child, ended);
  const file = join(folder, "server.json");
  for (const end = Date.now() + 20_000; !existsSync(file); await sleep(20)) {
    if (Date.now() > end || child.exitCode !== null) {
      await stop();
      throw new Error(`flowctl did not start:\n${output()}`);
    }
  }
  const { url } = JSON.parse(readFileSync(file, "utf8")) as { url: string };
  const base = url.replace(/\/api\/?$/, "");
  await answers(base, child, output, 20_000).catch(async (error) => (await stop(), Promise.reject(error)));
  return { url: base, stop };
}
