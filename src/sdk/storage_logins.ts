/**
 * Who pulls the base of Docker storage and pushes its image: the docker configuration's login, else the one that the API in use keeps.
 *
 * @module
 */

import { registryHost } from "../domain/registry_logins.ts";
import { findCredentials, firstLogin, type FoundLogin } from "../images/credentials.ts";
import { isFlowctlError } from "../support/errors.ts";
import type { Environment } from "../support/paths.ts";
import { withClient } from "./client_provider.ts";

/** Looks a login up; undefined when nobody has one. */
export type FindLogin = (registry: string) => Promise<FoundLogin | undefined>;

/** See the module's comment. The API is asked only for a registry of which the docker configuration has no login. */
export const storageLogins = (env: Environment, signal: AbortSignal): FindLogin =>
  firstLogin([(registry) => findCredentials(registry, { env, signal }), (registry) => storedLogin(registry, signal)]);

async function storedLogin(registry: string, signal: AbortSignal): Promise<FoundLogin | undefined> {
  const host = registryHost(registry);
  if (host === undefined) return undefined;
  try {
    const login = await withClient(({ client }) => client.registryLogins.read(host, signal));
    return { ...login, serveraddress: registry, from: "the API in use keeps it" };
  } catch (error) {
    // A build needs no API: one that is away, or does not let this user in, keeps no login for it.
    if (signal.aborted || !isFlowctlError(error)) throw error;
    return undefined;
  }
}
