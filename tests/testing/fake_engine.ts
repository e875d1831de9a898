/**
 * A Docker Engine in this process, fetch-shaped: containers, images, networks, volumes, logs, events, and failures on purpose.
 *
 * Nothing runs in it: a container runs from `start` until the test calls `die`. Answers, statuses and the wire's oddities
 * (frames, 304, 409, events) are those of Docker 20.10.
 *
 * @module
 */

import type { FetchFunction } from "../../src/support/node_fetch.ts";
import type { CreateContainerOptions } from "../../src/docker/types.ts";
import { Refusal, routesOf, tagged } from "./fake_engine_routes.ts";

export { frame } from "./fake_engine_routes.ts";

/** A container of the fake. */
export interface FakeContainer {
  id: string;
  /** Without `/`. */
  name: string;
  /** What it was created with. */
  options: CreateContainerOptions;
  status: "created" | "running" | "exited";
  exitCode: number;
  oomKilled: boolean;
  startedAt: string;
  finishedAt: string;
  /** Names of signals that reached it. */
  signals: string[];
  printed: { stream: "stdout" | "stderr"; line: string; timestamp: string }[];
  /** Names of networks it is in. */
  networks: string[];
  /** Archives put into it, by folder. */
  archives: { path: string; tar: Uint8Array }[];
}

/** A request that reached the engine. */
export interface FakeRequest {
  method: string;
  /** Without the version. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  /** JSON parsed, else bytes, else undefined. */
  body: unknown;
}

/** What goes wrong with a request: an answer, a refused connection, an answer that breaks off, or no answer at all. */
export type FakeFailure = { status: number; message?: string } | "refuse" | "drop" | "hang";

/** See {@link createFakeEngine}. */
export type FakeEngine = ReturnType<typeof createFakeEngine>;

/** What the routes work on. */
export interface FakeCore {
  containers: Map<string, FakeContainer>;
  imageIds: Map<string, FakeImage>;
  networks: Map<string, { Id: string; body: Record<string, unknown> }>;
  volumes: Map<string, Record<string, unknown>>;
  events: Record<string, unknown>[];
  find(idOrName: string): FakeContainer;
  findImage(name: string): FakeImage;
  addImage(name: string, labels?: Record<string, string>): void;
  emitOf(container: FakeContainer, action: string, more?: Record<string, string>): void;
  die(id: string, end?: { exitCode?: number; oom?: boolean | "late" }): void;
  newId(): string;
  nanoseconds(): bigint;
  stampOf(nanos: bigint): string;
  streaming(signal: AbortSignal | undefined, step: (send: Send) => boolean): Response;
  baseHeaders(): Record<string, string>;
  apiVersion: string;
  pullable: string[];
  stopSignalEnds: boolean;
  onStart(container: FakeContainer): void;
}

/** An image of the fake. */
export interface FakeImage {
  Id: string;
  Labels: Record<string, string>;
  Architecture: string;
  Comment?: string;
}

type Send = (chunk: string | Uint8Array) => void;
interface Stream {
  send: Send;
  end(): void;
  fail(reason: unknown): void;
}

/**
 * Makes a fake engine.
 *
 * @param options.images Names of images that are there; `pullable` ones come with a pull.
 * @param options.stopSignalEnds Whether `stop`, SIGTERM and SIGKILL end a container at once (exit codes 143 and 137); default true.
 * @param options.onStart Called when a container starts, for tests that script what it does.
 */
