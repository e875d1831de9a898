/**
 * A container of the engine, by id or name.
 *
 * @module
 */

import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { type LogLine, logLines } from "./logs.ts";
import { unixTime } from "./events.ts";
import { type CallOptions, compareVersions, path, type Transport } from "./transport.ts";
import type { ContainerInspectInfo, CreateContainerOptions } from "./types.ts";

/** Which part of a container's output is wanted. */
export interface LogsOptions extends CallOptions {
  /** Whether to wait for more until the container ends. */
  follow?: boolean;
  /** Default true. */
  stdout?: boolean;
  /** Default true. */
  stderr?: boolean;
  timestamps?: boolean;
  /** Only what was printed at or after this: Unix seconds, or a `timestamp` of an earlier line. */
  since?: number | string | Temporal.Instant;
  until?: number | string | Temporal.Instant;
  /** Only so many last lines. */
  tail?: number | "all";
  /** Whether the container has a terminal, when it is known; else the engine is asked. */
  tty?: boolean;
  /** Longer lines come in pieces, see {@link LogLine.continues}. Default 1 MiB. */
  maxLineBytes?: number;
}

/** How a container ended. */
export interface WaitResult {
  StatusCode: number;
  /** Why waiting failed, or why the container could not be started (`StatusCode` is then 127 or so). */
  Error?: { Message: string } | null;
}

/** A container, which may or may not exist. Made by `docker.getContainer()` and `docker.createContainer()`. */
export class Container {
  /** What it was asked for by: an id or a name. */
  readonly id: string;
  /** What the engine said as it created it: limits that its kernel does not know, ports that are not published, … */
  readonly warnings: readonly string[];
  readonly #transport: Transport;

  constructor(transport: Transport, id: string, warnings: readonly string[] = []) {
    this.id = id;
    this.warnings = warnings;
    this.#transport = transport;
  }

