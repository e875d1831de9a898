/**
 * The image of a flow whose code lies in it (Docker storage): which of its names is used, and whether it may be pulled.
 *
 * What was registered is what runs. So its digest in the registry is asked for before its tag, and what the engine has under that tag
 * counts only when it is the image that was built.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import { parseReference } from "../docker/images.ts";
import type { EngineInfo } from "../docker/types.ts";
import type { Claim } from "../domain/agents.ts";
import { defaultImage, type ImagePullPolicy } from "../domain/flow_runners.ts";
import { type DockerStorageInfo, imageOf } from "../domain/storage.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { dockerConfig } from "./docker_create_body.ts";

/** What to start, and how it may come to the engine. */
export interface StorageImage {
  reference: string;
  policy: ImagePullPolicy;
}

/** See {@link storageImage}. */
export interface StorageImageOptions {
  docker: Docker;
  info: EngineInfo | undefined;
  /** What the deployment's runner says. */
  given?: ImagePullPolicy;
  /** False with `--no-pull`. */
  pull: boolean;
  signal?: AbortSignal;
}

/**
 * Chooses the image of a storage.
 *
 * @throws FlowctlError `not_found` for an image without a registry that the engine does not have: nobody could be asked for it.
 */
export async function storageImage(storage: DockerStorageInfo, options: StorageImageOptions): Promise<StorageImage> {
  const { docker, given, pull, signal } = options;
  const { registry_url: registry, image_name: name, image_id: id, digest } = storage;
  const tagged = imageOf(storage);
  const idOf = async (reference: string): Promise<string | undefined> => {
    try {
      return (await docker.getImage(reference).inspect({ signal })).Id;
    } catch (error) {
      if (isFlowctlError(error, "not_found")) return undefined;
      throw error;
    }
  };
  const pinned = registry === null || digest === null ? tagged : `${registry}/${name}@${digest}`;
  const policy = registry === null || !pull ? "Never" : given ?? "IfNotPresent";
  if (policy !== "Always") {
    const there = await idOf(pinned);
    const isIt = pinned !== tagged || id === null || there === id;
    if (there !== undefined && isIt) return { reference: pinned, policy: "Never" };
    // The tag may have gone on to a later build; the image itself is named by its id.
    if (id !== null && await idOf(id) !== undefined) {
      return { reference: await idOf(tagged) === id ? tagged : id, policy: "Never" };
    }
  }
  if (registry === null) throw notThere(tagged, options.info?.Name ?? docker.address);
  return { reference: pinned, policy };
}

const notThere = (image: string, host: string) =>
  new FlowctlError(
    "not_found",
    `Cannot use image "${image}": it was built without a registry on host "${host}" and is not there any more, or on another host`,
    { hint: "Register the flow again on that host, or give its Docker storage a registryUrl" },
  );

/** Where a run's code and image come from, in one sentence for the agent's terminal. */
export function storageLine(claim: Claim, version: string, runtime: string): string {
  const { deployment, flow_run } = claim;
  const run = `Flow run '${flow_run.name}'`;
  if (deployment.storage) return `${run} has Docker storage: image '${imageOf(deployment.storage)}'`;
  const image = dockerConfig(claim).image ?? defaultImage(deployment.flowctl_version ?? version, runtime);
  const kind = parseReference(image).name === parseReference(defaultImage(version, runtime)).name ? "the default " : "";
  return `${run} has no Docker storage: it runs in ${kind}image '${image}'`;
}
