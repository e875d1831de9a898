/**
 * Serves HTTP on a port or a Unix socket, alike in both runtimes.
 *
 * The handler is fetch-shaped. Long answers are never cut for being idle, and a stop finishes what is running: it waits for open
 * streams and long polls too, so whoever stops first ends those (an aborted `drain` signal), and gives a grace after which the rest
 * is cut.
 *
 * @module
 */

import { chmodSync, lstatSync, rmSync } from "node:fs";
import net from "node:net";
import process from "node:process";
import { FlowctlError, messageOf } from "./errors.ts";
import { socketPathLimit } from "./paths.ts";

/** Where to listen. Port 0 lets the system choose one. `option` is by what the user says the port, for the error; `--port` unless said. */
export type Listen = { hostname: string; port: number; option?: string | undefined } | { unix: string };

/**
 * Answers one request. `address` is that of the other end of the connection, as the socket tells it; undefined on a Unix socket, and
 * when the connection is gone already.
 */
export type Handler = (request: Request, address: string | undefined) => Response | Promise<Response>;

/** A running listener. */
export interface Served {
  /** As asked for; empty for a Unix socket. */
  hostname: string;
  /** The real port; 0 for a Unix socket. */
  port: number;
  /**
   * Stops listening, waits for running requests, and after `graceMs` waits no longer: those that are left are cut, in Deno when
   * the process ends.
   */
  stop(graceMs: number): Promise<void>;
}

/** What both runtimes can do, under one name. */
interface Listener {
  port: number;
  finish(): Promise<void>;
  cut(): Promise<void>;
}

interface BunServer {
  port: number;
  requestIP(request: Request): { address: string } | null;
  stop(closeActiveConnections?: boolean): Promise<void>;
}
interface DenoServer {
  addr: { port?: number };
  shutdown(): Promise<void>;
  unref(): void;
}
const runtimes = globalThis as unknown as {
  Bun?: { serve(options: Record<string, unknown>): BunServer };
  Deno?: {
    serve(
      options: Record<string, unknown>,
      handler: (request: Request, info: { remoteAddr: { hostname?: string } }) => Response | Promise<Response>,
    ): DenoServer;
  };
};

/**
 * Starts to serve.
 *
 * A Unix socket may be used by every user of the machine (0666): keep it in a folder of its own. A socket file that nobody serves
 * any more is replaced. What the handler throws is answered as a plain 500.
 *
 * @throws {FlowctlError} `conflict` when the port or socket is in use; `invalid` when the socket's path is too long;
 * `unavailable` when the address can't be had for another reason.
 *
 * @example
 * ```ts
 * import { serve } from "./serve.ts";
 *
 * const served = await serve({ hostname: "127.0.0.1", port: 0 }, () => new Response("hello"));
 * console.assert(served.port > 0);
 * await served.stop(0);
 * ```
 */
export async function serve(listen: Listen, handler: Handler): Promise<Served> {
  if ("unix" in listen) await makeWay(listen.unix);
  const guarded: Handler = async (request, address) => {
    try {
      return await handler(request, address);
    } catch {
      return new Response("Internal Server Error", { status: 500 });
    }
  };
  let listener: Listener;
  try {
    listener = runtimes.Bun ? serveOnBun(listen, guarded) : serveOnDeno(listen, guarded);
    if ("unix" in listen && process.platform !== "win32") chmodSync(listen.unix, 0o666);
  } catch (error) {
    throw refusal(listen, error);
  }
  let stopped: Promise<void> | undefined;
  return {
    hostname: "unix" in listen ? "" : listen.hostname,
    port: "unix" in listen ? 0 : listener.port,
    stop: (graceMs) => stopped ??= stop(listener, graceMs, listen),
  };
}

async function stop(listener: Listener, graceMs: number, listen: Listen): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const grace = new Promise<"late">((resolve) => timer = setTimeout(resolve, graceMs, "late"));
  const how = await Promise.race([listener.finish(), grace]);
  clearTimeout(timer);
  if (how === "late") await listener.cut();
  if ("unix" in listen) rmSync(listen.unix, { force: true });
}

const addressOf = (listen: Listen) =>
  "unix" in listen ? { unix: listen.unix } : { hostname: listen.hostname, port: listen.port };

function serveOnBun(listen: Listen, handler: Handler): Listener {
  const server = runtimes.Bun!.serve({
    ...addressOf(listen),
    fetch: (request: Request, server: BunServer) =>
      handler(request, "unix" in listen ? undefined : server.requestIP(request)?.address),
    development: false,
    // Without it an idle long poll is cut after ten seconds, on a socket too.
    idleTimeout: 0,
    // Without it a port that this very process serves is silently taken over.
    ...("unix" in listen ? {} : { reusePort: false }),
  });
  return { port: server.port, finish: () => server.stop(), cut: () => server.stop(true) };
}

function serveOnDeno(listen: Listen, handler: Handler): Listener {
  const server = runtimes.Deno!.serve({
    ..."unix" in listen ? { path: listen.unix } : addressOf(listen),
    onListen: () => {},
    automaticCompression: false,
  }, (request, { remoteAddr }) => handler(request, "unix" in listen ? undefined : remoteAddr.hostname));
  return {
    port: server.addr.port ?? 0,
    finish: () => server.shutdown(),
    // Deno 2.9 can't cut what a shutdown waits for (an aborted `signal` throws BadResource then); it can be let go of.
    cut: () => Promise.resolve(server.unref()),
  };
}

/** Removes a socket file that a dead process left behind; refuses one that is served. */
async function makeWay(path: string): Promise<void> {
  const length = new TextEncoder().encode(path).length;
  const limit = socketPathLimit();
  if (length > limit) {
    throw new FlowctlError(
      "invalid",
      `Cannot listen on "${path}": its path has ${length} bytes, at most ${limit} work`,
      {
        hint: "Use a folder with a shorter path.",
      },
    );
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new FlowctlError("conflict", `Cannot listen on "${path}": something that is no socket lies there`);
  }
  if (await answers(path)) throw new FlowctlError("conflict", `Cannot listen on "${path}": somebody serves it already`);
  rmSync(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

function refusal(listen: Listen, error: unknown): FlowctlError {
  const where = "unix" in listen ? listen.unix : `${listen.hostname}:${listen.port}`;
  const text = `${(error as { code?: string }).code ?? ""} ${(error as Error).name} ${messageOf(error)}`;
  if (/EADDRINUSE|AddrInUse|in use/i.test(text)) {
    return new FlowctlError("conflict", `Cannot listen on "${where}": the port is in use`, {
      hint: `Stop the program that uses it, or choose another with ${
        "unix" in listen ? "" : listen.option ?? "--port"
      }.`,
      cause: error,
    });
  }
  const why = /EACCES|PermissionDenied|EPERM/i.test(text) ? "this user may not" : messageOf(error).replace(/\.$/, "");
  return new FlowctlError("unavailable", `Cannot listen on "${where}": ${why}`, { cause: error });
}