export function createFakeEngine({
  apiVersion = "1.41",
  images = ["busybox:latest"],
  pullable = [],
  stopSignalEnds = true,
  onStart = () => {},
}: {
  apiVersion?: string;
  images?: string[];
  pullable?: string[];
  stopSignalEnds?: boolean;
  onStart?: (container: FakeContainer) => void;
} = {}) {
  const containers = new Map<string, FakeContainer>();
  const imageIds = new Map<string, FakeImage>();
  const networks = new Map<string, { Id: string; body: Record<string, unknown> }>();
  const volumes = new Map<string, Record<string, unknown>>();
  const requests: FakeRequest[] = [];
  const failures: { match: RegExp | string; failure: FakeFailure; times: number }[] = [];
  const events: Record<string, unknown>[] = [];
  const streams = new Set<Stream>();
  const listeners = new Set<() => void>();
  let isDown = false;
  let ids = 0;
  let ticks = 0;

  const changed = () => [...listeners].forEach((listener) => listener());
  const newId = () => (++ids).toString(16).padStart(64, "f");
  /** Time passes by a microsecond with everything that happens. */
  const nanoseconds = () => 1_795_265_615_000_000_000n + BigInt(++ticks) * 1000n;
  const stampOf = (nanos: bigint) =>
    new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, -4) + String(nanos % 1_000_000_000n).padStart(9, "0") +
    "Z";

  function emit(Type: string, Action: string, ID: string, Attributes: Record<string, string> = {}): void {
    const nanos = nanoseconds();
    events.push({
      Type,
      Action,
      Actor: { ID, Attributes },
      scope: "local",
      time: Number(nanos / 1_000_000_000n),
      timeNano: Number(nanos),
      // Gone since API 1.52.
      ...Type === "container" ? { status: Action, id: ID, from: Attributes.image } : {},
    });
    changed();
  }
  const emitOf = (container: FakeContainer, action: string, more: Record<string, string> = {}) =>
    emit("container", action, container.id, {
      ...container.options.Labels,
      image: container.options.Image,
      name: container.name,
      ...more,
    });

  const addImage = (name: string, Labels: Record<string, string> = {}, Architecture = "amd64") =>
    imageIds.set(tagged(name), { Id: `sha256:${newId()}`, Labels, Architecture });
  images.forEach((name) => addImage(name));

  function find(idOrName: string): FakeContainer {
    const found = containers.get(idOrName) ??
      [...containers.values()].find(({ name, id }) => name === idOrName || id.startsWith(idOrName));
    if (found === undefined) throw new Refusal(404, `No such container: ${idOrName}`);
    return found;
  }

  function findImage(name: string) {
    const found = imageIds.get(tagged(name)) ?? [...imageIds.values()].find(({ Id }) => Id === name);
    if (found === undefined) throw new Refusal(404, `No such image: ${tagged(name)}`);
    return found;
  }

  /** Ends a container, as if its process had ended. */
  function die(id: string, { exitCode = 0, oom = false }: { exitCode?: number; oom?: boolean | "late" } = {}): void {
    const container = find(id);
    if (container.status !== "running") throw new Error(`container ${container.name} does not run`);
    container.status = "exited";
    container.exitCode = oom !== false && exitCode === 0 ? 137 : exitCode;
    container.oomKilled = oom === true;
    container.finishedAt = stampOf(nanoseconds());
    if (oom === true) emitOf(container, "oom");
    emitOf(container, "die", { exitCode: String(container.exitCode) });
    if (oom === "late") emitOf(container, "oom");
  }

  /** Lets a container print a line. */
  function print(id: string, line: string, { stream = "stdout" }: { stream?: "stdout" | "stderr" } = {}): void {
    find(id).printed.push({ stream, line, timestamp: stampOf(nanoseconds()) });
    changed();
  }

  /** An answer that stays open: `step` is called now and whenever something happens, until it answers true. */
  function streaming(signal: AbortSignal | undefined, step: (send: Send) => boolean, headers?: HeadersInit): Response {
    let stop = () => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const settle = (act: () => void) => {
          stop();
          act();
        };
        const stream: Stream = {
          send: (chunk) => controller.enqueue(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk),
          end: () => settle(() => controller.close()),
          fail: (reason) => settle(() => controller.error(reason)),
        };
        const onChange = () => {
          if (step(stream.send)) stream.end();
        };
        const onAbort = () => stream.fail(signal!.reason);
        stop = () => {
          listeners.delete(onChange);
          streams.delete(stream);
          signal?.removeEventListener("abort", onAbort);
        };
        listeners.add(onChange);
        streams.add(stream);
        signal?.addEventListener("abort", onAbort);
        onChange();
      },
      cancel: () => stop(),
    });
    return new Response(body, { headers: { ...baseHeaders(), ...headers } });
  }

  const baseHeaders = () => ({ "api-version": apiVersion, "ostype": "linux", "server": "Docker/20.10.24 (linux)" });

  const refusal = (status: number, message: string) =>
    new Response(JSON.stringify({ message }), {
      status,
      headers: { ...baseHeaders(), "content-type": "application/json" },
    });
  const routes = routesOf({
    containers,
    imageIds,
    networks,
    volumes,
    events,
    find,
    findImage,
    addImage,
    emitOf,
    die,
    newId,
    nanoseconds,
    stampOf,
    streaming,
    baseHeaders,
    apiVersion,
    stopSignalEnds,
    onStart,
    pullable,
  });

  const fetch: FetchFunction = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const path = url.pathname.replace(/^\/v\d+\.\d+(?=\/)/, "");
    const signal = init?.signal ?? undefined;
    signal?.throwIfAborted();
    const bytes = new Uint8Array(await request.arrayBuffer());
    const isJson = request.headers.get("content-type")?.startsWith("application/json");
    const seen: FakeRequest = {
      method: request.method,
      path,
      query: url.searchParams,
      headers: request.headers,
      body: bytes.length === 0 ? undefined : isJson ? JSON.parse(new TextDecoder().decode(bytes)) : bytes,
    };
    requests.push(seen);
    if (isDown) throw refused();
    const line = `${request.method} ${path}`;
    const planned = failures.find(({ match }) => typeof match === "string" ? line === match : match.test(line));
    if (planned !== undefined && --planned.times === 0) failures.splice(failures.indexOf(planned), 1);
    const failure = planned?.failure;
    if (failure === "refuse") throw refused();
    if (failure === "hang") {
      return await new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    }
    if (failure === "drop") {
      return new Response(
        new ReadableStream({ start: (controller) => controller.error(new TypeError("connection closed")) }),
        {
          headers: baseHeaders(),
        },
      );
    }
    if (failure !== undefined) return refusal(failure.status, failure.message ?? "made to fail");
    for (const [pattern, handle] of routes) {
      const match = new RegExp(`^${pattern.replaceAll("*", "(.+)")}$`).exec(line);
      if (match === null) continue;
      try {
        return handle(seen, match.slice(1).map(decodeURIComponent), signal);
      } catch (error) {
        if (error instanceof Refusal) return refusal(error.status, error.message);
        throw error;
      }
    }
    return refusal(404, "page not found");
  };

  return {
    /** Give it to `new Docker({ fetch })`. */
    fetch,
    /** By id. */
    containers,
    networks,
    volumes,
    /** Everything that was asked, in order. */
    requests,
    events,
    /** A container by id or name. */
    find,
    die,
    print,
    emit,
    addImage,
    /** Whether an image is there. */
    hasImage: (name: string) => imageIds.has(tagged(name)),
    /** Lets the next requests fail that match `"POST /containers/create"` (no version) or a pattern over such a text. */
    failNext(match: RegExp | string, failure: FakeFailure, { times = 1 }: { times?: number } = {}): void {
      failures.push({ match, failure, times });
    },
    /** Breaks all open streams (events, logs, waits), as a restart of the engine does. */
    dropStreams(): void {
      for (const stream of [...streams]) stream.fail(new TypeError("the connection was closed"));
    },
    /** Takes the engine away (connections are refused and open streams break) or brings it back. Containers live on. */
    setDown(down: boolean): void {
      isDown = down;
      if (down) { for (const stream of [...streams]) stream.fail(new TypeError("the connection was closed")); }
    },
    /** How many streams (events, logs, waits) are open. */
    get openStreams(): number {
      return streams.size;
    },
  };
}

const refused = () =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }) });
