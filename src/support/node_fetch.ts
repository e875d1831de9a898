/**
 * A fetch-shaped function over `node:http`, for what the runtimes' own `fetch` can't reach alike: Unix sockets, Windows named
 * pipes and TLS with client certificates.
 *
 * The Docker client and the API client inside containers speak through it. It does less than `fetch` on purpose: no redirects
 * are followed, no compression is asked for, no cookies, and a request is never sent a second time.
 *
 * @module
 */

import http from "node:http";
import https from "node:https";
import { deliver, sendBody } from "./node_fetch_bodies.ts";

/** The shape of `fetch`: what our clients need of a transport. */
export type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A {@link FetchFunction} that owns connections. */
export type NodeFetch = FetchFunction & {
  /** Closes idle connections. Running requests go on; later ones open connections of their own. */
  close(): void;
};

/** PEM texts of a TLS connection. */
export interface TlsOptions {
  /** Certificates of the authorities to trust; without it, those of the runtime. */
  ca?: string;
  /** Our certificate, for servers that ask for one. */
  cert?: string;
  /** The private key of `cert`. */
  key?: string;
  /** `false` accepts any certificate of the server. */
  rejectUnauthorized?: boolean;
}

/** Where {@link createNodeFetch} connects to. */
export interface NodeFetchOptions {
  /** A Unix socket, or a Windows named pipe such as `//./pipe/docker_engine`. The host of a request's URL is then a mere name. */
  socketPath?: string;
  /** `name:port` to connect to, whatever the host of a request's URL is. Ignored when there is a `socketPath`. */
  host?: string;
  /** Used by `https:` URLs. */
  tls?: TlsOptions;
  /** Whether short requests share connections; `true` by default (it halves the time of a small request). */
  keepAlive?: boolean;
}

/**
 * Makes a `fetch` that connects to one place.
 *
 * - Bodies stream in both directions, with backpressure.
 * - `init.signal` ends the request before and after the headers; the promise, or the body, fails with the signal's reason.
 * - `init.keepalive: false` gives a request a connection of its own. Use it for streams that stay open for long, so that they
 *   take no place among the short requests. Requests whose body is a stream always have their own.
 * - A failed connection rejects with a `TypeError`, as `fetch` does; its `cause` is the error of `node:http`, with `code`.
 *
 * @example
 * ```ts
 * import { createNodeFetch } from "./node_fetch.ts";
 *
 * const fetch = createNodeFetch({ socketPath: "/var/run/docker.sock" });
 * try {
 *   const response = await fetch("http://localhost/_ping");
 *   console.log(response.headers.get("api-version"));
 * } catch (error) {
 *   console.log((error as Error).message);
 * } finally {
 *   fetch.close();
 * }
 * ```
 */
export function createNodeFetch({ socketPath, host, tls, keepAlive = true }: NodeFetchOptions = {}): NodeFetch {
  const agents = new Map<string, http.Agent>();
  const agentFor = (protocol: string): http.Agent | false => {
    if (!keepAlive) return false;
    let agent = agents.get(protocol);
    if (agent === undefined) {
      agent = protocol === "https:" ? new https.Agent({ ...AGENT_OPTIONS, ...tls }) : new http.Agent(AGENT_OPTIONS);
      agents.set(protocol, agent);
    }
    return agent;
  };

  const place = addressOf(socketPath, host);
  const nodeFetch: FetchFunction = async (input, init = {}) => {
    const { url, method, headers, body, signal } = await prepare(input, init);
    signal?.throwIfAborted();
    const isStream = body instanceof ReadableStream;
    const options: https.RequestOptions = {
      ...place ??
        { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port || (url.protocol === "https:" ? 443 : 80) },
      ...url.protocol === "https:" ? tls : undefined,
      method,
      path: url.pathname + url.search,
      headers: { host: url.host, ...Object.fromEntries(headers) },
      agent: isStream || init.keepalive === false ? false : agentFor(url.protocol),
    };
    return await exchange(url, options, body, signal);
  };
  return Object.assign(nodeFetch, {
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  });
}

const AGENT_OPTIONS: http.AgentOptions = { keepAlive: true, maxFreeSockets: 16 };

/** Sends one request and waits for the headers of its answer. */
function exchange(
  url: URL,
  options: https.RequestOptions,
  body: Uint8Array | ReadableStream<Uint8Array> | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const req = url.protocol === "https:" ? https.request(options) : http.request(options);
    // Deno 2.9 silently sends a request again, POST too, when a *reused* connection drops or the request on it is aborted
    // (denoland/deno#36786). It looks at this flag only.
    req.on("socket", () => {
      req.reusedSocket = false;
    });

    const onAbort = () => {
      reject(signal!.reason);
      req.destroy();
    };
    const forget = () => signal?.removeEventListener("abort", onAbort);
    signal?.addEventListener("abort", onAbort, { once: true });

    req.on("error", (error) => {
      forget();
      // After the headers this changes nothing: the promise is settled, and the body of the answer reports what happens to it.
      reject(failure(url, options, error));
    });
    req.on("response", (res) => {
      forget();
      deliver(req, res, signal, resolve);
    });
    // Nobody of ours asks for an upgrade; without a listener the connection would just be cut.
    req.on("upgrade", (_res, socket) => {
      socket.destroy();
      reject(failure(url, options, new Error("the server switched protocols")));
    });
    sendBody(req, body, (error) => {
      forget();
      reject(error);
    });
  });
}

function failure(url: URL, options: https.RequestOptions, error: Error): TypeError {
  const where = options.socketPath ?? `${options.host}:${options.port}`;
  return new TypeError(`Cannot send ${options.method} ${url.pathname} to "${where}": ${error.message}`, {
    cause: error,
  });
}

function addressOf(
  socketPath?: string,
  host?: string,
): { socketPath: string } | { host: string; port: string } | undefined {
  if (socketPath !== undefined) return { socketPath };
  if (host === undefined) return undefined;
  const { hostname, port } = new URL(`tcp://${host}`);
  return { host: hostname.replace(/^\[|\]$/g, ""), port };
}

/** The parts of a request, whichever of the three ways of `fetch` it came in. */
async function prepare(input: string | URL | Request, init: RequestInit) {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request?.url ?? String(input));
  const method = (init.method ?? request?.method ?? "GET").toUpperCase();
  const headers = new Headers(init.headers ?? request?.headers);
  const signal = init.signal ?? request?.signal ?? undefined;
  let body: Uint8Array | ReadableStream<Uint8Array> | undefined;
  const given = init.body ?? request?.body ?? undefined;
  if (typeof given === "string") {
    body = new TextEncoder().encode(given);
    if (!headers.has("content-type")) headers.set("content-type", "text/plain;charset=UTF-8");
  } else if (given instanceof Uint8Array || given instanceof ReadableStream) {
    body = given;
  } else if (given !== undefined) {
    const wrapped = new Response(given);
    const type = wrapped.headers.get("content-type");
    if (type !== null && !headers.has("content-type")) headers.set("content-type", type);
    body = new Uint8Array(await wrapped.arrayBuffer());
  }
  if (body instanceof Uint8Array) headers.set("content-length", String(body.byteLength));
  else if (body === undefined && method !== "GET" && method !== "HEAD") headers.set("content-length", "0");
  return { url, method, headers, body, signal };
}
