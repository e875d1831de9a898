/**
 * One request to the engine: the versioned path, the query, the body, and errors in words.
 *
 * The API version is agreed on with the first request: the lower of the engine's newest and ours. Engines refuse versions
 * above their own (and newer ones refuse versions below a minimum), so it is never guessed.
 *
 * @module
 */

import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import type { FetchFunction } from "../support/node_fetch.ts";
import { chunksOf, readAll } from "../support/streams.ts";
import { abortError, connectionError, statusError } from "./errors.ts";

/** The newest API version that this client knows. */
export const NEWEST_API_VERSION = "1.47";

/** The oldest engine that is served: Docker 20.10, Podman 4. */
export const OLDEST_API_VERSION = "1.41";

/** Values of a query; `undefined` and `false` are left out, lists are repeated. */
export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

/** Options of every call. */
export interface CallOptions {
  /** Ends the call: with `timeout` for `AbortSignal.timeout()`, else with `cancelled`. Streams of logs and events just end. */
  signal?: AbortSignal;
}

/** One request. */
export interface EngineRequest extends CallOptions {
  /** What is attempted, completing "Cannot …"; user input in quotes. */
  action: string;
  method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** Below `/v1.NN`, made with {@link path}. */
  path: string;
  query?: Query;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, as a tar archive. */
  tar?: ReadableStream<Uint8Array> | Uint8Array;
  headers?: Record<string, string>;
  /** Statuses besides 2xx that are fine. */
  accept?: readonly number[];
  /** Whether the answer may stay open for long; it then has a connection of its own. */
  isLong?: boolean;
  /** What the answer has to be: a list, or an object with these fields. By default any object. */
  answer?: "list" | readonly string[];
}

/** An engine behind a fetch function. */
export class Transport {
  /** The address in words, for messages. */
  readonly address: string;
  readonly #fetch: FetchFunction;
  readonly #baseUrl: string;
  #version?: Promise<string>;

  constructor({ fetch, baseUrl, address }: { fetch: FetchFunction; baseUrl: string; address: string }) {
    this.#fetch = fetch;
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.address = address;
  }

  /**
   * The API version in use, for example `1.41`.
   *
   * @throws FlowctlError `unsupported` for an engine that is too old or too new.
   */
  async apiVersion(
    { signal, action = "talk to the Docker Engine" }: CallOptions & { action?: string } = {},
  ): Promise<string> {
    while (true) {
      const isOurs = this.#version === undefined;
      const version = this.#version ??= this.#negotiate(action, signal);
      try {
        // Somebody else's question may hang for longer than we care to wait.
        return await orAborted(version, action, signal);
      } catch (error) {
        if (this.#version === version) this.#version = undefined;
        // Somebody else gave up; we did not.
        const isTheirs = !isOurs && !signal?.aborted &&
          (isFlowctlError(error, "cancelled") || isFlowctlError(error, "timeout"));
        if (!isTheirs) throw error;
      }
    }
  }

  /** Sends a request. The caller reads or cancels the body. */
  async request(request: EngineRequest): Promise<Response> {
    const version = await this.apiVersion(request);
    const response = await this.#send(`/v${version}${request.path}`, request);
    if (response.ok || request.accept?.includes(response.status)) return response;
    const spoken = response.headers.get("api-version");
    // The engine was replaced by an older one since we agreed; the next call agrees anew.
    if (response.status === 400 && spoken !== null && compareVersions(spoken, version) < 0) this.#version = undefined;
    throw statusError(request.action, response.status, await messageIn(response));
  }

  /** The answer as JSON. */
  async json<T>(request: EngineRequest): Promise<T> {
    const response = await this.request(request);
    const answer = await this.#read(request, () => response.json());
    if (!isAnswer(answer, request.answer)) throw this.misunderstood(request.action);
    return answer as T;
  }

  /** The error for an answer that no engine gives. */
  misunderstood(action: string, cause?: unknown): FlowctlError {
    return new FlowctlError("unavailable", `Cannot ${action}: "${this.address}" does not answer as a Docker Engine`, {
      hint: "See that the address is an engine's, and that nothing stands between that changes its answers",
      cause,
    });
  }

  /** Sends a request whose answer says nothing beyond its status. */
  async done(request: EngineRequest): Promise<void> {
    const response = await this.request(request);
    await this.#read(request, () => response.arrayBuffer());
  }

  /** The chunks of an answer; a connection that breaks is `unavailable`, an abort ends as {@link CallOptions} says. */
  async *chunks(request: EngineRequest, response: Response): AsyncGenerator<Uint8Array, void, undefined> {
    if (response.body === null) return;
    try {
      yield* chunksOf(response.body);
    } catch (error) {
      throw this.#brokenOff(request, error);
    }
  }

  /** An unversioned request, for `/_ping` and `/version`. */
  async unversioned(request: EngineRequest): Promise<Response> {
    const response = await this.#send(request.path, request);
    if (!response.ok) throw statusError(request.action, response.status, await messageIn(response));
    return response;
  }

  async #read<T>(request: EngineRequest, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof SyntaxError) {
        throw this.misunderstood(request.action, error);
      }
      throw this.#brokenOff(request, error);
    }
  }

  #brokenOff({ action, signal }: EngineRequest, error: unknown): FlowctlError {
    return signal?.aborted ? abortError(action, signal) : connectionError(action, this.address, error, true);
  }

  async #send(path: string, request: EngineRequest): Promise<Response> {
    const { action, method = "GET", query, json, tar, signal } = request;
    const headers = new Headers(request.headers);
    const init: RequestInit & { duplex?: "half" } = { method, headers, signal };
    if (json !== undefined) {
      headers.set("content-type", "application/json");
      init.body = JSON.stringify(json);
    } else if (tar !== undefined) {
      // Without a type the engine may take the body for a form, swallow it, and import an empty image with status 200.
      headers.set("content-type", "application/x-tar");
      init.body = tar as BodyInit;
      init.duplex = "half";
    }
    if (request.isLong || tar !== undefined) init.keepalive = false;
    try {
      return await this.#fetch(this.#baseUrl + path + queryString(query), init);
    } catch (error) {
      this.#version = undefined;
      throw signal?.aborted ? abortError(action, signal) : connectionError(action, this.address, error);
    }
  }

  async #negotiate(action: string, signal?: AbortSignal): Promise<string> {
    const ping = await this.unversioned({ action, path: "/_ping", signal });
    await this.#read({ action, path: "/_ping", signal }, () => ping.arrayBuffer());
    let newest = ping.headers.get("api-version");
    let oldest: string | undefined;
    // /version costs an engine some 5 ms (it asks its helpers for theirs), so it is asked only when the header does not do.
    if (newest === null || compareVersions(newest, NEWEST_API_VERSION) > 0) {
      const request = { action, path: "/version", signal };
      const response = await this.unversioned(request);
      const said = await this.#read(request, () => response.json()) as { ApiVersion?: string; MinAPIVersion?: string };
      newest ??= said.ApiVersion ?? null;
      oldest = said.MinAPIVersion;
    }
    const sentence = `Cannot ${action}: the engine at "${this.address}" speaks`;
    if (newest === null || !/^\d+\.\d+$/.test(newest)) {
      throw new FlowctlError(
        "unsupported",
        `${sentence} no API version that can be understood (${JSON.stringify(newest)})`,
      );
    }
    if (compareVersions(newest, OLDEST_API_VERSION) < 0) {
      throw new FlowctlError("unsupported", `${sentence} API ${newest}, and ${OLDEST_API_VERSION} or newer is needed`, {
        hint: "Update Docker to 20.10 or newer",
      });
    }
    if (oldest !== undefined && compareVersions(oldest, NEWEST_API_VERSION) > 0) {
      throw new FlowctlError(
        "unsupported",
        `${sentence} API ${oldest} or newer, and this flowctl ${NEWEST_API_VERSION}`,
        {
          hint: "Update flowctl",
        },
      );
    }
    return compareVersions(newest, NEWEST_API_VERSION) < 0 ? newest : NEWEST_API_VERSION;
  }
}

