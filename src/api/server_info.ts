/**
 * The route that says what a server is and holds. Ours; Prefect's `/admin/settings` is about other settings.
 *
 * @module
 */

import { ServerInfo } from "../domain/server_info.ts";
import { countRows, databaseSize, schemaNumber } from "../store/server_info.ts";
import { runtimeTag } from "../support/runtime.ts";
import { BUILD } from "../support/version.ts";
import { API_VERSION } from "./request.ts";
import { ok, type Route, route } from "./route.ts";

/** See the module's comment. */
export const serverInfoRoutes: Route[] = [
  route({
    method: "GET",
    path: "/admin/server",
    tag: "Admin",
    access: "ADMIN",
    summary: "Say what this server is, where it answers, and how much it holds",
    about: "Ours. No secrets are in it.",
    answers: { 200: ServerInfo },
    async handle({ read, api: { version, server } }) {
      const info: ServerInfo = {
        version,
        build: BUILD,
        runtime: runtimeTag,
        api_version: API_VERSION,
        started: server?.started ?? null,
        home: server?.home ?? null,
        addresses: server?.addresses ?? [],
        is_exposed: server?.is_exposed ?? null,
        loopback: server?.loopback ?? null,
        database: {
          path: server?.database ?? null,
          size: await databaseSize(read),
          schema: await schemaNumber(read),
        },
        counts: await countRows(read),
        settings: server?.settings ?? [],
      };
      return ok(info);
    },
  }),
];
