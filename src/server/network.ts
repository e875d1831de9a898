/**
 * The bridge network that belongs to a server, for containers that users put on it (`--network flowctl-server`).
 *
 * Flow containers reach the API without it; it is there because the older dialect's walk names it. It bears the installation's label,
 * and only one that does is ever removed, and only while nothing is connected to it.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import type { NetworkInspectInfo } from "../docker/types.ts";
import { isFlowctlError } from "../support/errors.ts";

/** Marks what an installation made; see `runners/docker_create_body.ts`. */
const LABEL = "dev.flowctl.installation";

/** What both functions take. */
export interface ServerNetworkOptions {
  docker: Pick<Docker, "listNetworks" | "createNetwork" | "getNetwork">;
  name: string;
  /** The id of the home. */
  installation: string;
  signal?: AbortSignal;
}

/** Finds it by its whole name; the engine's filter takes parts. */
async function find({ docker, name, signal }: ServerNetworkOptions): Promise<NetworkInspectInfo | undefined> {
  const all = await docker.listNetworks({ filters: { name: [name] }, signal });
  return all.find((network) => network.Name === name);
}

/**
 * Makes the network unless one of that name is there, whosever it is.
 *
 * @throws {FlowctlError} the engine's.
 */
export async function openServerNetwork(options: ServerNetworkOptions): Promise<"created" | "there"> {
  const { docker, name, installation, signal } = options;
  if (await find(options) !== undefined) return "there";
  try {
    const Labels = { [LABEL]: installation, "dev.flowctl.network": "server" };
    await docker.createNetwork({ Name: name, Driver: "bridge", CheckDuplicate: true, Labels }, { signal });
    return "created";
  } catch (error) {
    // Somebody was faster.
    if (isFlowctlError(error, "conflict")) return "there";
    throw error;
  }
}

/** What became of the network. */
export type NetworkFate = "removed" | "absent" | "foreign" | "in use";

/**
 * Removes the network when it is this installation's and nothing is connected to it.
 *
 * @throws {FlowctlError} the engine's.
 */
export async function closeServerNetwork(options: ServerNetworkOptions): Promise<NetworkFate> {
  const { docker, installation, signal } = options;
  const found = await find(options);
  if (found === undefined) return "absent";
  if (found.Labels?.[LABEL] !== installation) return "foreign";
  try {
    // The list does not say what is connected. By id: another of that name may have come meanwhile.
    const network = docker.getNetwork(found.Id);
    const { Containers } = await network.inspect({ signal });
    if (Object.keys(Containers ?? {}).length > 0) return "in use";
    await network.remove({ signal });
    return "removed";
  } catch (error) {
    if (isFlowctlError(error, "not_found")) return "absent";
    if (isFlowctlError(error, "forbidden") || isFlowctlError(error, "conflict")) return "in use";
    throw error;
  }
}
