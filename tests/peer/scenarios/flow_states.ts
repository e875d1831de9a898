/**
 * `set_state` of flow runs: each rule, in and out of its condition.
 *
 * @module
 */

import type { Scenario, Target } from "../lib/target.ts";

const NOBODY = "11111111-1111-4111-8111-111111111111";
const TYPES = [
  "SCHEDULED",
  "PENDING",
  "RUNNING",
  "PAUSED",
  "CANCELLING",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
  "CRASHED",
];

/** Every transition there is, with and without a deployment, by the rules and by force. */
async function everyTransition(t: Target, flowId: string, deploymentId: string): Promise<void> {
  for (const from of TYPES) {
    for (const to of TYPES) {
      for (const kind of ["plain", "deployed", "forced"]) {
        const run = kind === "deployed"
          ? await t.post("run", `/deployments/${deploymentId}/create_flow_run`, { state: { type: from } }, {
            quiet: true,
          })
          : await t.flowRun(flowId, { state: { type: from } });
        await t.state(`${kind} ${from} → ${to}`, "flow_runs", run.id, to, { force: kind === "forced" });
        await t.get(`run after ${kind} ${from} → ${to}`, `/flow_runs/${run.id}`);
      }
    }
  }
}

/** See the module's comment. */
export const flowStates: Scenario = {
  name: "flow_states",
  async run(t) {
    const flow = await t.flow("one");
    const deployment = await t.deployment(flow.id);
    await everyTransition(t, flow.id, deployment.id);
    const walk = async (what: string, body: Record<string, unknown>, ...states: unknown[]) => {
      const run = await t.flowRun(flow.id, body);
      for (const [i, state] of states.entries()) await t.state(`${what} ${i}`, "flow_runs", run.id, state);
      await t.get(`${what}: run`, `/flow_runs/${run.id}`);
      await t.get(`${what}: states`, `/flow_run_states/?flow_run_id=${run.id}`);
      return run;
    };

    await walk("whole life", {}, "RUNNING", "COMPLETED");
    const details = (more: Record<string, unknown>) => ({ state_details: more });
    const same = { type: "RUNNING", ...details({ transition_id: NOBODY }) };
    await walk("same transition id", {}, same, same, "COMPLETED");
    await walk("double pending", { state: { type: "SCHEDULED" } }, "PENDING", "PENDING", "SCHEDULED", "PENDING");
    const later = () => ({ state: { type: "SCHEDULED", ...details({ scheduled_time: t.soon(100) }) } });
    await walk("waits", later(), "RUNNING", "PENDING", "RUNNING", "PENDING", "CANCELLING", "CANCELLED");
    await walk(
      "pending with its own time",
      later(),
      { type: "PENDING", ...details({ scheduled_time: t.at(-5) }) },
      "RUNNING",
    );
    await walk(
      "scheduled in the past",
      { state: { type: "SCHEDULED", ...details({ scheduled_time: t.soon(-100) }) } },
      "RUNNING",
    );
    await walk("late of scheduled", later(), {
      type: "SCHEDULED",
      name: "Late",
      ...details({ scheduled_time: t.at(100) }),
    });
    await walk("late of running", { state: { type: "RUNNING" } }, { type: "SCHEDULED", name: "Late" });
    const retries = (policy: Record<string, unknown>) => ({ empirical_policy: policy });
    const failed = { type: "FAILED", message: "broken", data: { type: "literal", value: 3 } };
    await walk(
      "retries",
      retries({ retries: 2, retry_delay: 0 }),
      "RUNNING",
      failed,
      "RUNNING",
      failed,
      "RUNNING",
      failed,
      "RUNNING",
    );
    await walk("retries with delay", retries({ retries: 1, retry_delay: 30 }), "RUNNING", failed, "RUNNING");
    await walk("old retries", retries({ max_retries: 1, retry_delay_seconds: 20 }), "RUNNING", failed, "RUNNING");
    await walk("zero retries", retries({ retries: 0 }), "RUNNING", failed);
    await walk("crashes are not retried", retries({ retries: 1 }), "RUNNING", "CRASHED", "RUNNING");
    await walk("failed before running", retries({ retries: 1 }), failed);
    await walk("pid and cancelling", { state: { type: "SCHEDULED" } }, "CANCELLING", "RUNNING", "CANCELLED");
    const results = [
      { type: "literal", value: 1 },
      { type: "unpersisted", artifact_type: "result", artifact_description: "Unpersisted result" },
      { type: "reference", storage_key: "k", storage_block_id: NOBODY, serializer_type: "pickle" },
      { type: "unknown" },
      {},
      [],
      [1, 2],
      "text",
      "",
      5,
      0,
      false,
      null,
    ];
    for (const [i, data] of results.entries()) {
      await walk(`completed with data ${i}, then running`, {}, "RUNNING", { type: "COMPLETED", data }, "RUNNING");
      await walk(`failed with data ${i}, then completed`, {}, "RUNNING", { type: "FAILED", data }, {
        type: "COMPLETED",
        data,
      });
      // Not at once: Prefect cannot create a run whose state has data (503).
      const run = await t.flowRun(flow.id);
      await t.state(`failed with data ${i}`, "flow_runs", run.id, { type: "FAILED", data });
      await t.state(`failed with data ${i}, forced to completed`, "flow_runs", run.id, { type: "COMPLETED", data }, {
        force: true,
      });
      await t.get(`forced data ${i}`, `/flow_runs/${run.id}`);
    }
    await walk("names", {}, { type: "RUNNING", name: "Working" }, { type: "COMPLETED", name: "Fine" });
    await walk("name null", {}, { type: "RUNNING", name: null, message: null, data: null });
    await walk("all details", {}, {
      type: "RUNNING",
      ...details({
        flow_run_id: NOBODY,
        task_run_id: NOBODY,
        child_flow_run_id: NOBODY,
        cache_key: "k",
        cache_expiration: t.at(50),
        untrackable_result: true,
        pause_timeout: t.at(50),
        pause_reschedule: true,
        pause_key: "p",
        run_input_keyset: { a: "b" },
        refresh_cache: true,
        retriable: false,
        task_parameters_id: NOBODY,
      }),
    });

    const deployed = await t.post("deployed", `/deployments/${deployment.id}/create_flow_run`, {}, { quiet: true });
    await t.patch("its pid", `/flow_runs/${deployed.id}`, { infrastructure_pid: "h:1" });
    await t.state("cancelling with a pid", "flow_runs", deployed.id, "CANCELLING");
    await t.state("cancelled with a pid", "flow_runs", deployed.id, "CANCELLED");
    await t.state("rescheduled after cancelled", "flow_runs", deployed.id, "SCHEDULED");

    const run = await t.flowRun(flow.id, { state: { type: "RUNNING" } });
    const path = `/flow_runs/${run.id}/set_state`;
    await t.state("an empty name", "flow_runs", run.id, { type: "PENDING", name: "" });
    await t.state("null details", "flow_runs", run.id, { type: "PENDING", state_details: null });
    await t.state("nobody", "flow_runs", NOBODY, "RUNNING");
    await t.state("nonsense", "flow_runs", "nonsense", "RUNNING");
    await t.state("unknown type", "flow_runs", run.id, "BOGUS");
    await t.state("lower case type", "flow_runs", run.id, "running");
    await t.post("no state", path, {});
    await t.post("null state", path, { state: null });
    await t.post("no body", path);
    await t.post("null force", path, { state: { type: "RUNNING" }, force: null });
    await t.post("unknown key beside", path, { state: { type: "RUNNING" }, bogus: 1 });
    await t.post("unknown key inside", path, { state: { type: "RUNNING", bogus: 1 } });
    await t.post("unknown details", path, { state: { type: "RUNNING", state_details: { bogus: 1 } } });
    await t.post("force that is a text", path, { state: { type: "RUNNING" }, force: "yes" });
  },
};
