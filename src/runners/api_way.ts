/**
 * How a container reaches the API: through its run's socket, which is mounted, or by a URL where nothing of this machine can be
 * mounted. Pure: what it needs of the world comes in by argument.
 *
 * @module
 */

import type { EngineInfo } from "../docker/types.ts";
import { FlowctlError } from "../support/errors.ts";

/** Which way, and why, as the end of a sentence. */
export interface ApiWay {
  way: "socket" | "url";
  reason: string;
}

/** What {@link decideApiWay} goes by. */
export interface WayFacts {
  /** The engine's address as the user would write it. */
  address: string;
  info: Pick<EngineInfo, "Name" | "OperatingSystem" | "SecurityOptions"> | undefined;
  /** As `process.platform`. */
  platform: string;
  /** The name of the machine that the agent runs on. */
  hostname: string;
  /** Whether something says that the agent itself runs in a container. */
  isContainer: boolean;
}

const SECURITY: Record<string, string> = {
  rootless: "the engine is rootless",
  userns: "the engine's containers are in user namespaces",
  selinux: "the engine enforces SELinux",
};

/**
 * Decides. A socket can be mounted when engine and agent share a file system and nothing stands between a container's user and it.
 *
 * Being in a container alone says nothing: an engine may run in there too. An engine that goes by another name than the agent's
 * machine is elsewhere.
 */
export function decideApiWay({ address, info, platform, hostname, isContainer }: WayFacts): ApiWay {
  const url = (reason: string): ApiWay => ({ way: "url", reason });
  if (platform === "win32") return url("the agent runs on Windows");
  if (/Docker Desktop/i.test(info?.OperatingSystem ?? "")) return url("the engine is that of Docker Desktop");
  const isElsewhere = info !== undefined && info.Name !== hostname;
  const remote = /^[a-z]+:\/\/([^/]*)/i.exec(/^(unix|npipe):/.test(address) ? "" : address)?.[1];
  if (remote !== undefined && (isElsewhere || !isLoopback(remote.replace(/:\d+$/, "")))) {
    return url("the engine is on another machine");
  }
  const options = (info?.SecurityOptions ?? []).map((option) => /(?:^|,)name=([^,]+)/.exec(option)?.[1] ?? option);
  const option = options.find((name) => Object.hasOwn(SECURITY, name));
  if (option !== undefined) return url(SECURITY[option]);
  if (isContainer && isElsewhere) return url("the agent runs in a container and its engine outside");
  return { way: "socket", reason: "the engine is on this machine" };
}

/** Whether a URL's host is the machine itself: 127.0.0.1 and its like, ::1, localhost, and the addresses that mean all. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\]|::1?)$/i.test(host);

/** The name by which a container knows the machine that it runs on. */
export const HOST_NAME = "host.docker.internal";

/** The API's address for a container. */
export interface ContainerApi {
  url: string;
  /** Goes into the create body's `ExtraHosts`. */
  extraHosts: string[];
}

/**
 * The address under which a container of that network mode finds the API: this machine's own names become
 * `host.docker.internal`, except on the host's network.
 *
 * @param given `FLOWCTL_CONTAINER_API_URL`, which goes before all else
 * @throws FlowctlError `unsupported` on a network from which nothing can be reached.
 */
export function containerApi(apiUrl: string, mode: string | undefined, given?: string): ContainerApi {
  if (mode === "none") {
    throw new FlowctlError(
      "unsupported",
      'Cannot run a flow on network "none": here containers reach the API by network only',
      {
        hint: "Leave networkMode out, or run an agent on the engine's own machine",
      },
    );
  }
  const address = given ?? apiUrl;
  if (address.startsWith("unix:")) {
    throw new FlowctlError(
      "unsupported",
      `Cannot give containers the API at "${address}": no socket can be mounted here`,
      {
        hint: "Set FLOWCTL_CONTAINER_API_URL to an address that containers reach",
      },
    );
  }
  const url = new URL(address);
  const text = (one: URL) => one.href.replace(/\/+$/, "");
  if (given !== undefined) {
    const isNamed = url.hostname === HOST_NAME && mode !== "host" && !mode?.startsWith("container:");
    return { url: text(url), extraHosts: isNamed ? [`${HOST_NAME}:host-gateway`] : [] };
  }
  if (mode === "host" || !isLoopback(url.hostname)) return { url: text(url), extraHosts: [] };
  url.hostname = HOST_NAME;
  // A container that borrows another one's network has that one's names.
  return { url: text(url), extraHosts: mode?.startsWith("container:") ? [] : [`${HOST_NAME}:host-gateway`] };
}
