/**
 * Runs of deployments: creating them, asking for those that are due, what pausing, replacing and deleting does to them.
 *
 * @module
 */

import type { Answered, Scenario } from "../lib/target.ts";

const NOBODY = "11111111-1111-4111-8111-111111111111";

/** See the module's comment. */
export const deploymentRuns: Scenario = {
  name: "deployment_runs",
  async run(t) {
    const flow = await t.flow("one");
    const deployment = await t.deployment(flow.id, {
      parameters: { a: 1, b: { c: 2 } },
      tags: ["x", "y"],
      version: "v1",
      infra_overrides: { image: "i" },
    });
    const tagsSorted = (run: Answered) => ({ ...run, tags: [...run.tags].sort() });
    const create = (what: string, body?: unknown, id = deployment.id) =>
      t.post(what, `/deployments/${id}/create_flow_run`, body, { as: tagsSorted });

    const run = await create("run with nothing", {});
    await create("run without body");
    await create("run with everything", {
      name: "n 1",
      parameters: { b: 3, d: 4 },
      context: { k: 1 },
      tags: ["y", "z"],
      idempotency_key: "once",
      job_variables: { image: "j" },
      empirical_policy: { retries: 2 },
      state: { type: "SCHEDULED", message: "m", state_details: { scheduled_time: t.at(600) } },
    });
    await create("the same key", { idempotency_key: "once" });
    const nulls: Record<string, null> = {};
    for (const key of ["name", "idempotency_key", "state", "work_queue_name", "job_variables", "parent_task_run_id"]) {
      nulls[key] = null;
    }
    await create("nulls", nulls);
    for (const key of ["parameters", "context", "tags", "empirical_policy", "enforce_parameter_schema"]) {
      await create(`null ${key}`, { [key]: null });
    }
    await create("running", { state: { type: "RUNNING" } });
    await create("pending", { state: { type: "PENDING", name: "Named" } });
    await create("unknown key", { bogus: 1 });
    await create("unknown deployment", {}, NOBODY);
    await create("nonsense deployment", {}, "nonsense");
    await create("unknown queue", { work_queue_name: "nobody" });
    await create("unknown parent", { parent_task_run_id: NOBODY });
    const parent = await t.flowRun(flow.id, { state: { type: "RUNNING" } });
    const task = await t.taskRun(parent.id, { name: "p 1" });
    await create("with a parent", { parent_task_run_id: task.id, name: "c 1" });
    await t.get("the parent's task", `/task_runs/${task.id}`);

    const enforced = await t.deployment(flow.id, {
      name: "enforced",
      enforce_parameter_schema: true,
      parameter_openapi_schema: {
        type: "object",
        properties: { n: { type: "integer" }, s: { type: "string", default: "x" } },
        required: ["n"],
      },
    });
    await create("parameters that fit", { parameters: { n: 1 } }, enforced.id);
    await create("parameters that do not fit", { parameters: { n: "x" } }, enforced.id);
    await create("parameters that lack one", {}, enforced.id);
    await create("parameters with one more", { parameters: { n: 1, m: 2 } }, enforced.id);
    await create("not enforced", { parameters: { n: "x" }, enforce_parameter_schema: false }, enforced.id);
    const loose = await t.deployment(flow.id, {
      name: "loose",
      parameter_openapi_schema: { type: "object", properties: { n: { type: "integer" } } },
    });
    await create("loose", { parameters: { n: "x" } }, loose.id);
    await create("loose, but enforced", { parameters: { n: "x" }, enforce_parameter_schema: true }, loose.id);

    await t.patch("job variables of a scheduled run", `/flow_runs/${run.id}`, { job_variables: { z: 1 } });
    await t.get("read job variables", `/flow_runs/${run.id}`, { as: tagsSorted });
    const due = async (what: string, body: unknown) =>
      await t.post(what, "/deployments/get_scheduled_flow_runs", body, {
        as: (runs: Answered[]) => runs.map(tagsSorted),
      });
    const polled = await t.deployment(flow.id, { name: "polled" });
    const at = (seconds: number) => ({
      state: { type: "SCHEDULED", state_details: { scheduled_time: t.at(seconds) } },
    });
    for (const seconds of [30, -30, 90, -90]) {
      await create(`run at ${seconds}`, { name: `r ${seconds}`, ...at(seconds) }, polled.id);
    }
    await due("due now", { deployment_ids: [polled.id] });
    await due("due before", { deployment_ids: [polled.id], scheduled_before: t.at(60) });
    await due("limited", { deployment_ids: [polled.id], scheduled_before: t.at(600), limit: 2 });
    await due("none", { deployment_ids: [] });
    await due("nobody", { deployment_ids: [NOBODY] });
    await due("no ids", {});
    await due("too many", { deployment_ids: [polled.id], limit: 201 });
    await due("negative", { deployment_ids: [polled.id], limit: -1 });
    await due("null", { deployment_ids: [polled.id], scheduled_before: null, limit: null });
    await t.get("polled deployment", `/deployments/${polled.id}`);

    const scheduled = await t.deployment(flow.id, {
      name: "scheduled",
      schedules: [{ schedule: { interval: 3600, anchor_date: "2020-01-01T00:00:00Z" }, active: true }],
      tags: ["s"],
    });
    const runs = async (what: string) => {
      const list = { flow_runs: { deployment_id: { any_: [scheduled.id] } }, sort: "EXPECTED_START_TIME_ASC" };
      // The dates are exact, so the times of both servers are the same instants.
      const brief = (found: Answered[]) =>
        found.map(({ state_name, auto_scheduled, tags, idempotency_key, expected_start_time }) => ({
          state_name,
          auto_scheduled,
          tags: [...tags].sort(),
          key: idempotency_key?.slice(0, 9),
          expected_start_time,
        }));
      await t.post(what, "/flow_runs/filter", list, { as: brief });
    };
    const act = async (what: string, action: string, body?: unknown) => {
      await t.post(what, `/deployments/${scheduled.id}/${action}`, body);
      await runs(`runs after ${what}`);
    };
    await act("schedule", "schedule", {});
    await act("schedule again", "schedule");
    await act("schedule more", "schedule", { min_runs: 5, min_time: 60 });
    await act("schedule until", "schedule", { end_time: t.at(8 * 3600), min_runs: 10 });
    await act("schedule from", "schedule", { start_time: t.at(20 * 3600), max_runs: 2 });
    await act("schedule for a time", "schedule", { min_time: 36_000, min_runs: 1 });
    await create("by hand", { name: "hand 1" }, scheduled.id);
    await act("pause", "pause_deployment");
    await t.get("paused", `/deployments/${scheduled.id}`);
    await act("schedule while paused", "schedule", {});
    await act("resume", "resume_deployment");
    await t.get("resumed", `/deployments/${scheduled.id}`);
    await act("set inactive", "set_schedule_inactive");
    await act("set active", "set_schedule_active");
    await act("schedule once more", "schedule", {});
    await t.deployment(flow.id, {
      name: "scheduled",
      schedules: [{ schedule: { interval: 7200, anchor_date: "2020-01-01T00:00:00Z" }, active: true }],
    });
    await runs("runs after replacing");
    await act("schedule anew", "schedule", {});
    await t.patch("change tags", `/deployments/${scheduled.id}`, { tags: ["n"] });
    await runs("runs after changing");
    for (const action of ["pause_deployment", "resume_deployment", "schedule", "set_schedule_active"]) {
      await t.post(`${action} nobody`, `/deployments/${NOBODY}/${action}`, {});
    }
    await t.delete("delete", `/deployments/${scheduled.id}`);
    await runs("runs after deleting");
    const kept = await create("kept", { state: { type: "RUNNING" }, name: "k 1" }, polled.id);
    await t.delete("delete with a running one", `/deployments/${polled.id}`);
    await t.get("running one without deployment", `/flow_runs/${kept.id}`, { as: tagsSorted });
  },
};