/** Whether an answer has what is relied on. */
function isAnswer(answer: unknown, wanted: EngineRequest["answer"] = []): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  if (wanted === "list") return Array.isArray(answer);
  return !Array.isArray(answer) && wanted.every((field) => (answer as Record<string, unknown>)[field] != null);
}

/** What comes of the work, or the abort's error, whichever is first. */
async function orAborted<T>(work: Promise<T>, action: string, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  const done = new AbortController();
  try {
    return await Promise.race([
      work,
      new Promise<never>((_resolve, reject) => {
        const give = () => reject(abortError(action, signal));
        if (signal.aborted) return give();
        signal.addEventListener("abort", give, { once: true, signal: done.signal });
      }),
    ]);
  } finally {
    done.abort();
  }
}

/**
 * A path from a pattern: values are escaped, except for the `/`, `:` and `@` of image names.
 *
 * @throws FlowctlError `invalid` for a value that is empty or would lead to another path (`..`).
 */
export function path(pattern: TemplateStringsArray, ...values: string[]): string {
  const escaped = values.map((value) => {
    const segments = value.split("/");
    if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
      throw new FlowctlError("invalid", `Cannot ask the engine for "${value}": it is not a name`);
    }
    return segments.map((segment) => encodeURIComponent(segment).replace(/%(3A|40)/g, decodeURIComponent)).join("/");
  });
  return String.raw({ raw: pattern }, ...escaped);
}

/** Filters as the engine wants them: JSON of lists. */
export function filtersOf(filters: Record<string, readonly string[]> | undefined): string | undefined {
  return filters === undefined ? undefined : JSON.stringify(filters);
}

/** Compares versions like `1.9` and `1.41` by their numbers. */
export function compareVersions(a: string, b: string): number {
  const [majorA, minorA] = a.split(".").map(Number);
  const [majorB, minorB] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}

function queryString(query: Query | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === false) continue;
    if (typeof value === "object") { for (const one of value) search.append(name, one); }
    else search.append(name, value === true ? "1" : String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

/** The engine's message: `{ "message": … }`, plain text from proxies, cut to a readable length. */
async function messageIn(response: Response): Promise<string> {
  let text = "";
  try {
    text = new TextDecoder().decode(await readAll(response.body ?? new Blob().stream(), { maxBytes: 1024 * 1024 }))
      .trim();
    const parsed = JSON.parse(text);
    if (typeof parsed?.message === "string") text = parsed.message;
  } catch {
    // Not JSON: the text itself is the message. Broken off: the status is enough.
  }
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}
