/**
 * The way of one attempt to the API: a Unix socket in a folder of its own, which is mounted into the container. On Windows, where
 * none can be served, a door on loopback that opens to the lease's token.
 *
 * Works for a server on loopback, without any network, and in ephemeral mode alike. The lease's token is added here, so that it
 * is nowhere in the container: whoever speaks through the socket is this attempt and nothing else.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { chmodSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import type { Fetch } from "../client/transport.ts";
import { LEASE_HEADER } from "../domain/agents.ts";
import type { RunDoor } from "../runners/runner.ts";
import { messageOf } from "../support/errors.ts";
import { removeFolder } from "../support/files.ts";
import { ensurePrivateDir, SOCKET_NAME, socketDir } from "../support/paths.ts";
import { serve, type Served } from "../support/serve.ts";

/** See {@link openRunSocket}. */
export interface RunSocketOptions {
  home: string;
  leaseId: string;
  token: string;
  /** Address of the API, as the client has it: with `/api`, without a trailing slash. */
  apiUrl: string;
  /** Takes a request to the API. */
  upstream: Fetch;
  /** As `process.platform`; `win32` has a door instead of a socket. */
  platform?: string;
}

/** A socket that is served. */
export interface RunSocket {
  /** The folder that holds `api.sock`. */
  folder: string;
  /** On Windows, instead of the socket. */
  door?: RunDoor;
  /** Ends running requests and stops to listen; the folder stays, for the next agent. */
  close(): Promise<void>;
  /** {@link close}, and removes the folder. */
  remove(): Promise<void>;
}

// Those of one connection, those that say who speaks, and those that a fetch sets itself.
const NOT_UP = ["host", "connection", "keep-alive", "transfer-encoding", "upgrade", "te", "expect", "content-length"];
const NOT_DOWN = ["connection", "keep-alive", "transfer-encoding", "content-encoding", "content-length"];

/** Bodies up to here are read before they are sent on; longer ones and those of unknown length stream. */
const WHOLE_BYTES = 1024 * 1024;

/**
 * Serves the socket of an attempt. The same lease has the same folder, also after the agent was restarted.
 *
 * @throws FlowctlError when the folder or the socket can't be made.
 */
export async function openRunSocket(options: RunSocketOptions): Promise<RunSocket> {
  const folder = socketDir(options.home, options.leaseId);
  // Nobody else on this host gets past the parent. The folder itself is open, as an image may have any user.
  ensurePrivateDir(dirname(folder));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const ending = new AbortController();
  const isWindows = (options.platform ?? process.platform) === "win32";
  const pass = (request: Request) => passOn(request, options, ending.signal);
  const served: Served = isWindows
    ? await serve(
      { hostname: "127.0.0.1", port: 0 },
      (request) => isBearer(request, options) ? pass(request) : closed(),
    )
    : await serve({ unix: `${folder}/${SOCKET_NAME}` }, pass);
  const door = isWindows ? { url: `http://127.0.0.1:${served.port}/api`, tokenFile: join(folder, "token") } : undefined;
  if (door !== undefined) writeFileSync(door.tokenFile, options.token, { mode: 0o600 });
  const close = async () => {
    ending.abort();
    await served.stop(1000);
  };
  return {
    folder,
    ...door === undefined ? {} : { door },
    close,
    async remove() {
      await close();
      removeFolder(folder);
    },
  };
}

/** Removes the folder that held the runs' folders, when none is left; a stopped agent leaves nothing in a place for all. */
export function removeEmptyParent(home: string, id: string): void {
  try {
    rmdirSync(dirname(socketDir(home, id)));
  } catch {
    // Runs go on in it, or another agent's do, or there is none.
  }
}

/** Sends one request on to the API and its answer back. */
export async function passOn(
  request: Request,
  { apiUrl, upstream, token }: Pick<RunSocketOptions, "apiUrl" | "upstream" | "token">,
  ending?: AbortSignal,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (!/^\/api(\/|$)/.test(pathname)) return problem(404, "not_found", "Only the API is here: paths begin with /api");
  const headers = new Headers(request.headers);
  for (const name of NOT_UP) headers.delete(name);
  headers.set(LEASE_HEADER, token);
  // A fetch decodes what comes compressed, but leaves the headers that say so.
  headers.set("accept-encoding", "identity");
  const signals = [request.signal, ending].filter((signal) => signal !== undefined);
  const init: RequestInit & { duplex?: "half" } = { method: request.method, headers, signal: AbortSignal.any(signals) };
  if (request.body !== null) {
    const length = Number(request.headers.get("content-length") ?? Infinity);
    if (length <= WHOLE_BYTES) init.body = await request.arrayBuffer();
    else Object.assign(init, { body: request.body, duplex: "half" });
  }
  const base = apiUrl.startsWith("unix:") ? "http://localhost/api" : apiUrl;
  try {
    const response = await upstream(base + pathname.slice("/api".length) + search, init);
    const back = new Headers(response.headers);
    for (const name of NOT_DOWN) back.delete(name);
    return new Response(response.body, { status: response.status, headers: back });
  } catch (error) {
    // 503 says "nothing was done, try again", which is true only when nobody took the request.
    return isRefused(error)
      ? problem(503, "unavailable", `The API does not answer: ${messageOf(error)}`, { "retry-after": "1" })
      : problem(502, "unavailable", `The connection to the API broke: ${messageOf(error)}`);
  }
}

/** Whoever knows the lease's token: a port of loopback is open to every user of the machine. */
function isBearer({ headers }: Request, { token }: RunSocketOptions): boolean {
  // Hashes have one length, as a comparison in constant time needs it.
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(headers.get(LEASE_HEADER) ?? ""), hash(token));
}

const closed = () => problem(401, "unauthorized", "Only the run's own program may speak here: its token is missing");

function isRefused(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = String((at as { code?: unknown }).code ?? "");
    if (/^(ECONNREFUSED|ENOENT|ConnectionRefused|FailedToOpenSocket)$/.test(code)) return true;
    if (/connection refused/i.test(at.message)) return true;
  }
  return false;
}

function problem(status: number, code: string, detail: string, headers: Record<string, string> = {}): Response {
  return Response.json({ detail, code }, { status, headers });
}
