/**
 * Can the engine pull an image? Only asked when one is named, for flowctl makes no connection to the outside by itself.
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import { findCredentials } from "../../images/credentials.ts";
import { ensureImage } from "../../images/pull.ts";
import { isFlowctlError } from "../../support/errors.ts";
import type { Log } from "../../support/log.ts";
import type { Environment } from "../../support/paths.ts";
import { type Check, fail, failWith, ok } from "./check.ts";

/** See the module's comment. */
export async function checkRegistry(
  docker: Docker,
  image: string,
  log: Log,
  signal: AbortSignal,
  env?: Environment,
): Promise<Check> {
  try {
    // As a run's agent would: with the login of the docker configuration.
    const credentials = (registry: string) => findCredentials(registry, { env, signal });
    await ensureImage({ docker, reference: image, policy: "Always", credentials, log, signal });
    return ok("registry", `The engine pulled image "${image}"`);
  } catch (error) {
    if (isFlowctlError(error, "unauthorized") || isFlowctlError(error, "forbidden")) {
      return fail("registry", error.message, "Log in to the registry with: docker login");
    }
    const fix = isFlowctlError(error, "not_found")
      ? "Correct the image's name; registries also say this of images that need a login"
      : "See that the engine's machine reaches the registry: name, network, proxy, certificate, login";
    return failWith("registry", error, fix);
  }
}
