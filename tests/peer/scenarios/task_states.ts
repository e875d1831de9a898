/**
 * `set_state` of task runs: each rule, in and out of its condition.
 *
 * @module
 */

import type { Scenario } from "../lib/target.ts";

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

/** See the module's comment. */
export const taskStates: Scenario = {
  name: "task_states",
  async run(t) {
    const flow = await t.flow("one");
    const run = await t.flowRun(flow.id, { state: { type: "RUNNING" } });
    let key = 0;
    const make = (body: Record<string, unknown> = {}, flowRun: string | null = run.id) =>
      t.taskRun(flowRun, { dynamic_key: `${key++}`, name: `t ${key}`, ...body });
    for (const from of TYPES) {
      for (const to of TYPES) {
        for (const kind of ["plain", "lone", "forced"]) {
          const task = await make({ state: { type: from } }, kind === "lone" ? null : run.id);
          await t.state(`${kind} ${from} → ${to}`, "task_runs", task.id, to, { force: kind === "forced" });
          await t.get(`task after ${kind} ${from} → ${to}`, `/task_runs/${task.id}`);
        }
      }
    }
    for (const type of TYPES) {
      const other = await t.flowRun(flow.id, { state: { type } });
      const task = await make({}, other.id);
      await t.state(`running in a flow that is ${type}`, "task_runs", task.id, "RUNNING");
      await t.state(`completed in a flow that is ${type}`, "task_runs", task.id, "COMPLETED");
    }
    const walk = async (what: string, body: Record<string, unknown>, ...states: unknown[]) => {
      const task = await make(body);
      for (const [i, state] of states.entries()) await t.state(`${what} ${i}`, "task_runs", task.id, state);
      await t.get(`${what}: task`, `/task_runs/${task.id}`);
      await t.get(`${what}: states`, `/task_run_states/?task_run_id=${task.id}`);
      return task;
    };
    const policy = (empirical_policy: Record<string, unknown>) => ({ empirical_policy });
    const failed = { type: "FAILED", message: "broken", data: { type: "literal", value: 3 } };
    await walk("no state, then running", {}, "RUNNING", "COMPLETED");
    await walk(
      "retries",
      policy({ retries: 2, retry_delay: 0 }),
      "RUNNING",
      failed,
      "RUNNING",
      failed,
      "RUNNING",
      failed,
    );
    await walk(
      "retries with delays",
      policy({ retries: 3, retry_delay: [0, 30] }),
      "RUNNING",
      failed,
      "RUNNING",
      failed,
      "RUNNING",
    );
    await walk("old retries", policy({ max_retries: 1, retry_delay_seconds: 20 }), "RUNNING", failed, "RUNNING");
    await walk("not retriable", policy({ retries: 2 }), "RUNNING", { ...failed, state_details: { retriable: false } });
    await walk("retriable", policy({ retries: 2 }), "RUNNING", { ...failed, state_details: { retriable: true } });
    await walk("rerun", {}, "RUNNING", "FAILED", "RUNNING", "COMPLETED", "RUNNING");
    await walk("running twice", {}, "RUNNING", "RUNNING");
    const same = { type: "RUNNING", state_details: { transition_id: NOBODY } };
    await walk("same transition id", {}, same, same);
    await walk(
      "waits",
      { state: { type: "SCHEDULED", state_details: { scheduled_time: t.soon(100) } } },
      "RUNNING",
      "PENDING",
      "RUNNING",
    );
    for (const [i, data] of [{ type: "literal", value: 1 }, { type: "unpersisted" }, null].entries()) {
      await walk(
        `completed with data ${i}`,
        {},
        "RUNNING",
        { type: "COMPLETED", data },
        "RUNNING",
        "COMPLETED",
        "FAILED",
      );
    }

    const cached = (type: string, details: Record<string, unknown>, data?: unknown) => ({
      type,
      ...(data === undefined ? {} : { data }),
      state_details: details,
    });
    const value = { type: "reference", serializer_type: "pickle", storage_block_id: NOBODY, storage_key: "s" };
    await walk(
      "puts in cache",
      {},
      cached("RUNNING", { cache_key: "c" }),
      cached("COMPLETED", { cache_key: "c" }, value),
    );
    await walk("finds in cache", {}, cached("RUNNING", { cache_key: "c" }), "RUNNING");
    await walk("refreshes cache", {}, cached("RUNNING", { cache_key: "c", refresh_cache: true }));
    await walk("another key", {}, cached("RUNNING", { cache_key: "d" }));
    await walk(
      "puts for a time that is over",
      {},
      "RUNNING",
      cached("COMPLETED", { cache_key: "e", cache_expiration: t.at(-5) }, value),
    );
    await walk("finds nothing that is over", {}, cached("RUNNING", { cache_key: "e" }));
    await walk(
      "puts for a time",
      {},
      "RUNNING",
      cached("COMPLETED", { cache_key: "f", cache_expiration: t.at(500) }, value),
    );
    await walk("finds what is valid", {}, cached("RUNNING", { cache_key: "f" }));
    await walk("puts again", {}, cached("COMPLETED", { cache_key: "c" }, { type: "literal", value: "newer" }));
    await walk("finds the newest", {}, cached("RUNNING", { cache_key: "c" }));
    await walk("failed puts nothing", {}, "RUNNING", cached("FAILED", { cache_key: "g" }, value));
    await walk("finds nothing of a failure", {}, cached("RUNNING", { cache_key: "g" }));

    const retried = await t.flowRun(flow.id, { state: { type: "RUNNING" }, empirical_policy: { retries: 1 } });
    const task = await make({}, retried.id);
    await t.state("task of a flow", "task_runs", task.id, "RUNNING");
    await t.state("it fails", "task_runs", task.id, "FAILED");
    await t.state("flow fails", "flow_runs", retried.id, "FAILED");
    await t.state("flow runs again", "flow_runs", retried.id, "RUNNING");
    await t.state("task of a retried flow", "task_runs", task.id, "RUNNING");
    await t.get("task of a retried flow: task", `/task_runs/${task.id}`);

    const path = `/task_runs/${task.id}/set_state`;
    await t.state("nobody", "task_runs", NOBODY, "RUNNING");
    await t.state("unknown type", "task_runs", task.id, "BOGUS");
    await t.post("no state", path, {});
    await t.post("no body", path);
    await t.post("unknown key inside", path, { state: { type: "RUNNING", bogus: 1 } });
  },
};