  /** Everything about it. @throws FlowctlError `not_found`. */
  async inspect(options: CallOptions = {}): Promise<ContainerInspectInfo> {
    return await this.#transport.json({
      ...options,
      action: `inspect container "${this.id}"`,
      answer: ["Id", "State", "Config"],
      path: path`/containers/${this.id}/json`,
    });
  }

  /** Starts it; one that runs already is fine. @throws FlowctlError `invalid` when its command does not exist. */
  async start(options: CallOptions = {}): Promise<void> {
    await this.#post("start", "start", {}, options, [304]);
  }

  /**
   * Sends its stop signal, and after the grace SIGKILL; answers when it has ended. One that does not run is fine.
   *
   * @param options.t The grace in seconds; without it the container's own, by default 10.
   */
  async stop({ t, signal }: { t?: number } & CallOptions = {}): Promise<void> {
    await this.#post("stop", "stop", { t }, { signal }, [304], true);
  }

  /** Sends a signal, SIGKILL by default. @throws FlowctlError `conflict` when it does not run. */
  async kill({ signal: name, abort }: { signal?: string; abort?: AbortSignal } = {}): Promise<void> {
    try {
      await this.#post("kill", "kill", { signal: name }, { signal: abort });
    } catch (error) {
      // Podman before 4.7 says 500 where Docker says 409; the container's state tells what it was.
      if (!isFlowctlError(error) || error.details.status !== 500) throw error;
      if ((await this.inspect({ signal: abort })).State.Running) throw error;
      throw new FlowctlError("conflict", error.message, { details: error.details, cause: error });
    }
  }

  /** Gives it another name. @throws FlowctlError `conflict` when the name is taken. */
  async rename({ name, signal }: { name: string } & CallOptions): Promise<void> {
    await this.#post("rename", "rename", { name }, { signal });
  }

  /** Removes it. @throws FlowctlError `conflict` when it runs (without `force`) or is being removed already. */
  async remove({ force, v, signal }: { force?: boolean; v?: boolean } & CallOptions = {}): Promise<void> {
    await this.#transport.done({
      action: `remove container "${this.id}"`,
      method: "DELETE",
      path: path`/containers/${this.id}`,
      query: { force, v },
      signal,
      isLong: true,
    });
  }

  /** Waits until it has ended. `condition` is the engine's; by default a container that does not run has ended. */
  async wait(
    { condition, signal }: { condition?: "not-running" | "next-exit" | "removed" } & CallOptions = {},
  ): Promise<WaitResult> {
    return await this.#transport.json({
      action: `wait for container "${this.id}"`,
      answer: ["StatusCode"],
      method: "POST",
      path: path`/containers/${this.id}/wait`,
      query: { condition },
      signal,
      isLong: true,
    });
  }

  /**
   * What it printed, line by line, in the order the engine took it (within one stream always, across the two nearly).
   *
   * Ends when the container has ended or everything was read; with `signal`, quietly when that is aborted. Who follows may miss
   * what Docker takes as the container ends, above all a last line without its end (seen with 20.10, under load in one of seven):
   * only reading again once it has ended is whole.
   *
   * @throws FlowctlError `not_found`; `unavailable` when the connection breaks, which never looks like an end.
   */
  async *logs(options: LogsOptions = {}): AsyncGenerator<LogLine, void, undefined> {
    const { follow, stdout = true, stderr = true, timestamps = false, since, until, tail, maxLineBytes, signal } =
      options;
    const request = {
      action: `read the logs of container "${this.id}"`,
      path: path`/containers/${this.id}/logs`,
      query: { follow, stdout, stderr, timestamps, since: unixTime(since), until: unixTime(until), tail },
      signal,
      isLong: true,
    };
    try {
      // Engines below 1.42 don't say in the answer whether it is framed.
      const tty = options.tty ?? (await this.inspect({ signal })).Config.Tty ?? false;
      const response = await this.#transport.request(request);
      const piecesHaveOwnTimes = /^libpod/i.test(response.headers.get("server") ?? "");
      const chunks = this.#transport.chunks(request, response);
      yield* logLines(chunks, { tty, timestamps, maxLineBytes, piecesHaveOwnTimes });
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  /** Unpacks a tar archive into one of its folders, which must exist. Works on stopped containers too. */
  async putArchive(
    tar: ReadableStream<Uint8Array> | Uint8Array,
    { path: folder, noOverwriteDirNonDir, copyUIDGID, signal }:
      & { path: string; noOverwriteDirNonDir?: boolean; copyUIDGID?: boolean }
      & CallOptions,
  ): Promise<void> {
    await this.#transport.done({
      action: `copy files to "${folder}" of container "${this.id}"`,
      method: "PUT",
      path: path`/containers/${this.id}/archive`,
      query: { path: folder, noOverwriteDirNonDir, copyUIDGID },
      tar,
      signal,
    });
  }

  /** A file or folder of it as a tar archive. Read it to the end, or cancel it. */
  async getArchive({ path: file, signal }: { path: string } & CallOptions): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#transport.request({
      action: `copy "${file}" from container "${this.id}"`,
      path: path`/containers/${this.id}/archive`,
      query: { path: file },
      signal,
      isLong: true,
    });
    return response.body!;
  }

  async #post(
    verb: string,
    route: string,
    query: Record<string, string | number | undefined>,
    { signal }: CallOptions,
    accept: number[] = [],
    isLong = false,
  ): Promise<void> {
    await this.#transport.done({
      action: `${verb} container "${this.id}"`,
      method: "POST",
      path: `${path`/containers/${this.id}`}/${route}`,
      query,
      accept,
      signal,
      isLong,
    });
  }
}

/** `docker.createContainer()`, see there. */
export async function createContainer(
  transport: Transport,
  { name, platform, ...body }: CreateContainerOptions,
  { signal }: CallOptions,
): Promise<Container> {
  const action = `create container${name === undefined ? "" : ` "${name}"`} from image "${body.Image}"`;
  const [first, ...others] = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {});
  const takesAll = others.length === 0 || compareVersions(await transport.apiVersion({ action, signal }), "1.44") >= 0;
  if (!takesAll) body.NetworkingConfig = { ...body.NetworkingConfig, EndpointsConfig: Object.fromEntries([first]) };
  const { Id, Warnings } = await transport.json<{ Id: string; Warnings?: string[] | null }>({
    action,
    answer: ["Id"],
    method: "POST",
    path: "/containers/create",
    query: { name, platform },
    json: body,
    signal,
  });
  const container = new Container(transport, Id, Warnings ?? []);
  if (takesAll) return container;
  try {
    for (const [network, EndpointConfig] of others) {
      await transport.done({
        action: `connect container "${name ?? Id}" to network "${network}"`,
        method: "POST",
        path: path`/networks/${network}/connect`,
        json: { Container: Id, EndpointConfig },
        signal,
      });
    }
    return container;
  } catch (error) {
    // Half made is not made. The caller's signal may be the reason, so it does not stop the removal.
    await container.remove({ force: true }).catch(() => {});
    throw error;
  }
}
