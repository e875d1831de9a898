/**
 * Logins for registries that the server keeps for its agents: an agent whose docker configuration has none for a registry pulls with it.
 *
 * @module
 */

import { z } from "zod";
import { Timestamp } from "./common.ts";

/** Other names of Docker Hub. */
const HUB = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/**
 * A registry's host as it is stored: lower case, without scheme and path; Docker Hub is `docker.io`.
 *
 * @returns undefined for what is no host
 *
 * @example
 * ```ts
 * import { registryHost } from "./registry_logins.ts";
 *
 * console.assert(registryHost("https://index.docker.io/v1/") === "docker.io");
 * console.assert(registryHost("127.0.0.1:5000") === "127.0.0.1:5000");
 * ```
 */
export function registryHost(text: string): string | undefined {
  const host = text.trim().toLowerCase().replace(/^https?:\/\//, "").split("/", 1)[0];
  if (!/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(:\d{1,5})?$/.test(host)) return undefined;
  return HUB.includes(host) ? HUB[0] : host;
}

/** A registry; see {@link registryHost}. */
export const Registry = z.string().max(300).transform((text, context) => {
  const host = registryHost(text);
  if (host !== undefined) return host;
  context.addIssue({ code: "custom", message: "a registry is a host, with a port if need be, as in ghcr.io" });
  return z.NEVER;
});

/** Who pulls. */
export const RegistryLogin = z.object({
  username: z.string().min(1).max(500),
  password: z.string().min(1).max(65_536),
});
/** See {@link RegistryLogin}. */
export type RegistryLogin = z.output<typeof RegistryLogin>;

/** What everybody may know of a login. */
export const RegistryLoginInfo = z.object({
  registry: z.string(),
  created: Timestamp,
  updated: Timestamp,
  /** Who logs in; null when it can't be decrypted with this home's key. */
  username: z.string().nullable(),
});
/** See {@link RegistryLoginInfo}. */
export type RegistryLoginInfo = z.output<typeof RegistryLoginInfo>;

/** `POST /agents/{id}/registry_login`. */
export const RegistryLoginRequest = z.object({ registry: Registry });
