/**
 * Deployments: creating, replacing, changing, deleting, listing.
 *
 * @module
 */

import type { Answered, Scenario } from "../lib/target.ts";

const NOBODY = "11111111-1111-4111-8111-111111111111";

/** See the module's comment. */
export const deployments: Scenario = {
  name: "deployments",
  async run(t) {
    const flow = await t.flow("one");
    const make = (what: string, body: Record<string, unknown>) =>
      t.post(what, "/deployments/", { name: "d", flow_id: flow.id, ...body });
    // Prefect lists what was changed last first; several of one request have no order there.
    const inOrder = ({ schedule, schedules, ...rest }: Answered) => ({
      ...rest,
      schedule: schedules.length > 1 ? "several" : schedule,
      schedules: [...schedules].sort((a, b) => JSON.stringify(a.schedule) < JSON.stringify(b.schedule) ? -1 : 1),
    });
    const read = (what: string, id: string) => t.get(what, `/deployments/${id}`, { as: inOrder });

    const made = await make("deployment", {});
    await read("read", made.id);
    await make("again, with everything", {
      schedules: [{ schedule: { cron: "0 0 * * *" }, active: true }],
      parameters: { a: 1 },
      tags: ["b", "a", "b"],
      pull_steps: [{ "prefect.deployments.steps.set_working_directory": { directory: "/x" } }],
      path: "/p",
      entrypoint: "f.py:f",
      version: "v1",
      description: "words",
      manifest_path: "m",
      infra_overrides: { env: { A: "1" } },
      parameter_openapi_schema: { type: "object", properties: { a: { type: "integer" } } },
      enforce_parameter_schema: true,
    });
    await read("read everything", made.id);
    await make("again, with nothing", {});
    await read("read nothing", made.id);
    const nulls: Record<string, null> = {};
    for (
      const key of [
        ...["schedule", "is_schedule_active", "paused", "pull_steps", "path", "entrypoint", "version", "description"],
        ...["manifest_path", "work_pool_name", "work_queue_name", "storage_document_id", "infrastructure_document_id"],
        ...["infra_overrides", "parameter_openapi_schema"],
      ]
    ) nulls[key] = null;
    await make("nulls", { name: "nulls", ...nulls });
    for (const key of ["schedules", "parameters", "tags", "enforce_parameter_schema", "job_variables"]) {
      await make(`null ${key}`, { name: `null ${key}`, [key]: null });
    }
    await make("job variables", { name: "jv", job_variables: { a: 1 } });
    await make("both kinds of variables, equal", { name: "jv", job_variables: { a: 1 }, infra_overrides: { a: 1 } });
    await make("both kinds of variables, different", {
      name: "jv",
      job_variables: { a: 1 },
      infra_overrides: { a: 2 },
    });
    await make("paused", { name: "paused", paused: true });
    await make("not paused", { name: "paused", paused: false });
    await make("schedule that is inactive", {
      name: "inactive",
      schedule: { interval: 60 },
      is_schedule_active: false,
    });
    await make("schedule that is active", { name: "inactive", schedule: { interval: 60 }, is_schedule_active: true });
    await make("single schedule", { name: "single", schedule: { cron: "0 0 * * *", timezone: "Europe/London" } });
    await make("schedule and schedules", {
      name: "single",
      schedule: { interval: 60 },
      schedules: [{ schedule: { interval: 120 } }],
    });
    await make("schedules that are inactive", {
      name: "off",
      schedules: [{
        schedule: { interval: 60 },
        active: false,
        max_scheduled_runs: 2,
        max_active_runs: 1,
        catchup: true,
      }],
    });
    await make("unknown key", { name: "unknown", bogus: 1 });
    await make("unknown flow", { flow_id: NOBODY });
    await make("unknown pool", { name: "pool", work_pool_name: "nobody" });
    await make("queue without a pool", { name: "queue", work_queue_name: "q" });
    await make("unknown infrastructure", { name: "infra", infrastructure_document_id: NOBODY });
    await make("unknown storage", { name: "storage", storage_document_id: NOBODY });
    for (const name of ["a/b", "a%b", "a&b", "a>b", "a<b", ""]) await make(`name "${name}"`, { name });
    await t.post("no name", "/deployments/", { flow_id: flow.id });
    await t.post("no flow", "/deployments/", { name: "x" });
    await make("parameters that do not fit", {
      name: "enforced",
      parameters: { a: "x" },
      parameter_openapi_schema: { type: "object", properties: { a: { type: "integer" } }, required: ["a", "b"] },
      enforce_parameter_schema: true,
    });
    await make("a schema that is none", {
      name: "enforced",
      parameter_openapi_schema: { type: "nonsense" },
      enforce_parameter_schema: true,
    });

    await t.get("by name", "/deployments/name/one/d");
    await t.get("by unknown name", "/deployments/name/one/nobody");
    await t.get("by unknown flow", "/deployments/name/nobody/d");
    await t.get("read nobody", `/deployments/${NOBODY}`);
    await t.get("read nonsense", "/deployments/nonsense");

    const change = async (what: string, body: unknown) => {
      await t.patch(what, `/deployments/${made.id}`, body);
      await read(`read after ${what}`, made.id);
    };
    await change("new version", { version: "v2" });
    await change("null version", { version: null });
    await change("tags", { tags: ["t"] });
    await change("parameters", { parameters: { b: 2 } });
    await change("null parameters", { parameters: null });
    await change("description", { description: "other" });
    await change("overrides", { infra_overrides: { x: 1 } });
    await change("job variables", { job_variables: { y: 1 } });
    await change("paused", { paused: true });
    await change("not paused", { paused: false });
    await change("inactive", { is_schedule_active: false });
    await change("active", { is_schedule_active: true });
    await change("schedule", { schedule: { interval: 60 } });
    await change("schedules", { schedules: [{ schedule: { cron: "0 0 * * *" }, active: true }] });
    await change("no schedules", { schedules: [] });
    await change("two schedules", {
      schedules: [{ schedule: { cron: "0 0 * * *" }, active: true }, { schedule: { interval: 60 }, active: false }],
    });
    await change("schedule beside two", { schedule: { interval: 90 } });
    await change("path and entrypoint", { path: "/q", entrypoint: "g.py:g" });
    await change("enforce", { enforce_parameter_schema: true });
    await change("nothing", {});
    await change("no body", undefined);
    await change("unknown key", { bogus: 1 });
    await change("name", { name: "x" });
    await change("unknown pool", { work_pool_name: "nobody" });
    await t.patch("change nobody", `/deployments/${NOBODY}`, { version: "x" });
    await t.patch("change nonsense", "/deployments/nonsense", { version: "x" });

    for (const sort of ["NAME_ASC", "NAME_DESC", "CREATED_DESC", "UPDATED_DESC"]) {
      const names = (list: { name: string }[]) => list.map(({ name }) => name);
      const filter = { name: { any_: ["d", "jv", "single", "paused"] } };
      await t.post(`list ${sort}`, "/deployments/filter", { sort, deployments: filter }, { as: names });
    }
    await t.post("list unknown sort", "/deployments/filter", { sort: "ID_DESC" });
    await t.post("count", "/deployments/count", { deployments: { name: { any_: ["d", "single"] } } });
    await t.get("work queue check", `/deployments/${made.id}/work_queue_check`);

    await t.delete("delete", `/deployments/${made.id}`);
    await t.delete("delete again", `/deployments/${made.id}`);
    await t.delete("delete nonsense", "/deployments/nonsense");
  },
};
