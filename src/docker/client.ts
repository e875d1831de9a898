/**
 * The Docker Engine, by dockerode's method names, over a fetch-shaped transport.
 *
 * Differences from dockerode: streams are Web streams and async iterables, output is demultiplexed, errors are `FlowctlError`.
 *
 * @module
 */

import { isLoopbackHost } from "../support/addresses.ts";
import { createNodeFetch, type FetchFunction } from "../support/node_fetch.ts";
import { Container, createContainer } from "./containers.ts";
import { type EngineEvent, type EventsOptions, getEvents } from "./events.ts";
import { type HostOptions, resolveHost } from "./host.ts";
import {
  buildImage,
  type BuildOptions,
  Image,
  importImage,
  type ImportOptions,
  loadImage,
  pull,
  type PullOptions,
} from "./images.ts";
import { type CreateNetworkOptions, type CreateVolumeOptions, Network, Volume } from "./networks.ts";
import type { ProgressEvent } from "./progress.ts";
import { type CallOptions, filtersOf, Transport } from "./transport.ts";
import type {
  ContainerInfo,
  CreateContainerOptions,
  EngineInfo,
  EngineVersion,
  ImageInfo,
  NetworkInspectInfo,
  VolumeInspectInfo,
} from "./types.ts";

/** Filters of lists and events: each name has a list of values. */
export type Filters = Record<string, readonly string[]>;

/** Work of the engine that takes a while. It begins when the first event is asked for. */
export type Progress = AsyncGenerator<ProgressEvent, void, undefined>;

/** What a {@link Docker} is made of. */
export interface DockerOptions {
  /** How requests get to the engine. */
  fetch: FetchFunction;
  /** What URLs start with; a mere name for sockets. */
  baseUrl?: string;
  /** The engine's address in words, for messages; `baseUrl` by default. */
  address?: string;
  /** Called by {@link Docker.close}. */
  close?: () => void;
}

/**
 * A Docker Engine (or Podman, through its compatible socket).
 *
 * @example
 * ```ts
 * import { openDocker } from "./client.ts";
 *
 * const docker = await openDocker();
 * try {
 *   for (const { Id, Names } of await docker.listContainers({ all: true })) console.log(Id, Names[0]);
 * } catch (error) {
 *   console.log((error as Error).message);
 * } finally {
 *   docker.close();
 * }
 * ```
 */
export class Docker implements Disposable {
  readonly #transport: Transport;
  readonly #close: () => void;
  readonly #isOpenToOthers: boolean;

  constructor({ fetch, baseUrl = "http://localhost", address = baseUrl, close = () => {} }: DockerOptions) {
    this.#transport = new Transport({ fetch, baseUrl, address });
    this.#close = close;
    this.#isOpenToOthers = baseUrl.startsWith("http:") && !isLoopbackHost(new URL(baseUrl).hostname);
  }

  /** The address that is tried, as a user would write it. */
  get address(): string {
    return this.#transport.address;
  }

  /** Whether all that is said to the engine can be read and changed on the way: it is on another machine, and there is no TLS. */
  get isOpenToOthers(): boolean {
    return this.#isOpenToOthers;
  }

