/**
 * Whether and how an image that a deployment names comes to the engine.
 *
 * The policy is that of Prefect 2.20 and Kubernetes: the one given; else `Always` for no tag and `latest`, `IfNotPresent` for any
 * other tag and for digests. `--no-pull` (Prefect 1's) never pulls.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import { parseReference } from "../docker/images.ts";
import type { AuthConfig, ImageInspectInfo } from "../docker/types.ts";
import type { ImagePullPolicy } from "../domain/flow_runners.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import type { Log } from "../support/log.ts";

/**
 * The policy that holds for an image.
 *
 * @param given What the deployment says.
 * @param mayPull False with `--no-pull`.
 *
 * @example
 * ```ts
 * import { pullPolicy } from "./pull.ts";
 *
 * console.assert(pullPolicy("localhost:5000/app") === "Always");
 * console.assert(pullPolicy("app:1.2") === "IfNotPresent");
 * ```
 */
export function pullPolicy(reference: string, given?: ImagePullPolicy, mayPull = true): ImagePullPolicy {
  if (!mayPull) return "Never";
  if (given !== undefined) return given;
  const { tag = "latest" } = parseReference(reference);
  return tag === "latest" ? "Always" : "IfNotPresent";
}

/** See {@link ensureImage}. */
export interface EnsureImageOptions {
  docker: Docker;
  reference: string;
  policy: ImagePullPolicy;
  authconfig?: AuthConfig;
  log: Log;
  signal?: AbortSignal;
}

/**
 * Sees to it that the engine has an image, and answers what it is.
 *
 * @throws FlowctlError `not_found` when it is not there and may not be pulled, or no registry has it; `cancelled` on abort.
 */
export async function ensureImage(
  { docker, reference, policy, authconfig, log, signal }: EnsureImageOptions,
): Promise<ImageInspectInfo> {
  const image = docker.getImage(reference);
  if (policy !== "Always") {
    try {
      return await image.inspect({ signal });
    } catch (error) {
      if (!isFlowctlError(error, "not_found")) throw error;
      if (policy === "Never") {
        throw new FlowctlError("not_found", `Cannot use image "${reference}": the engine does not have it`, {
          hint:
            'Bring it there with "docker pull", or let the agent pull it: no --no-pull, and a pull policy other than Never',
          cause: error,
          details: error.details,
        });
      }
    }
  }
  log.info(`Pulling image '${reference}'...`);
  const seen = new Set<string>();
  for await (const { id, status } of docker.pull(reference, { authconfig, signal })) {
    // One line for each step of each layer; the engine repeats it for every few kilobytes.
    const line = `${id === undefined ? "" : `${id}: `}${status ?? ""}`;
    if (status === undefined || seen.has(line)) continue;
    seen.add(line);
    log.debug(line);
  }
  signal?.throwIfAborted();
  log.info(`Pulled image '${reference}'`);
  return await image.inspect({ signal });
}
