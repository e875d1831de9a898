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
  const imageIds = new Map<string, { Id: string; Labels: Record<string, string>; Architecture: string }>();
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
  function die(id: string, { exitCode = 0, oom = false }: { exitCode?: number; oom?: boolean } = {}): void {
    const container = find(id);
    if (container.status !== "running") throw new Error(`container ${container.name} does not run`);
    container.status = "exited";
    container.exitCode = oom && exitCode === 0 ? 137 : exitCode;
    container.oomKilled = oom;
    container.finishedAt = stampOf(nanoseconds());
    if (oom) emitOf(container, "oom");
    emitOf(container, "die", { exitCode: String(container.exitCode) });
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
  const json = (value: unknown, status = 200) =>
    new Response(JSON.stringify(value), { status, headers: { ...baseHeaders(), "content-type": "application/json" } });
  const empty = (status = 204) => new Response(null, { status, headers: baseHeaders() });

  function inspected(container: FakeContainer) {
    const { name: _name, platform: _platform, HostConfig = {}, NetworkingConfig: _config, ...Config } =
      container.options;
    return {
      Id: container.id,
      Name: `/${container.name}`,
      Created: stampOf(1_795_265_615_000_000_000n),
      Image: findImage(container.options.Image).Id,
      State: {
        Status: container.status,
        Running: container.status === "running",
        Paused: false,
        OOMKilled: container.oomKilled,
        Pid: container.status === "running" ? 4242 : 0,
        ExitCode: container.exitCode,
        Error: "",
        StartedAt: container.startedAt,
        FinishedAt: container.finishedAt,
      },
      Config,
      HostConfig,
      Mounts: [],
      NetworkSettings: { Networks: Object.fromEntries(container.networks.map((name) => [name, {}])) },
    };
  }

  /** The table of contents. Handlers throw {@link Refusal}. */
  const routes: [string, (request: FakeRequest, names: string[], signal?: AbortSignal) => Response][] = [
    ["GET /_ping", () => new Response("OK", { headers: baseHeaders() })],
    [
      "GET /version",
      () => json({ Version: "20.10.24", ApiVersion: apiVersion, MinAPIVersion: "1.12", Os: "linux", Arch: "amd64" }),
    ],
    [
      "GET /info",
      () =>
        json({
          ID: "FAKE",
          Name: "fake",
          ServerVersion: "20.10.24",
          OSType: "linux",
          Architecture: "x86_64",
          OperatingSystem: "Fake",
          MemTotal: 8e9,
          NCPU: 2,
          LoggingDriver: "json-file",
          DockerRootDir: "/var/lib/docker",
          SecurityOptions: ["name=seccomp,profile=default"],
          Containers: containers.size,
        }),
    ],
    ["GET /events", ({ query }, _names, signal) => {
      const since = query.get("since");
      let at = since === null
        ? events.length
        : events.findIndex((event) => BigInt(event.timeNano as number) >= nanosOf(since));
      if (at === -1) at = events.length;
      const filters = filtersIn(query);
      return streaming(signal, (send) => {
        for (; at < events.length; at++) if (matchesEvent(events[at], filters)) send(JSON.stringify(events[at]) + "\n");
        return query.has("until");
      });
    }],
    ["GET /containers/json", ({ query }) => {
      const filters = filtersIn(query);
      const all = query.has("all") || filters.status !== undefined;
      return json(
        [...containers.values()].filter((container) =>
          (all || container.status === "running") && matchesLabels(container.options.Labels, filters.label) &&
          (filters.name?.some((name) => container.name.includes(name.replace(/^\^?\/?|\$$/g, ""))) ?? true) &&
          (filters.status?.includes(container.status) ?? true)
        ).map((container) => ({
          Id: container.id,
          Names: [`/${container.name}`],
          Image: container.options.Image,
          ImageID: "",
          Created: 1_795_265_615,
          State: container.status,
          Status: container.status === "exited" ? `Exited (${container.exitCode}) 1 second ago` : "Up 1 second",
          Labels: container.options.Labels ?? {},
        })),
      );
    }],
    ["POST /containers/create", ({ query, body }) => {
      const options = body as CreateContainerOptions;
      findImage(options.Image);
      const id = newId();
      const name = query.get("name") ?? `fake_${ids}`;
      if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) throw new Refusal(400, `Invalid container name (${name})`);
      if ([...containers.values()].some((other) => other.name === name)) {
        throw new Refusal(409, `Conflict. The container name "/${name}" is already in use by container "${id}".`);
      }
      const endpoints = Object.keys(options.NetworkingConfig?.EndpointsConfig ?? {});
      if (endpoints.length > 1 && Number(apiVersion.split(".")[1]) < 44) {
        throw new Refusal(400, `Container cannot be connected to network endpoints: ${endpoints.join(", ")}`);
      }
      const container: FakeContainer = {
        id,
        name,
        options,
        status: "created",
        exitCode: 0,
        oomKilled: false,
        startedAt: NEVER,
        finishedAt: NEVER,
        signals: [],
        printed: [],
        archives: [],
        networks: endpoints.length > 0 ? endpoints : [options.HostConfig?.NetworkMode ?? "bridge"],
      };
      containers.set(id, container);
      emitOf(container, "create");
      return json({ Id: id, Warnings: [] }, 201);
    }],
    ["GET /containers/*/json", (_request, [id]) => json(inspected(find(id)))],
    ["POST /containers/*/start", (_request, [id]) => {
      const container = find(id);
      if (container.status === "running") return empty(304);
      container.status = "running";
      container.startedAt = stampOf(nanoseconds());
      emitOf(container, "start");
      queueMicrotask(() => onStart(container));
      return empty();
    }],
    ["POST /containers/*/stop", (_request, [id]) => {
      const container = find(id);
      if (container.status !== "running") return empty(304);
      container.signals.push("SIGTERM");
      if (stopSignalEnds) die(id, { exitCode: 143 });
      else die(id, { exitCode: 137 });
      return empty();
    }],
    ["POST /containers/*/kill", ({ query }, [id]) => {
      const container = find(id);
      if (container.status !== "running") {
        throw new Refusal(409, `Cannot kill container: ${id}: Container ${id} is not running`);
      }
      const name = query.get("signal") ?? "SIGKILL";
      container.signals.push(name);
      emitOf(container, "kill", { signal: name });
      if (name === "SIGKILL") die(id, { exitCode: 137 });
      else if (name === "SIGTERM" && stopSignalEnds) die(id, { exitCode: 143 });
      return empty();
    }],
    ["POST /containers/*/rename", ({ query }, [id]) => {
      const name = query.get("name")!;
      if ([...containers.values()].some((other) => other.name === name)) throw new Refusal(409, "Conflict.");
      find(id).name = name;
      return empty();
    }],
    ["POST /containers/*/wait", (_request, [id], signal) => {
      const container = find(id);
      return streaming(signal, (send) => {
        if (container.status === "running" || (container.status === "created" && containers.has(container.id))) {
          return false;
        }
        send(JSON.stringify({ Error: null, StatusCode: container.exitCode }) + "\n");
        return true;
      });
    }],
    ["GET /containers/*/logs", ({ query }, [id], signal) => {
      const container = find(id);
      const since = query.get("since");
      const wanted = (record: FakeContainer["printed"][number]) =>
        query.has(record.stream) && (since === null || nanosOf(record.timestamp) >= nanosOf(since));
      const tail = Number(query.get("tail") ?? NaN);
      let at = Number.isNaN(tail) ? 0 : Math.max(0, container.printed.length - tail);
      return streaming(signal, (send) => {
        for (; at < container.printed.length; at++) {
          const record = container.printed[at];
          if (!wanted(record)) continue;
          const text = (query.has("timestamps") ? `${record.timestamp} ` : "") + record.line + "\n";
          send(container.options.Tty ? text : frame(record.stream, text));
        }
        return !query.has("follow") || container.status === "exited" || !containers.has(container.id);
      });
    }],
    ["PUT /containers/*/archive", ({ query, body }, [id]) => {
      find(id).archives.push({ path: query.get("path")!, tar: body as Uint8Array });
      return empty(200);
    }],
    ["DELETE /containers/*", ({ query }, [id]) => {
      const container = find(id);
      if (container.status === "running") {
        if (!query.has("force")) throw new Refusal(409, `You cannot remove a running container ${container.id}.`);
        die(id, { exitCode: 137 });
      }
      containers.delete(container.id);
      emitOf(container, "destroy");
      return empty();
    }],
    [
      "GET /images/json",
      () =>
        json([...imageIds].map(([name, { Id, Labels }]) => ({ Id, RepoTags: [name], Created: 0, Size: 1, Labels }))),
    ],
    ["POST /images/create", ({ query }) => {
      if (query.get("fromSrc") === "-") {
        addImage(`${query.get("repo")}:${query.get("tag") ?? "latest"}`, labelsIn(query.getAll("changes")));
        return progress({ status: findImage(`${query.get("repo")}:${query.get("tag") ?? "latest"}`).Id });
      }
      const name = `${query.get("fromImage")}:${query.get("tag")}`;
      if (!pullable.map(tagged).includes(name)) {
        throw new Refusal(404, `manifest for ${name} not found: manifest unknown`);
      }
      addImage(name);
      return progress({ status: `Pulling from ${query.get("fromImage")}`, id: query.get("tag") }, {
        status: `Status: Downloaded newer image for ${name}`,
      });
    }],
    ["POST /images/load", () => progress({ stream: "Loaded image: fake\n" })],
    ["POST /build", ({ query }) => {
      const ID = `sha256:${newId()}`;
      for (const name of query.getAll("t")) addImage(name, JSON.parse(query.get("labels") ?? "{}"));
      return progress({ stream: "Step 1/1 : FROM scratch\n" }, { aux: { ID } });
    }],
    ["GET /images/*/json", (_request, [name]) => {
      const { Id, Labels, Architecture } = findImage(name);
      return json({
        Id,
        RepoTags: [tagged(name)],
        Architecture,
        Os: "linux",
        Size: 1,
        Config: { Labels, Env: null, Cmd: null },
      });
    }],
    ["POST /images/*/tag", ({ query }, [name]) => {
      imageIds.set(tagged(`${query.get("repo")}:${query.get("tag") ?? "latest"}`), findImage(name));
      return empty(201);
    }],
    // Not a 404: the engine has already said 200 when it looks.
    ["POST /images/*/push", ({ query }, [name]) => {
      if (imageIds.has(`${name}:${query.get("tag") ?? "latest"}`)) return progress({ status: "Pushed" });
      return progress({ error: `An image does not exist locally with the tag: ${name}` });
    }],
    ["DELETE /images/*", (_request, [name]) => {
      findImage(name);
      imageIds.delete(tagged(name));
      return json([{ Untagged: tagged(name) }]);
    }],
    ["GET /networks", () => json([...networks].map(([Name, { Id, body }]) => ({ ...body, Name, Id })))],
    ["POST /networks/create", ({ body }) => {
      const { Name, ...rest } = body as { Name: string };
      if (networks.has(Name)) throw new Refusal(409, `network with name ${Name} already exists`);
      networks.set(Name, { Id: newId(), body: { Driver: "bridge", Scope: "local", ...rest } });
      return json({ Id: networks.get(Name)!.Id, Warning: "" }, 201);
    }],
    [
      "GET /networks/*",
      (_request, [name]) => json({ ...network(name)[1].body, Name: network(name)[0], Id: network(name)[1].Id }),
    ],
    ["POST /networks/*/connect", ({ body }, [name]) => {
      find((body as { Container: string }).Container).networks.push(network(name)[0]);
      return empty(200);
    }],
    ["POST /networks/*/disconnect", ({ body }, [name]) => {
      const container = find((body as { Container: string }).Container);
      container.networks = container.networks.filter((other) => other !== network(name)[0]);
      return empty(200);
    }],
    ["DELETE /networks/*", (_request, [name]) => {
      networks.delete(network(name)[0]);
      return empty();
    }],
    ["GET /volumes", () => json({ Volumes: volumes.size === 0 ? null : [...volumes.values()], Warnings: null })],
    ["POST /volumes/create", ({ body }) => {
      const { Name = newId(), ...rest } = body as { Name?: string };
      if (!volumes.has(Name)) {
        volumes.set(Name, { Name, Driver: "local", Mountpoint: `/v/${Name}`, Labels: null, ...rest });
      }
      return json(volumes.get(Name), 201);
    }],
    ["GET /volumes/*", (_request, [name]) => json(volume(name))],
    ["DELETE /volumes/*", (_request, [name]) => {
      volumes.delete(volume(name).Name as string);
      return empty();
    }],
  ];

  function network(name: string) {
    const found = [...networks].find(([Name, { Id }]) => Name === name || Id === name);
    if (found === undefined) throw new Refusal(404, `network ${name} not found`);
    return found;
  }
  function volume(name: string) {
    const found = volumes.get(name);
    if (found === undefined) throw new Refusal(404, `get ${name}: no such volume`);
    return found;
  }
  const progress = (...documents: unknown[]) =>
    new Response(documents.map((document) => JSON.stringify(document) + "\r\n").join(""), { headers: baseHeaders() });

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
    if (failure !== undefined) return json({ message: failure.message ?? "made to fail" }, failure.status);
    for (const [pattern, handle] of routes) {
      const match = new RegExp(`^${pattern.replaceAll("*", "(.+)")}$`).exec(line);
      if (match === null) continue;
      try {
        return handle(seen, match.slice(1).map(decodeURIComponent), signal);
      } catch (error) {
        if (error instanceof Refusal) return json({ message: error.message }, error.status);
        throw error;
      }
    }
    return json({ message: "page not found" }, 404);
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

