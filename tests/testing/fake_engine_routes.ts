/**
 * What the fake engine answers: one handler per route of the Engine API, over the state that `fake_engine.ts` holds.
 *
 * @module
 */

import { hostname } from "node:os";
import type { CreateContainerOptions } from "../../src/docker/types.ts";
import type { FakeContainer, FakeCore, FakeRequest } from "./fake_engine.ts";
import { labelsIn, matchesLabels } from "./fake_engine_labels.ts";

/** An answer that is an error. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** When a container never started or ended. */
export const NEVER = "0001-01-01T00:00:00Z";

/** Method and path, with `*` for names, and what answers. Handlers throw {@link Refusal}. */
export type Routes = [
  pattern: string,
  handle: (request: FakeRequest, names: string[], signal?: AbortSignal) => Response,
][];

/** All routes, in the order in which they are tried. */
export function routesOf(core: FakeCore): Routes {
  const {
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
  } = core;
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

  return [
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
          Name: hostname(),
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
          ImageID: imageIds.get(tagged(container.options.Image))?.Id ?? "",
          Mounts: (container.options.HostConfig?.Mounts ?? []).map(({ Type, Source }) => ({ Type, Name: Source })),
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
      const name = query.get("name") ?? `fake_${id.slice(-8)}`;
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
      ({ query }) =>
        json(
          [...imageIds].filter(([, { Labels }]) => matchesLabels(Labels, filtersIn(query).label))
            .map(([name, { Id, Labels }]) => ({ Id, RepoTags: [name], Created: 0, Size: 1, Labels })),
        ),
    ],
    ["POST /images/create", ({ query }) => {
      if (query.get("fromSrc") === "-") {
        // As Podman does it: a tag counts as part of the name only.
        addImage(tagged(query.get("repo")!), labelsIn(query.getAll("changes")));
        findImage(tagged(query.get("repo")!)).Comment = query.get("message") ?? "";
        return progress({ status: findImage(tagged(query.get("repo")!)).Id });
      }
      const tag = query.get("tag")!;
      const name = `${query.get("fromImage")}${tag.includes(":") ? "@" : ":"}${tag}`;
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
      const { Id, Labels, Architecture, Comment = "" } = findImage(name);
      return json({
        Id,
        Comment,
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
    ["GET /volumes", ({ query }) => {
      const { label } = filtersIn(query);
      const found = [...volumes.values()].filter(({ Labels }) =>
        matchesLabels((Labels ?? {}) as Record<string, string>, label)
      );
      return json({ Volumes: found.length === 0 ? null : found, Warnings: null });
    }],
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
}

/** An image's name with its tag. */
export const tagged = (name: string) => /:[^/]*$/.test(name) || name.includes("@") ? name : `${name}:latest`;

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

function matchesEvent(
  event: Record<string, unknown>,
  { type, event: actions, label, container }: ReturnType<typeof filtersIn>,
): boolean {
  const { ID, Attributes } = event.Actor as { ID: string; Attributes: Record<string, string> };
  return (type?.includes(event.Type as string) ?? true) && (actions?.includes(event.Action as string) ?? true) &&
    (container?.some((one) => one === ID || one === Attributes.name) ?? true) && matchesLabels(Attributes, label);
}
