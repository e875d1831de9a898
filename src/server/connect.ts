/**
 * Which API is in use: that of `FLOWCTL_API_URL`, else the backend's.
 *
 * `cloud` is the address that the profile holds. `server` is the server that runs on this home, else the one that
 * `flowctl server start` would be. `ephemeral`, the default, is this home's data: through its server when one runs, else by the app in
 * this process; only the server may write to its database in peace, and only it runs what is scheduled.
 *
 * What a connection does not need is not loaded: to reach a server takes neither store nor API.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { type Client, createClient } from "../client/client.ts";
import type { Fetch } from "../client/transport.ts";
import { LOOPBACK_URL } from "../config/backends.ts";
import type { Settings } from "../config/settings.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { isLoopbackHost } from "../support/addresses.ts";
import { FlowctlError } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import { createNodeFetch } from "../support/node_fetch.ts";
import { readHomeToken } from "./home_token.ts";
import { findServer, readServerFile } from "./home.ts";

/** An API in use. */
export interface Connection {
  client: Client;
  /** Reaches the API; takes the addresses that the client asks for. */
  fetch: Fetch;
  /** An address that was set, the server of this home, or the app in this process. */
  mode: "remote" | "server" | "ephemeral";
  /** For people: the address, or the home of the database. */
  address: string;
  /** Where the page is, without trailing slash, when the server of this home serves it on a port of its own. */
  pageUrl?: string;
  /** Ends what is open. Closing twice is fine. */
  close(): Promise<void>;
}

/** What {@link connect} takes. */
export interface ConnectOptions {
  settings: Pick<Settings, "home" | "backend" | "apiUrl" | "apiKey" | "leaseTokenFile">;
  log: Log;
  clock?: Clock;
  random?: () => number;
}

/**
 * Connects. An address that was set is not tried: the first request says when nobody answers.
 *
 * @throws {FlowctlError} `invalid` for a backend that has no address; others when the app must run in this process and home or
 * database can't be used.
 */
export async function connect(
  { settings, log, clock = systemClock, random = Math.random }: ConnectOptions,
): Promise<Connection> {
  const { home, backend, apiUrl, leaseTokenFile } = settings;
  const leaseToken = apiUrl === undefined || leaseTokenFile === undefined ? undefined : readToken(leaseTokenFile);
  const over = (
    url: string,
    mode: Connection["mode"],
    address: string,
    fetch: Fetch,
    close: () => Promise<void>,
    pageUrl?: string,
  ) => {
    const apiKey = settings.apiKey ??
      (leaseToken === undefined && isOfHome(url, home) ? readHomeToken(home) : undefined);
    const secrets = { ...apiKey === undefined ? {} : { apiKey }, ...leaseToken === undefined ? {} : { leaseToken } };
    const client = createClient({ url, fetch, clock, random, ...secrets });
    return { client, fetch, mode, address, close, ...pageUrl === undefined ? {} : { pageUrl } };
  };
  if (apiUrl !== undefined) {
    // A run's own way to the API is its agent's business.
    if (leaseToken === undefined && isReadableOnTheWay(apiUrl)) {
      log.warning(
        `The API at "${apiUrl}" is reached without encryption: tokens, parameters and results can be read on the way. ` +
          "Use https:// by a proxy in front of it, or an SSH tunnel",
      );
    }
    const { fetch, close } = fetchFor(apiUrl);
    return over(apiUrl, "remote", apiUrl, fetch, close);
  }
  if (backend === "cloud") {
    throw new FlowctlError("invalid", 'Cannot use backend "cloud": the profile in use holds no address of a server', {
      hint: "Store one with: flowctl auth login --api URL --key KEY",
    });
  }
  // node:http, for the runtimes' own fetch would send the request to a proxy of the environment.
  const local = createNodeFetch();
  const close = () => Promise.resolve(local.close());
  const server = await findServer(home, local);
  if (server !== undefined) return over(`${server.url}/api`, "server", server.url, local, close, server.ui_url);
  if (backend === "server") return over(LOOPBACK_URL, "remote", LOOPBACK_URL, local, close);
  await close();
  const { openEphemeral } = await import("./ephemeral.ts");
  const app = await openEphemeral({ settings, log, clock, random });
  return over("http://localhost/api", "ephemeral", home, app.fetch, app.close);
}

/** Whether an address is that of this home's own server: its token file is shown to nobody else. */
function isOfHome(url: string, home: string): boolean {
  const own = readServerFile(home)?.url;
  if (own === undefined || !/^http:/.test(url)) return false;
  const [asked, known] = [new URL(url), new URL(own)];
  const isSameHost = asked.hostname === known.hostname ||
    (isLoopbackHost(asked.hostname) && isLoopbackHost(known.hostname));
  return isSameHost && asked.port === known.port;
}

/** Whether an address leads over a network without TLS. */
const isReadableOnTheWay = (apiUrl: string): boolean => {
  if (!apiUrl.startsWith("http://")) return false;
  const { hostname } = new URL(apiUrl);
  return !isLoopbackHost(hostname) && hostname !== "host.docker.internal";
};

/** The agent put it into the container before its start. */
function readToken(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new FlowctlError("forbidden", `Cannot speak for this run: its token in "${path}" can't be read`, {
      cause: error,
    });
  }
}

/** Loopback and sockets are reached directly, the rest as the environment says (proxies, certificates). */
function fetchFor(apiUrl: string): { fetch: Fetch; close: () => Promise<void> } {
  const socketPath = apiUrl.startsWith("unix:") ? apiUrl.replace(/^unix:(\/\/)?/, "") : undefined;
  if (
    socketPath === undefined &&
    !/^http:\/\/(localhost|host\.docker\.internal|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(apiUrl)
  ) {
    return { fetch: (url, init) => fetch(url, init), close: () => Promise.resolve() };
  }
  const direct = createNodeFetch(socketPath === undefined ? {} : { socketPath });
  return { fetch: direct, close: () => Promise.resolve(direct.close()) };
}
