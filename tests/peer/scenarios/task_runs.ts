/**
 * Task runs: creating, reading, changing, deleting.
 *
 * @module
 */

import type { Scenario } from "../lib/target.ts";

const NOBODY = "11111111-1111-4111-8111-111111111111";

/** See the module's comment. */
export const taskRuns: Scenario = {
  name: "task_runs",
  async run(t) {
    const flow = await t.flow("one");
    const run = await t.flowRun(flow.id, { state: { type: "RUNNING" } });
    const make = (what: string, body: Record<string, unknown>) =>
      t.post(what, "/task_runs/", { flow_run_id: run.id, task_key: "add", ...body });

    const task = await make("task run", { dynamic_key: "0" });
    await make("the same keys again", { dynamic_key: "0", name: "other", state: { type: "RUNNING" } });
    await make("with everything", {
      dynamic_key: "1",
      name: "add 1",
      cache_key: "c",
      cache_expiration: t.at(100),
      task_version: "v",
      empirical_policy: { retries: 2, retry_delay: [1, 2], retry_jitter_factor: 0.5 },
      tags: ["b", "a", "b"],
      task_inputs: {
        x: [{ input_type: "task_run", id: task.id }, { input_type: "parameter", name: "p" }],
        y: [{ input_type: "constant", type: "int" }],
        z: [],
      },
      state: { type: "SCHEDULED", state_details: { scheduled_time: t.at(50) } },
    });
    const nulls: Record<string, null> = {};
    for (
      const key of [
        "name",
        "cache_key",
        "cache_expiration",
        "task_version",
        "empirical_policy",
        "tags",
        "task_inputs",
        "state",
      ]
    ) {
      nulls[key] = null;
    }
    await make("nulls", { dynamic_key: "2", ...nulls });
    await make("an id of its own", { dynamic_key: "3", id: "22222222-2222-4222-8222-222222222222" });
    await make("the same id again", { dynamic_key: "4", id: "22222222-2222-4222-8222-222222222222" });
    await make("unknown key", { dynamic_key: "5", bogus: 1 });
    await make("unknown input", { dynamic_key: "6", task_inputs: { x: [{ input_type: "bogus" }] } });
    await make("old policy", { dynamic_key: "7", empirical_policy: { max_retries: 2, retry_delay_seconds: 3 } });
    await make("delay that is a list", { dynamic_key: "8", empirical_policy: { retries: 1, retry_delay: [1.5] } });
    await make("no dynamic key", {});
    await make("number for a dynamic key", { dynamic_key: 9 });
    await t.post("no task key", "/task_runs/", { flow_run_id: run.id, dynamic_key: "0" });
    await t.post("unknown flow run", "/task_runs/", { flow_run_id: NOBODY, task_key: "add", dynamic_key: "0" });
    await t.post("without a flow run", "/task_runs/", {
      flow_run_id: null,
      task_key: "add",
      dynamic_key: "0",
      name: "a 1",
    });
    await t.post("without a flow run, again", "/task_runs/", { task_key: "add", dynamic_key: "0", name: "a 2" });
    for (const type of ["PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED", "CRASHED", "PAUSED", "CANCELLING"]) {
      await make(`state ${type}`, { dynamic_key: `s${type}`, name: `s ${type}`, state: { type } });
    }

    await t.get("read", `/task_runs/${task.id}`);
    await t.get("read nobody", `/task_runs/${NOBODY}`);
    await t.get("read nonsense", "/task_runs/nonsense");
    const states = await t.get("states", `/task_run_states/?task_run_id=${task.id}`);
    if (states.length > 0) await t.get("one state", `/task_run_states/${states[0].id}`);
    await t.get("no state", `/task_run_states/${NOBODY}`);
    await t.get("states of nobody", `/task_run_states/?task_run_id=${NOBODY}`);
    await t.get("states of nothing", "/task_run_states/");

    await t.patch("rename", `/task_runs/${task.id}`, { name: "renamed 1" });
    await t.patch("rename with unknown key", `/task_runs/${task.id}`, { name: "renamed 1", bogus: 1 });
    await t.patch("change nothing", `/task_runs/${task.id}`, {});
    await t.patch("rename nobody", `/task_runs/${NOBODY}`, { name: "x" });
    await t.get("read renamed", `/task_runs/${task.id}`, { as: ({ updated: _, ...rest }) => rest });
    await t.patch("rename to null", `/task_runs/${task.id}`, { name: null });
    await t.delete("delete", `/task_runs/${task.id}`);
    await t.delete("delete again", `/task_runs/${task.id}`);
    await t.get("states of a deleted one", `/task_run_states/?task_run_id=${task.id}`);
  },
};
