/**
 * Calls about the server itself.
 *
 * @module
 */

import type { ServerInfo } from "../domain/server_info.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const admin = (api: Transport) => ({
  /** Whether the server answers. */
  health: (signal?: AbortSignal) => api.json<boolean>("GET", "/health", { signal }),
  /** The version of flowctl that answers. */
  version: () => api.json<string>("GET", "/admin/version"),
  /** What it is, where it answers, how much it holds; for tokens of scope ADMIN. */
  server: () => api.json<ServerInfo>("GET", "/admin/server"),
});
