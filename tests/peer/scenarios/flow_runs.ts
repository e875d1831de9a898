/**
 * Flow runs: creating, reading, changing, deleting.
 *
 * @module
 */

import type { Scenario } from "../lib/target.ts";

const NOBODY = "11111111-1111-4111-8111-111111111111";

/** See the module's comment. */
export const flowRuns: Scenario = {
  name: "flow_runs",
  async run(t) {
    const flow = await t.flow("one");
    const make = (what: string, body: Record<string, unknown>) =>
      t.post(what, "/flow_runs/", { flow_id: flow.id, ...body });

    const run = await make("run with nothing", {});
    await make("run with everything", {
      name: "named 1",
      parameters: { x: 1, y: [1, { z: null }], "é": 1.5 },
      context: { a: 1 },
      tags: ["b", "a", "b"],
      flow_version: "v1",
      empirical_policy: { retries: 2, retry_delay: 1.5 },
      idempotency_key: "once",
      state: { type: "RUNNING", message: "hello", data: { type: "unpersisted" } },
    });
    await make("the same key again", { name: "named 2", idempotency_key: "once", state: { type: "COMPLETED" } });
    await make("nulls", {
      name: null,
      parameters: null,
      context: null,
      tags: null,
      flow_version: null,
      empirical_policy: null,
      idempotency_key: null,
      state: null,
      parent_task_run_id: null,
      deployment_id: null,
    });
    await make("an empty name", { name: "" });
    await make("unknown key", { bogus: 1 });
    await make("unknown deployment", { deployment_id: NOBODY });
    await make("unknown parent", { parent_task_run_id: NOBODY });
    await make("work pool that does not exist", { work_pool_name: "nobody" });
    await make("job variables", { job_variables: { a: 1 } });
    await t.post("unknown flow", "/flow_runs/", { flow_id: NOBODY });
    await t.post("no flow", "/flow_runs/", {});
    await t.post("nonsense flow", "/flow_runs/", { flow_id: "x" });
    await make("parameters that are a list", { parameters: [] });
    await make("policy with an unknown key", { empirical_policy: { bogus: 1 } });
    await make("policy with negative retries", { empirical_policy: { retries: -1 } });
    await make("policy with old keys", { empirical_policy: { max_retries: 3, retry_delay_seconds: 4 } });

    for (
      const type of [
        "SCHEDULED",
        "PENDING",
        "RUNNING",
        "PAUSED",
        "CANCELLING",
        "COMPLETED",
        "FAILED",
        "CANCELLED",
        "CRASHED",
      ]
    ) {
      const made = await make(`state ${type}`, { name: `s ${type}`, state: { type } });
      await t.get(`states of ${type}`, `/flow_run_states/?flow_run_id=${made.id}`);
    }
    await make("scheduled for later", {
      state: { type: "SCHEDULED", state_details: { scheduled_time: t.at(3600) } },
    });
    await make("scheduled for earlier", {
      state: { type: "SCHEDULED", name: "Late", state_details: { scheduled_time: t.at(-60) } },
    });
    await make("state with own id and time", {
      state: { type: "RUNNING", id: NOBODY, timestamp: "2020-01-01T00:00:00Z" },
    });
    await make("state with an unknown type", { state: { type: "BOGUS" } });
    await make("state with an unknown key", { state: { type: "RUNNING", bogus: 1 } });
    await make("state with unknown details", { state: { type: "RUNNING", state_details: { bogus: 1 } } });

    await t.get("read", `/flow_runs/${run.id}`);
    await t.get("read nobody", `/flow_runs/${NOBODY}`);
    await t.get("read nonsense", "/flow_runs/nonsense");
    const states = await t.get("states", `/flow_run_states/?flow_run_id=${run.id}`);
    await t.get("one state", `/flow_run_states/${states[0].id}`);
    await t.get("no state", `/flow_run_states/${NOBODY}`);
    await t.get("states of nobody", `/flow_run_states/?flow_run_id=${NOBODY}`);
    await t.get("states of nonsense", "/flow_run_states/?flow_run_id=x");
    await t.get("states of nothing", "/flow_run_states/");

    await t.patch("change", `/flow_runs/${run.id}`, {
      name: "changed 1",
      flow_version: "v2",
      parameters: { p: 1 },
      empirical_policy: { retries: 1, pause_keys: ["k"] },
      tags: ["t"],
      infrastructure_pid: "host:1",
    });
    await t.get("read changed", `/flow_runs/${run.id}`);
    await t.patch("change one thing", `/flow_runs/${run.id}`, { tags: [] });
    await t.get("read changed thing", `/flow_runs/${run.id}`);
    await t.patch("change to nulls", `/flow_runs/${run.id}`, {
      flow_version: null,
      infrastructure_pid: null,
    });
    await t.patch("change to nulls that cannot be", `/flow_runs/${run.id}`, { name: null, tags: null });
    await t.get("read nulls", `/flow_runs/${run.id}`);
    await t.patch("change nothing", `/flow_runs/${run.id}`, {});
    await t.patch("change without body", `/flow_runs/${run.id}`);
    await t.patch("change what cannot be changed", `/flow_runs/${run.id}`, { run_count: 7 });
    await t.patch("change nobody", `/flow_runs/${NOBODY}`, { name: "x" });
    await t.patch("change job variables of a pending run", `/flow_runs/${run.id}`, { job_variables: { a: 1 } });
    await t.patch("change job variables of nobody", `/flow_runs/${NOBODY}`, { job_variables: { a: 1 } });
    await t.get("graph", `/flow_runs/${run.id}/graph`, { as: (graph) => Array.isArray(graph) });

    const task = await t.taskRun(run.id, { name: "t 1" });
    await t.delete("delete", `/flow_runs/${run.id}`);
    await t.delete("delete again", `/flow_runs/${run.id}`);
    await t.get("task run of a deleted run", `/task_runs/${task.id}`);
    await t.get("states of a deleted run", `/flow_run_states/?flow_run_id=${run.id}`);
    await t.post("resume nobody", `/flow_runs/${NOBODY}/resume`, {});
    const other = await t.flowRun(flow.id, { name: "o 1", state: { type: "RUNNING" } });
    await t.post("resume what is not paused", `/flow_runs/${other.id}/resume`, {});
    await t.post("resume without a body", `/flow_runs/${other.id}/resume`);
  },
};
