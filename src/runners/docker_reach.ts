/**
 * Containers that reach the API by URL: whether they have to, whether they can, and their lease's token.
 *
 * Whether they can is tried, once for each set of networks, by a small container that asks the API whether it is there.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import type { Docker } from "../docker/client.ts";
import type { Container } from "../docker/containers.ts";
import { tarOf } from "../docker/tar.ts";
import type { CreateContainerOptions, EngineInfo } from "../docker/types.ts";
import type { Clock } from "../support/clock.ts";
import { FlowctlError } from "../support/errors.ts";
import { readAll } from "../support/streams.ts";
import { type ApiWay, decideApiWay } from "./api_way.ts";
import { TOKEN_NAME } from "./docker_create_body.ts";
import { RUN_FOLDER } from "./docker_values.ts";
import { PROBE_LABEL } from "./left_behind.ts";
import { LABELS, type RunnerHost } from "./runner.ts";

/** How long the small container may take, its start included. */
const CHECK_MS = 20_000;

/** By these the container is known as ours, should nobody remove it. */
const KEPT_LABELS: string[] = [LABELS.installation, LABELS.agent, PROBE_LABEL];

/** See the module's comment. */
export interface ApiReachOptions {
  docker: Docker;
  /** `FLOWCTL_API_WAY`. */
  way?: "socket" | "url";
  /** `FLOWCTL_CONTAINER_API_URL`. */
  given?: string;
}

/** See the module's comment. */
export class ApiReach {
  readonly #options: ApiReachOptions;
  /** By what decides: what is under way or went well. */
  readonly #checks = new Map<string, Promise<void>>();
  #decided?: { info: EngineInfo | undefined; way: ApiWay };

  constructor(options: ApiReachOptions) {
    this.#options = options;
  }

  /** The addresses for the create body; undefined where the socket is mounted. */
  byUrl(
    { apiUrl }: Pick<RunnerHost, "apiUrl">,
    info: EngineInfo | undefined,
  ): { apiUrl: string; given?: string } | undefined {
    if (this.#way(info).way === "socket" || apiUrl === undefined) return undefined;
    return { apiUrl, given: this.#options.given };
  }

  /** Why, as the end of a sentence. */
  reason(info: EngineInfo | undefined): string {
    return this.#way(info).reason;
  }

  #way(info: EngineInfo | undefined): ApiWay {
    const { docker, way } = this.#options;
    if (way !== undefined) return { way, reason: "FLOWCTL_API_WAY says so" };
    if (this.#decided === undefined || this.#decided.info !== info) {
      const facts = { address: docker.address, info, platform: process.platform, hostname: hostname() };
      this.#decided = { info, way: decideApiWay({ ...facts, isContainer: isInContainer() }) };
    }
    return this.#decided.way;
  }

  /**
   * Tries whether a container on the networks of this body reaches the API.
   *
   * @param image The default image
   * @throws FlowctlError `unsupported` when it does not, with what helps
   */
  async check(body: CreateContainerOptions, image: string, clock: Clock, signal: AbortSignal): Promise<void> {
    const { NetworkMode, ExtraHosts, Dns } = body.HostConfig ?? {};
    const url = body.Env?.find((pair) => pair.startsWith("FLOWCTL_API_URL="));
    const key = JSON.stringify([url, NetworkMode, ExtraHosts, Dns, body.NetworkingConfig]);
    const before = this.#checks.get(key);
    if (before !== undefined) return await before;
    const check = this.#check(
      {
        Image: image,
        Cmd: ["flow-run", "execute", "--check"],
        Env: [url ?? ""],
        Labels: Object.fromEntries(
          Object.entries(body.Labels ?? {}).filter(([name]) => KEPT_LABELS.includes(name)),
        ),
        HostConfig: { NetworkMode, ExtraHosts, Dns, AutoRemove: false },
        NetworkingConfig: body.NetworkingConfig,
      },
      clock,
      signal,
    );
    this.#checks.set(key, check);
    try {
      await check;
    } catch (error) {
      // Somebody may mend it.
      this.#checks.delete(key);
      throw error;
    }
  }

  async #check(body: CreateContainerOptions, clock: Clock, signal: AbortSignal): Promise<void> {
    const { docker } = this.#options;
    const container = await docker.createContainer(body, { signal });
    const done = new AbortController();
    try {
      await container.start({ signal });
      const ended = container.wait({ signal: AbortSignal.any([signal, done.signal]) });
      // When it takes too long nobody waits any more.
      ended.catch(() => {});
      const answer = await Promise.race([ended, clock.sleep(CHECK_MS, done.signal)]);
      if (answer?.StatusCode === 0) return;
      const network = body.HostConfig?.NetworkMode ?? "bridge";
      const url = body.Env?.[0].slice("FLOWCTL_API_URL=".length);
      throw new FlowctlError(
        "unsupported",
        `Cannot reach the API from containers on network "${network}": no answer at "${url}"`,
        {
          hint:
            'Use networkMode: "host" if the API is on the engine\'s machine, or set FLOWCTL_CONTAINER_API_URL for the agent to an address that containers reach and FLOWCTL_ALLOWED_HOSTS for the server to its name',
        },
      );
    } finally {
      done.abort();
      await container.remove({ force: true, v: true }).catch(() => {});
    }
  }

  /**
   * Puts the token, and what else is for this run only, into a container that was created and not started, so that it stands in no
   * answer of the engine.
   */
  async putFiles(
    container: Container,
    token: string,
    others: readonly { path: string; content: string }[],
    { HostConfig }: CreateContainerOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const isMounted = HostConfig?.Mounts?.some(({ Target }) => Target === RUN_FOLDER) ?? false;
    const folder = RUN_FOLDER.slice(1);
    // Whoever the container runs as has to read them, and nobody to write.
    const files = [{ path: TOKEN_NAME, content: token }, ...others].map(({ path, content }) => ({
      path: isMounted ? path : `${folder}/${path}`,
      content,
      mode: 0o444,
    }));
    const entries = isMounted ? files : [{ path: folder, type: "directory" as const, mode: 0o755 }, ...files];
    const tar = await readAll(tarOf(entries));
    await container.putArchive(tar, { path: isMounted ? RUN_FOLDER : "/", signal });
  }
}

/** What container engines leave in their containers. */
function isInContainer(): boolean {
  if (existsSync("/.dockerenv") || existsSync("/run/.containerenv")) return true;
  try {
    return /docker|kubepods|containerd|libpod/.test(readFileSync("/proc/self/cgroup", "utf8"));
  } catch {
    return false;
  }
}
