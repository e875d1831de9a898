/**
 * Requests to our API over any fetch-shaped function: TCP, a Unix socket, or the app of this very process.
 *
 * Reads (GET, and the POSTs that only read) are tried again on connection failures and on 408, 429, 502, 503; a write is tried
 * again only when the server said that it did nothing (429, 503), for it may have been carried out. A server that takes a request and
 * says nothing, as one does whose machine went down, counts as one that can't be reached.
 *
 * @module
 */

import { LEASE_HEADER, MAX_CLAIM_WAIT_SECONDS } from "../domain/wire.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { type ErrorCode, FlowctlError, isFlowctlError } from "../support/errors.ts";

/** A function shaped like `fetch`. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** What a client needs. */
export interface TransportOptions {
  /** Address of the API including `/api`, with or without trailing slash, e.g. `http://127.0.0.1:4200/api`. */
  url: string;
  fetch: Fetch;
  /** Token of the lease on whose behalf the requests are made. */
  leaseToken?: string;
  /** Sent as a bearer token. */
  apiKey?: string;
  /** How long a whole answer may take, in milliseconds, and of a {@link Transport.raw} one its head; longer than any long poll. */
  timeoutMs?: number;
  /** How often a request is tried in all. */
  tries?: number;
  clock?: Clock;
  random?: () => number;
}

/** One request. */
export interface ApiRequest {
  body?: unknown;
  /** Sent as it is, instead of `body` as JSON. */
  text?: string;
  query?: Record<string, string | number | undefined>;
  /** Stops the request; of a {@link Transport.raw} one only as long as its head has not come. */
  signal?: AbortSignal;
  /** A POST that only reads. */
  reads?: boolean;
  /** As {@link TransportOptions.timeoutMs}, for this one. */
  timeoutMs?: number;
}

/** Sends requests and reads JSON answers. */
export interface Transport {
  readonly url: string;
  /** The parsed JSON; undefined for 204. @throws FlowctlError by the answer's status */
  json<T>(method: string, path: string, request?: ApiRequest): Promise<T>;
  /** The response itself, when it is a success. */
  raw(method: string, path: string, request?: ApiRequest): Promise<Response>;
}

const CODES: Record<number, ErrorCode> = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  408: "timeout",
  409: "conflict",
  413: "too_large",
  422: "invalid",
  423: "unavailable",
  429: "unavailable",
  502: "unavailable",
  503: "unavailable",
};

interface ProblemBody {
  detail?: unknown;
  exception_message?: string;
  exception_detail?: { loc?: unknown[]; msg?: string }[];
  code?: ErrorCode;
  hint?: string;
}

/** Twice the longest that a claim is kept open. */
const PATIENCE_MS = 2 * MAX_CLAIM_WAIT_SECONDS * 1000;

/** Makes a {@link Transport}. */
export function createTransport(options: TransportOptions): Transport {
  const { fetch, tries = 4, timeoutMs = PATIENCE_MS, clock = systemClock, random = Math.random } = options;
  const url = options.url.replace(/\/+$/, "");
  // A Unix socket has no host; the path of the socket is the fetch function's business.
  const base = url.startsWith("unix:") ? "http://localhost/api" : url;

  async function once(method: string, path: string, request: ApiRequest, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json" };
    let body: string | undefined;
    if (request.text !== undefined) {
      body = request.text;
      headers["content-type"] = "text/plain; charset=utf-8";
    } else if (request.body !== undefined) {
      body = JSON.stringify(request.body);
      headers["content-type"] = "application/json";
    }
    if (options.leaseToken !== undefined) headers[LEASE_HEADER] = options.leaseToken;
    if (options.apiKey !== undefined) headers.authorization = `Bearer ${options.apiKey}`;
    return await fetch(base + path + queryText(request.query), { method, headers, body, signal });
  }

  /** Asks until there is an answer, and reads it. */
  async function ask<T>(
    method: string,
    path: string,
    request: ApiRequest,
    read: (response: Response) => T | Promise<T>,
  ): Promise<T> {
    const reads = method === "GET" || request.reads === true;
    for (let n = 1;; n++) {
      let wait = Math.min(2 ** n * 50, 2000) * (0.5 + random() / 2);
      const patience = withPatience(request.signal, request.timeoutMs ?? timeoutMs);
      try {
        const response = await once(method, path, request, patience.signal);
        if (response.ok) return await read(response);
        const again = reads ? [408, 429, 502, 503] : [429, 503];
        if (n >= tries || !again.includes(response.status)) throw await problem(response, method, path);
        const after = Number(response.headers.get("retry-after"));
        if (after > 0) wait = Math.min(after, 30) * 1000;
        await response.body?.cancel();
      } catch (error) {
        if (isFlowctlError(error) && error.details.status !== undefined) throw error;
        if (request.signal?.aborted) {
          throw new FlowctlError("cancelled", `Cannot finish ${method} ${path}: it was stopped`, { cause: error });
        }
        if (n >= tries || !reads) {
          throw new FlowctlError("unavailable", `Cannot reach the API at "${url}": no answer`, {
            hint: "Start a server with: flowctl orion start, or correct FLOWCTL_API_URL",
            cause: error,
          });
        }
      } finally {
        patience.end();
      }
      await clock.sleep(wait, request.signal);
    }
  }

  return {
    url,
    raw: (method, path, request = {}) => ask(method, path, request, (response) => response),
    async json<T>(method: string, path: string, request: ApiRequest = {}): Promise<T> {
      const text = await ask(method, path, request, (response) => response.text());
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
  };
}

/**
 * A signal that is aborted with another one, and when the time is up unless it was ended. The timer is the runtime's own: it is about
 * the wire, and a clock of a test passes minutes in no time.
 */
function withPatience(outer: AbortSignal | undefined, ms: number): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error(`There was no answer within ${ms / 1000} s`)),
    ms,
  );
  const stop = () => controller.abort(outer?.reason);
  if (outer?.aborted) stop();
  outer?.addEventListener("abort", stop, { once: true });
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      // An agent's signal outlives millions of requests.
      outer?.removeEventListener("abort", stop);
    },
  };
}

function queryText(query: ApiRequest["query"]): string {
  if (query === undefined) return "";
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))}`;
}

/** Reads any of the API's problem shapes into an error. */
async function problem(response: Response, method: string, path: string): Promise<FlowctlError> {
  const body = await response.json().catch(() => ({})) as ProblemBody;
  const details = (body.exception_detail ?? []).map((d) => `${(d.loc ?? []).slice(1).join(".")}: ${d.msg}`).join("; ");
  const said = typeof body.detail === "string"
    ? body.detail
    : body.exception_message ?? `${method} ${path} was refused`;
  const code = body.code ?? CODES[response.status] ?? (response.status >= 500 ? "unavailable" : "invalid");
  return new FlowctlError(code, details === "" ? said : `${said.replace(/\.$/, "")}: ${details}`, {
    hint: body.hint,
    details: { status: response.status },
  });
}
