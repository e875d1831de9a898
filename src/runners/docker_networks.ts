/**
 * Which networks a container is on: what its deployment says, what the agent says for all, and whether the engine has them.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import type { CreateContainerOptions } from "../docker/types.ts";
import type { DockerRunnerConfig } from "../domain/flow_runners.ts";
import { FlowctlError } from "../support/errors.ts";

/** A container's networks. */
export interface Networking {
  /** The engine's `NetworkMode`; absent: its default. */
  mode?: string;
  /** Names of all networks to join; empty when the mode says it all. */
  names: string[];
}

const PREDEFINED = new Set(["bridge", "default", "host", "none"]);
/** Such a container has nothing of its own that could be on another network too. */
const standsAlone = (name: string): boolean => name === "host" || name === "none" || name.startsWith("container:");

/**
 * What a deployment's `network_mode` and `networks` and an agent's `--network` come to. A deployment's own `host` or `none` goes
 * before the agent's networks; else a container is on all of them, those of the agent first.
 *
 * @throws FlowctlError `invalid` when one of several can't be combined with others.
 */
export function networkingOf(
  { network_mode, networks }: Pick<DockerRunnerConfig, "network_mode" | "networks">,
  ofAgent: readonly string[] = [],
): Networking {
  const own = [...network_mode === undefined ? [] : [network_mode], ...networks];
  const all = [...new Set(own.some(standsAlone) ? own : [...ofAgent, ...own])];
  const alone = all.find(standsAlone);
  if (alone !== undefined && all.length > 1) {
    const names = all.map((name) => `"${name}"`).join(", ");
    throw new FlowctlError("invalid", `Cannot use networks ${names} together: "${alone}" allows no other`);
  }
  if (all.length === 0) return { names: [] };
  const isMode = all.length === 1 && (standsAlone(all[0]) || PREDEFINED.has(all[0]));
  return { mode: all[0], names: isMode ? [] : all };
}

/** Every network that a body names, but for those that all engines have. */
export function networksIn({ HostConfig, NetworkingConfig }: CreateContainerOptions): string[] {
  const names = [HostConfig?.NetworkMode ?? "", ...Object.keys(NetworkingConfig?.EndpointsConfig ?? {})];
  return [...new Set(names)].filter((name) => name !== "" && !PREDEFINED.has(name) && !standsAlone(name));
}

/** Those of an agent's `--network` that its engine has to have. @throws FlowctlError see {@link networkingOf} */
export function agentNetworks(names: readonly string[]): string[] {
  const { mode, names: joined } = networkingOf({ network_mode: undefined, networks: [] }, names);
  return [...new Set([...mode === undefined ? [] : [mode], ...joined])]
    .filter((name) => !PREDEFINED.has(name) && !standsAlone(name));
}

/**
 * Refuses names of networks that the engine does not have.
 *
 * @throws FlowctlError `not_found`, with those that there are.
 */
export async function checkNetworks(docker: Docker, names: readonly string[], signal?: AbortSignal): Promise<void> {
  if (names.length === 0) return;
  const there = await docker.listNetworks({ signal });
  const missing = names.find((name) => !there.some(({ Name, Id }) => Name === name || Id.startsWith(name)));
  if (missing === undefined) return;
  const known = there.map(({ Name }) => `"${Name}"`).sort().join(", ");
  throw new FlowctlError("not_found", `Cannot use network "${missing}": the engine has ${known || "none"}`, {
    hint: `Create it with: docker network create ${missing}`,
  });
}