const NEVER = "0001-01-01T00:00:00Z";

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const refused = () =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }) });

const tagged = (name: string) => /:[^/]*$/.test(name) || name.includes("@") ? name : `${name}:latest`;

/** A record as the engine frames it when there is no terminal. */
export function frame(stream: "stdout" | "stderr", text: string): Uint8Array {
  const data = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + data.length);
  bytes[0] = stream === "stdout" ? 1 : 2;
  new DataView(bytes.buffer).setUint32(4, data.length);
  bytes.set(data, 8);
  return bytes;
}

function nanosOf(time: string): bigint {
  if (time.includes("T")) return Temporal.Instant.from(time).epochNanoseconds;
  const [seconds, fraction = ""] = time.split(".");
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

function filtersIn(query: URLSearchParams): Record<string, string[] | undefined> {
  return JSON.parse(query.get("filters") ?? "{}");
}

function matchesLabels(labels: Record<string, string> = {}, wanted: string[] = []): boolean {
  return wanted.every((label) => {
    const [name, ...value] = label.split("=");
    return name in labels && (value.length === 0 || labels[name] === value.join("="));
  });
}

function matchesEvent(
  event: Record<string, unknown>,
  { type, event: actions, label, container }: ReturnType<typeof filtersIn>,
): boolean {
  const { ID, Attributes } = event.Actor as { ID: string; Attributes: Record<string, string> };
  return (type?.includes(event.Type as string) ?? true) && (actions?.includes(event.Action as string) ?? true) &&
    (container?.some((one) => one === ID || one === Attributes.name) ?? true) && matchesLabels(Attributes, label);
}

/** `LABEL a=b` of an import's changes. */
function labelsIn(changes: string[]): Record<string, string> {
  const labels = changes.flatMap((change) =>
    /^LABEL\s+"?([^="\s]+)"?="?([^"]*)"?$/.exec(change)?.slice(1, 3) as [string, string] ?? []
  );
  const pairs: [string, string][] = [];
  for (let i = 0; i < labels.length; i += 2) pairs.push([labels[i], labels[i + 1]]);
  return Object.fromEntries(pairs);
}
