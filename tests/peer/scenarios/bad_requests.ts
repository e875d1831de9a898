/**
 * Requests that are wrong in the same way on every route.
 *
 * @module
 */

import type { Scenario } from "../lib/target.ts";

const ROUTES = [
  "/flows/",
  "/flows/filter",
  "/flows/count",
  "/flow_runs/",
  "/flow_runs/filter",
  "/flow_runs/count",
  "/flow_runs/history",
  "/flow_runs/lateness",
  "/task_runs/",
  "/task_runs/filter",
  "/task_runs/count",
  "/deployments/",
  "/deployments/filter",
  "/deployments/count",
  "/deployments/get_scheduled_flow_runs",
  "/logs/",
  "/logs/filter",
];

/** See the module's comment. */
export const badRequests: Scenario = {
  name: "bad_requests",
  async run(t) {
    for (const path of ROUTES) {
      await t.post(`${path} not JSON`, path, undefined, { raw: "{" });
      await t.post(`${path} text`, path, "text");
      await t.post(`${path} number`, path, 5);
      await t.post(`${path} null`, path, null, { as: () => "answered" });
      await t.post(`${path} other content type`, path, undefined, {
        raw: "{}",
        headers: { "content-type": "text/plain" },
        as: () => "answered",
      });
      await t.send(`${path} PUT`, "PUT", path);
    }
    const id = "11111111-1111-4111-8111-111111111111";
    for (const noun of ["flows", "flow_runs", "task_runs", "deployments"]) {
      await t.send(`${noun} POST to one`, "POST", `/${noun}/${id}`, {});
      await t.get(`${noun} id without dashes`, `/${noun}/${id.replaceAll("-", "")}`);
      await t.get(`${noun} id in braces`, `/${noun}/{${id}}`);
      await t.get(`${noun} id with slash`, `/${noun}/${id}/`);
    }
  },
};
