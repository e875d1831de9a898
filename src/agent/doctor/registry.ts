/**
 * Can the engine pull an image? Only asked when one is named, for flowctl makes no connection to the outside by itself.
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import { findCredentials } from "../../images/credentials.ts";
import { ensureImage } from "../../images/pull.ts";
import type { Log } from "../../support/log.ts";
import type { Environment } from "../../support/paths.ts";
import { type Check, failWith, ok } from "./check.ts";

/** See {@link checkRegistry}. */
export interface RegistryOptions {
  docker: Docker;
  image: string;
  /** Says where the docker configuration with the logins is. */
  env?: Environment;
  log: Log;
  signal: AbortSignal;
}

/** See the module's comment. It is pulled as an agent would pull it, with the same login. */
export async function checkRegistry({ docker, image, env, log, signal }: RegistryOptions): Promise<Check> {
  try {
    const credentials = (registry: string) => findCredentials(registry, { env, signal });
    await ensureImage({ docker, reference: image, policy: "Always", credentials, log, signal });
    return ok("registry", `The engine pulled image "${image}"`);
  } catch (error) {
    return failWith(
      "registry",
      error,
      "See that the engine's machine reaches the registry: name, network, proxy, certificate",
    );
  }
}
