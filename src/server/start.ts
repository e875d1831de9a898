/**
 * Starts the server: takes the home, opens the store, listens, runs the services; and stops it all in order.
 *
 * @module
 */

import process from "node:process";
import { createApi } from "../api/app.ts";
import { createGuard } from "../api/guard.ts";
import type { Fetch } from "../client/transport.ts";
import type { Settings } from "../config/settings.ts";
import { binaryOffer } from "../images/binaries.ts";
import { startServices } from "../services/mod.ts";
import { openStore } from "../store/database.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { FlowctlError } from "../support/errors.ts";
import { type HomeLock, lockHome } from "../support/home_lock.ts";
import type { Log } from "../support/log.ts";
import { isCompiled } from "../support/runtime.ts";
import { openSecretBox } from "../support/secret_box.ts";
import { serve } from "../support/serve.ts";
import { VERSION } from "../support/version.ts";
import { answerPage } from "../ui/pages.ts";
import { homeFiles, prepareHome, readServerFile, removeServerFile, writeServerFile } from "./home.ts";

/** Options of {@link startServer}. */
export interface StartOptions {
  settings: Pick<Settings, "home" | "allowedHosts" | "stopGraceSeconds">;
  /** A loopback address. */
  host?: string;
  /** 0 lets the system choose one. */
  port?: number;
  /** Whether the scheduler and the other loops run. */
  services?: boolean;
  /** Whether pages are served. */
  ui?: boolean;
  log: Log;
  clock?: Clock;
  random?: () => number;
}

/** A server that runs. */
export interface RunningServer {
  /** Address of the page, without trailing slash; the API is below it under `/api`. */
  url: string;
  /** Reaches the API within this process; any host will do in the address. */
  fetch: Fetch;
  /**
   * Stops listening, ends long polls, finishes what is running, stops the services and closes the store. Stopping twice is fine.
   */
  stop(): Promise<void>;
}

/** Where the server listens when nothing is said; Prefect's port. */
export const DEFAULT_PORT = 4200;

/**
 * Starts the server.
 *
 * @throws {FlowctlError} one sentence each: `forbidden` for a home that can't be used and a host that is not loopback, `conflict` for
 * a port in use and a second server on one home, `unsupported` or `unavailable` for a database that can't be opened.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { settings: { home, allowedHosts, stopGraceSeconds }, host = "127.0.0.1", port = DEFAULT_PORT, log } = options;
  const { services = true, ui = true, clock = systemClock, random = Math.random } = options;
  refuseForeign(host);
  prepareHome(home);
  const lock = takeHome(home);
  // Undone in reverse order when something fails, and at the end.
  const undo: (() => Promise<void>)[] = [() => Promise.resolve(lock.release())];
  const unwind = async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const store = await openStore({ path: homeFiles(home).database, clock });
    undo.push(() => store.close());
    const drain = new AbortController();
    const instance = crypto.randomUUID();
    const api = createApi({
      store,
      clock,
      random,
      log: log.named("API"),
      secrets: openSecretBox(homeFiles(home).secretKey),
      version: VERSION,
      drain: drain.signal,
      instance,
      binaries: binaryOffer({ home, version: VERSION, own: isCompiled ? process.execPath : undefined }),
      ...(ui ? { page: (request: Request) => answerPage({ read: store.read, clock }, request) } : {}),
    });
    const guard = createGuard([...allowedHosts, bracketed(host)]);
    const served = await serve({ hostname: host, port }, (request) => guard(request) ?? api.fetch(request));
    const url = `http://${bracketed(host)}:${served.port}`;
    undo.push(async () => {
      // Stopping waits for open polls, so they are ended once nobody can open another.
      const stopped = served.stop(stopGraceSeconds * 1000);
      drain.abort();
      await stopped;
    });
    if (services) {
      const running = startServices({ store, clock, random, log });
      // Stopped after the requests and before the store.
      undo.splice(2, 0, () => running.stop());
    }
    writeServerFile(home, { pid: process.pid, url, instance });
    undo.push(() => Promise.resolve(removeServerFile(home)));
    let stopping: Promise<void> | undefined;
    return {
      url,
      fetch: (address, init) => api.fetch(new Request(address, init)),
      stop: () => stopping ??= unwind(),
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}

const bracketed = (host: string): string => host.includes(":") ? `[${host}]` : host;

function refuseForeign(host: string): void {
  if (host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)) return;
  throw new FlowctlError(
    "forbidden",
    `Cannot listen on "${host}": anybody who reaches it could run programs here, as there are no tokens yet`,
    { hint: "Use --host 127.0.0.1, and reach it from elsewhere through an SSH tunnel" },
  );
}

function takeHome(home: string): HomeLock {
  const lock = lockHome(homeFiles(home).lock);
  if (lock !== undefined) return lock;
  const other = readServerFile(home);
  const where = other === undefined ? "" : `, at ${other.url}`;
  throw new FlowctlError("conflict", `Cannot start a server: one already serves home "${home}"${where}`, {
    hint: "Use that one, stop it, or set FLOWCTL_HOME to another folder",
  });
}
