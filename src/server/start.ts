/**
 * Starts the server: takes the home, opens the store, listens, runs the services; and stops it all in order.
 *
 * @module
 */

import { hostname } from "node:os";
import process from "node:process";
import { createApi } from "../api/app.ts";
import { bearsToken, createAuth, isFromHere } from "../api/auth.ts";
import { createGuard } from "../api/guard.ts";
import { createSessions } from "../api/sessions.ts";
import { SIGN_IN_PATH } from "../api/sign_in.ts";
import type { Fetch } from "../client/transport.ts";
import type { Settings } from "../config/settings.ts";
import { binaryOffer } from "../images/binaries.ts";
import { startServices } from "../services/mod.ts";
import { openStore, type Store } from "../store/database.ts";
import { hasAdminToken, insertToken } from "../store/tokens.ts";
import { isAnyHost, isLoopbackHost } from "../support/addresses.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { FlowctlError } from "../support/errors.ts";
import { type HomeLock, lockHome } from "../support/home_lock.ts";
import type { Log } from "../support/log.ts";
import { isCompiled } from "../support/runtime.ts";
import { openSecretBox } from "../support/secret_box.ts";
import { type Handler, serve, type Served } from "../support/serve.ts";
import { VERSION } from "../support/version.ts";
import { answerAsset, answerPage } from "../ui/serve.ts";
import { openHomeToken } from "./home_token.ts";
import { serverFacts } from "./facts.ts";
import { homeFiles, prepareHome, readServerFile, removeServerFile, writeServerFile } from "./home.ts";

/** Options of {@link startServer}. */
export interface StartOptions {
  settings: Pick<Settings, "home" | "allowedHosts" | "stopGraceSeconds" | "authLoopback">;
  /** Default: loopback. Beyond it every request needs a token. */
  host?: string;
  /** Listen on all addresses; the same as a host of `0.0.0.0`. */
  expose?: boolean;
  /** 0 lets the system choose one. */
  port?: number;
  /** A second port for the same API and pages; without `ui`, or when it is `port`, there is none. */
  uiPort?: number;
  /** By what the user says the ports, for errors. */
  portOptions?: { port: string; uiPort: string };
  /** Done when the server answers and before it says so in the home. It must not fail. */
  prepare?: () => Promise<void>;
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
  /** The address on the second port, when there is one. */
  uiUrl?: string;
  /** Whether others than this machine reach it. */
  isExposed: boolean;
  /** Whether requests from loopback need a token too. */
  isLoopbackTrusted: boolean;
  /** The ADMIN token that was made as this is the first server of the home that others reach. Shown once, kept nowhere. */
  firstToken?: string;
  /** Signs one browser in, once; only where pages are served and loopback is not trusted. */
  signInUrl?: string;
  /** Reaches the API within this process, which is trusted; any host will do in the address. */
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
 * @throws {FlowctlError} one sentence each: `forbidden` for a home or a token file that can't be used, `conflict` for a port in use and
 * a second server on one home, `unsupported` or `unavailable` for a database that can't be opened.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { settings, log } = options;
  const { home, allowedHosts, stopGraceSeconds, authLoopback } = settings;
  const host = options.expose ? "0.0.0.0" : options.host ?? "127.0.0.1";
  const isExposed = !isLoopbackHost(host);
  const { services = true, ui = true, clock = systemClock, random = Math.random } = options;
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
    // A server on one address that is not loopback is reached there by this home's own programs, too.
    const homeToken = openHomeToken(home, authLoopback === "require" || (isExposed && !isAnyHost(host)));
    const sessions = createSessions({ clock, instance });
    const auth = createAuth({ store, clock, loopback: authLoopback, homeToken, sessions });
    const facts = serverFacts(settings, { isExposed, now: clock.now() });
    const api = createApi({
      server: facts,
      store,
      clock,
      random,
      log: log.named("API"),
      secrets: openSecretBox(homeFiles(home).secretKey),
      version: VERSION,
      drain: drain.signal,
      instance,
      auth,
      sessions,
      binaries: binaryOffer({ home, version: VERSION, own: isCompiled ? process.execPath : undefined }),
      ...(ui
        ? { page: (request: Request) => answerPage(request), asset: (request: Request) => answerAsset(request) }
        : {}),
    });
    const guard = createGuard([...allowedHosts, bracketed(host)]);
    const answer = (request: Request, address: string | undefined) => {
      const peer = { address };
      return guard(request, isFromHere(request, peer) && !bearsToken(request)) ?? api.fetch(request, peer);
    };
    const served = await serveAll(options, host, answer);
    const [url, pageUrl] = served.map(({ port }) => `http://${bracketed(reachable(host))}:${port}`);
    // As Prefect's pages are called: people type it, and cookies belong to one name.
    const uiUrl = pageUrl?.replace("//127.0.0.1:", "//localhost:");
    facts.addresses.push(`${url}/api`, ...uiUrl === undefined ? [] : [uiUrl]);
    undo.push(async () => {
      // Stopping waits for open polls, so they are ended once nobody can open another.
      const stopped = served.map((one) => one.stop(stopGraceSeconds * 1000));
      drain.abort();
      await Promise.all(stopped);
    });
    if (services) {
      const running = startServices({ store, clock, random, log });
      // Stopped after the requests and before the store.
      undo.splice(2, 0, () => running.stop());
    }
    await options.prepare?.();
    writeServerFile(home, {
      pid: process.pid,
      url,
      instance,
      machine: hostname(),
      ...uiUrl === undefined ? {} : { ui_url: uiUrl },
    });
    undo.push(() => Promise.resolve(removeServerFile(home)));
    // Only now: a server that could not start would have shown it to nobody.
    const firstToken = isExposed ? await makeFirstToken(store, clock) : undefined;
    let stopping: Promise<void> | undefined;
    return {
      url,
      ...uiUrl === undefined ? {} : { uiUrl },
      isExposed,
      isLoopbackTrusted: authLoopback === "trust",
      firstToken,
      signInUrl: ui && authLoopback === "require"
        ? `${uiUrl ?? url}${SIGN_IN_PATH}?code=${sessions.issueCode()}`
        : undefined,
      fetch: (address, init) => api.fetch(new Request(address, init)),
      stop: () => stopping ??= unwind(),
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}

/** Listens on the port, and on the page's when that is another; on both or on none. */
async function serveAll(
  { port = DEFAULT_PORT, uiPort, ui = true, portOptions }: StartOptions,
  hostname: string,
  answer: Handler,
): Promise<Served[]> {
  const first = await serve({ hostname, port, option: portOptions?.port }, answer);
  if (!ui || uiPort === undefined || uiPort === first.port) return [first];
  try {
    return [first, await serve({ hostname, port: uiPort, option: portOptions?.uiPort }, answer)];
  } catch (error) {
    await first.stop(0);
    throw error;
  }
}

const bracketed = (host: string): string => host.includes(":") ? `[${host}]` : host;

/** Where this machine itself finds a server that listens on all its addresses. */
const reachable = (host: string): string => !isAnyHost(host) ? host : host === "0.0.0.0" ? "127.0.0.1" : "::1";

/** Somebody must be able to make the other tokens from elsewhere. One that was revoked is not made again. */
async function makeFirstToken(store: Store, clock: Clock): Promise<string | undefined> {
  if (await hasAdminToken(store.read)) return undefined;
  return await store.write(async (tx) => {
    if (await hasAdminToken(tx)) return undefined;
    return (await insertToken(tx, { name: "first", scope: "ADMIN" }, clock.now())).text;
  });
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
