/**
 * Routes about the server itself, the version gate, addresses that do not exist.
 *
 * @module
 */

import type { Scenario } from "../lib/target.ts";

const VERSION = "x-prefect-api-version";

/** See the module's comment. */
export const admin: Scenario = {
  name: "admin",
  async run(t) {
    await t.get("health", "/health");
    await t.get("ready", "/ready");
    await t.get("hello", "/hello");
    await t.get("API version", "/version");
    await t.get("package version", "/admin/version", { as: (version) => typeof version });
    await t.get("csrf token", "/csrf-token?client=11111111-1111-4111-8111-111111111111");
    await t.get("ui settings", "//ui-settings", { as: (settings) => settings.csrf_enabled });
    await t.get("openapi", "//openapi.json", { as: (document) => typeof document.paths });

    for (const version of ["0.8.4", "0.8.0", "0.9.0", "1.0.0", "0.7.0", "abc", "0.8", "0.8.4.1", "", " 0.8.4"]) {
      const headers = { [VERSION]: version };
      await t.post(`count with version "${version}"`, "/flows/count", {}, { headers });
      await t.get(`health with version "${version}"`, "/health", { headers });
      await t.get(`API version with version "${version}"`, "/version", { headers });
      await t.get(`hello with version "${version}"`, "/hello", { headers });
      await t.get(`ready with version "${version}"`, "/ready", { headers });
    }

    await t.send("collection without slash", "POST", "/flows", { name: "no slash" });
    await t.get("collection with too many slashes", "/health/");
    await t.get("unknown path", "/nonsense");
    await t.get("unknown path below a noun", "/flows/filter/more");
    await t.send("method that a path does not have", "PUT", "/flows/");
    await t.get("GET of a list", "/flows/");
    await t.send("DELETE of a filter", "DELETE", "/flows/filter");
  },
};
