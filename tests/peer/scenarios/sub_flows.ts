/**
 * Sub-flows: the task run that stands for one in its parent.
 *
 * @module
 */

import type { Scenario } from "../lib/target.ts";

/** See the module's comment. */
export const subFlows: Scenario = {
  name: "sub_flows",
  async run(t) {
    const flow = await t.flow("parent");
    const child = await t.flow("child");
    const run = await t.flowRun(flow.id, { name: "p 1", state: { type: "RUNNING" } });
    const task = await t.taskRun(run.id, { name: "c 1", task_key: "child-1", state: { type: "PENDING" } });
    const sub = await t.post("sub-flow", "/flow_runs/", {
      flow_id: child.id,
      name: "s 1",
      parent_task_run_id: task.id,
      state: { type: "PENDING", state_details: { flow_run_id: run.id, task_run_id: task.id } },
    });
    const look = async (what: string) => {
      await t.get(`${what}: parent's task`, `/task_runs/${task.id}`);
      await t.get(`${what}: sub-flow`, `/flow_runs/${sub.id}`);
    };
    await look("pending");
    await t.state("running", "flow_runs", sub.id, "RUNNING");
    await look("running");
    await t.state("parent's task by hand", "task_runs", task.id, "FAILED");
    await t.state("completed", "flow_runs", sub.id, {
      type: "COMPLETED",
      data: { type: "literal", value: 1 },
      message: "done",
    });
    await look("completed");
    await t.state("running again", "flow_runs", sub.id, "RUNNING");
    await t.state("running again by force", "flow_runs", sub.id, "RUNNING", { force: true });
    await look("forced");
    await t.get("states of the parent's task", `/task_run_states/?task_run_id=${task.id}`);
    await t.state("parent cancelled", "flow_runs", run.id, "CANCELLED");
    await look("parent cancelled");

    const filter = { parent_task_run_id: { any_: [task.id] } };
    await t.post("sub-flows of a task", "/flow_runs/filter", { flow_runs: filter, sort: "EXPECTED_START_TIME_ASC" });
    await t.post("sub-flows of a run", "/flow_runs/filter", { flow_runs: { parent_flow_run_id: { any_: [run.id] } } });
    await t.post("tasks that are sub-flows", "/task_runs/filter", { task_runs: { subflow_runs: { exists_: true } } });
    await t.post("tasks that are none", "/task_runs/filter", { task_runs: { subflow_runs: { exists_: false } } });
    const suspended = await t.flowRun(child.id, {
      name: "s 2",
      parent_task_run_id: task.id,
      state: { type: "RUNNING" },
    });
    await t.state("suspend a sub-flow", "flow_runs", suspended.id, {
      type: "PAUSED",
      name: "Suspended",
      state_details: { pause_reschedule: true },
    });
    await t.delete("delete the parent's task", `/task_runs/${task.id}`);
    await t.get("sub-flow without its task", `/flow_runs/${sub.id}`);
    await t.delete("delete the parent", `/flow_runs/${run.id}`);
    await t.get("sub-flow without its parent", `/flow_runs/${sub.id}`);
  },
};
