/**
 * Calls of secrets, and of logins for registries.
 *
 * @module
 */

import type { RegistryLogin, RegistryLoginInfo } from "../domain/registry_logins.ts";
import type { SecretInfo, SecretValue } from "../domain/secrets.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const secrets = (api: Transport) => ({
  list: () => api.json<SecretInfo[]>("POST", "/secrets/filter", { body: {}, reads: true }),
  set: (name: string, value: string) =>
    api.json<SecretInfo>("PUT", `/secrets/${encodeURIComponent(name)}`, { body: { value }, reads: true }),
  delete: (name: string) => api.json<void>("DELETE", `/secrets/${encodeURIComponent(name)}`),
  /** The value; only for clients that speak on behalf of a run whose deployment names the secret. */
  value: async (name: string) =>
    (await api.json<SecretValue>("GET", `/secrets/${encodeURIComponent(name)}/value`)).value,
});

/** See the module's comment. */
export const registryLogins = (api: Transport) => ({
  list: () => api.json<RegistryLoginInfo[]>("POST", "/registry_logins/filter", { body: {}, reads: true }),
  set: (registry: string, login: RegistryLogin) =>
    api.json<RegistryLoginInfo>("PUT", `/registry_logins/${encodeURIComponent(registry)}`, {
      body: login,
      reads: true,
    }),
  delete: (registry: string) => api.json<void>("DELETE", `/registry_logins/${encodeURIComponent(registry)}`),
  /** For builds, which push and pull. @throws {FlowctlError} `not_found` when none is stored */
  read: (registry: string, signal?: AbortSignal) =>
    api.json<RegistryLogin>("POST", "/registry_logins/read", { body: { registry }, signal, reads: true }),
  /** For agents that pull. @throws {FlowctlError} `not_found` when none is stored */
  forAgent: (agentId: string, registry: string, signal?: AbortSignal) =>
    api.json<RegistryLogin>("POST", `/agents/${agentId}/registry_login`, { body: { registry }, signal, reads: true }),
});