  /** Closes idle connections. The object stays usable. */
  close(): void {
    this.#close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * The API version agreed on with the engine.
   *
   * @param options.action What is attempted, for the error: `talk to the Docker Engine`.
   * @throws FlowctlError `unsupported` for an engine older than 1.41 or one that refuses ours, `unavailable` when none answers.
   */
  async apiVersion(options: CallOptions & { action?: string } = {}): Promise<string> {
    return await this.#transport.apiVersion(options);
  }

  /** Whether the engine answers: `OK`. @throws FlowctlError `unavailable` or `forbidden`, with the address that was tried. */
  async ping(options: CallOptions = {}): Promise<string> {
    const response = await this.#transport.unversioned({
      ...options,
      action: "ping the Docker Engine",
      path: "/_ping",
    });
    return await response.text();
  }

  /** Versions of the engine and its parts. */
  async version(options: CallOptions = {}): Promise<EngineVersion> {
    return await this.#transport.json({
      ...options,
      action: "read the engine's version",
      path: "/version",
      answer: ["Version"],
    });
  }

  /** What the engine is and can do. */
  async info(options: CallOptions = {}): Promise<EngineInfo> {
    return await this.#transport.json({
      ...options,
      action: "read the engine's info",
      path: "/info",
      answer: ["OSType", "Architecture"],
    });
  }

  /** Running containers; with `all`, every one. */
  async listContainers(
    { all, limit, filters, signal }: { all?: boolean; limit?: number; filters?: Filters } & CallOptions = {},
  ): Promise<ContainerInfo[]> {
    return await this.#transport.json({
      action: "list containers",
      answer: "list",
      path: "/containers/json",
      query: { all, limit, filters: filtersOf(filters) },
      signal,
    });
  }

  /**
   * Creates a container; it is not started.
   *
   * @throws FlowctlError `not_found` when the image is not there, `conflict` when the name is taken, `invalid` for a wrong body.
   */
  async createContainer(body: CreateContainerOptions, options: CallOptions = {}): Promise<Container> {
    return await createContainer(this.#transport, body, options);
  }

  /** A container by id or name; nothing is asked yet. */
  getContainer(id: string): Container {
    return new Container(this.#transport, id);
  }

  /** Images that are there. */
  async listImages(
    { all, filters, digests, signal }: { all?: boolean; filters?: Filters; digests?: boolean } & CallOptions = {},
  ): Promise<ImageInfo[]> {
    return await this.#transport.json({
      action: "list images",
      answer: "list",
      path: "/images/json",
      query: { all, digests, filters: filtersOf(filters) },
      signal,
    });
  }

  /** An image by name or id; nothing is asked yet. */
  getImage(name: string): Image {
    return new Image(this.#transport, name);
  }

  /** Pulls an image; `latest` when no tag is said. @throws FlowctlError `not_found`, `unauthorized` or `unavailable`. */
  pull(reference: string, options: PullOptions = {}): Progress {
    return pull(this.#transport, reference, options);
  }

  /** Makes an image of one layer from a root file system. `followProgress()` tells its id. */
  importImage(tar: ReadableStream<Uint8Array> | Uint8Array, options: ImportOptions = {}): Progress {
    return importImage(this.#transport, tar, options);
  }

  /** Takes in what `docker save` or {@link Image.get} gave. */
  loadImage(tar: ReadableStream<Uint8Array> | Uint8Array, options: { quiet?: boolean } & CallOptions = {}): Progress {
    return loadImage(this.#transport, tar, options);
  }

  /** Builds an image from an archive with a Dockerfile. @throws FlowctlError `invalid` when a step fails. */
  buildImage(tar: ReadableStream<Uint8Array> | Uint8Array, options: BuildOptions = {}): Progress {
    return buildImage(this.#transport, tar, options);
  }

  /** All networks. */
  async listNetworks({ filters, signal }: { filters?: Filters } & CallOptions = {}): Promise<NetworkInspectInfo[]> {
    return await this.#transport.json({
      action: "list networks",
      answer: "list",
      path: "/networks",
      query: { filters: filtersOf(filters) },
      signal,
    });
  }

  /** Creates a network. @throws FlowctlError `conflict` when the name is taken. */
  async createNetwork(body: CreateNetworkOptions, options: CallOptions = {}): Promise<Network> {
    const { Id } = await this.#transport.json<{ Id: string }>({
      ...options,
      action: `create network "${body.Name}"`,
      answer: ["Id"],
      method: "POST",
      path: "/networks/create",
      // Without it engines before 1.44 make a second network of the same name.
      json: { CheckDuplicate: true, ...body },
    });
    return new Network(this.#transport, Id);
  }

  /** A network by id or name; nothing is asked yet. */
  getNetwork(id: string): Network {
    return new Network(this.#transport, id);
  }

  /** All volumes. */
  async listVolumes(
    { filters, signal }: { filters?: Filters } & CallOptions = {},
  ): Promise<{ Volumes: VolumeInspectInfo[]; Warnings?: string[] | null }> {
    const answer = await this.#transport.json<{ Volumes: VolumeInspectInfo[] | null; Warnings?: string[] | null }>({
      action: "list volumes",
      path: "/volumes",
      query: { filters: filtersOf(filters) },
      signal,
    });
    return { ...answer, Volumes: answer.Volumes ?? [] };
  }

  /** Creates a volume; one of the same name and driver is returned as it is. */
  async createVolume(body: CreateVolumeOptions = {}, options: CallOptions = {}): Promise<Volume> {
    const { Name } = await this.#transport.json<{ Name: string }>({
      ...options,
      action: `create volume "${body.Name ?? "(without a name)"}"`,
      answer: ["Name"],
      method: "POST",
      path: "/volumes/create",
      json: body,
    });
    return new Volume(this.#transport, Name);
  }

  /** A volume by name; nothing is asked yet. */
  getVolume(name: string): Volume {
    return new Volume(this.#transport, name);
  }

  /**
   * What happens on the engine, as it happens. Ends quietly when `signal` is aborted.
   *
   * @throws FlowctlError `unavailable` when the connection breaks; events of the meantime come with `since`.
   */
  getEvents(options: EventsOptions = {}): AsyncGenerator<EngineEvent, void, undefined> {
    return getEvents(this.#transport, options);
  }
}

/**
 * Opens the engine that the docker command would use. Nothing is connected to before the first call.
 *
 * @param options.timeoutMs How long the answer to a short request may take to begin; by default as long as it takes.
 * @throws FlowctlError see `resolveHost()`.
 */
export async function openDocker(options: HostOptions & { timeoutMs?: number } = {}): Promise<Docker> {
  const { address, baseUrl, connect } = await resolveHost(options);
  const fetch = createNodeFetch(connect);
  const { timeoutMs } = options;
  const timed = timeoutMs === undefined ? fetch : withTimeout(fetch, timeoutMs);
  return new Docker({ fetch: timed, baseUrl, address, close: fetch.close });
}

/** Gives up requests whose answer does not begin in time, but for those that may take long: pulls, waits, streams, archives. */
function withTimeout(fetch: FetchFunction, ms: number): FetchFunction {
  return async (input, init = {}) => {
    if (init.keepalive === false) return await fetch(input, init);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`no answer within ${ms / 1000} s`)), ms);
    try {
      const signal = init.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal;
      return await fetch(input, { ...init, signal });
    } finally {
      clearTimeout(timer);
    }
  };
}
