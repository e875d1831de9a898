import assert from "node:assert/strict";
import { readTaskRun } from "../../src/store/task_runs.ts";
import { flowRunStates, taskRunStates } from "../../src/store/states.ts";
import { test } from "../testing/test.ts";
import { testStore } from "../store/support.ts";

test("times and counts follow the states of a run", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun({
    state: { type: "SCHEDULED", state_details: { scheduled_time: "2026-11-21T22:00:00Z" } },
  });
  const due = "2026-11-21T22:00:00.000000+00:00";
  const books = async () => {
    const run = await t.run(id);
    return [
      run.expected_start_time,
      run.next_scheduled_start_time,
      run.start_time,
      run.end_time,
      run.total_run_time,
      run.run_count,
    ];
  };
  const stamp = async () => (await t.run(id)).state!.timestamp;
  assert.deepEqual(await books(), [due, due, null, null, 0, 0]);
  await t.move(id, "PENDING");
  assert.deepEqual(await books(), [due, null, null, null, 0, 0]);
  t.pass(1);
  await t.move(id, "RUNNING");
  const start = await stamp();
  assert.deepEqual(await books(), [due, null, start, null, 0, 1]);
  t.pass(2);
  await t.move(id, "RUNNING");
  assert.deepEqual(await books(), [due, null, start, null, 2, 2], "from RUNNING to RUNNING the time counts too");
  t.pass(3);
  await t.move(id, "FAILED");
  const end = await stamp();
  assert.deepEqual(await books(), [due, null, start, end, 5, 2]);
  t.pass(4);
  await t.move(id, "RUNNING");
  assert.deepEqual(await books(), [due, null, start, null, 5, 3], "it has no end any more, and the wait did not count");
});

test("a run that never began and is cancelled has no end", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun({ state: "SCHEDULED" });
  await t.move(id, "CANCELLING");
  const run = await t.run(id);
  assert.deepEqual([run.state_type, run.start_time, run.end_time], ["CANCELLED", null, null]);
});

test("the history has every state in order, also when the machine's clock was set back", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun();
  await t.move(id, "RUNNING");
  t.pass(-3600);
  await t.move(id, "COMPLETED");
  const states = await flowRunStates.list(t.store.read, id);
  assert.deepEqual(states.map((state) => state.type), ["PENDING", "RUNNING", "COMPLETED"]);
  assert.equal((await t.run(id)).total_run_time, 0);
});

test("unpersisted results are told and not kept, others are kept", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun();
  const told = await t.move(id, { type: "COMPLETED", data: { type: "unpersisted", artifact_type: "result" } });
  assert.deepEqual(told.state?.data, { type: "unpersisted", artifact_type: "result" });
  assert.equal((await t.run(id)).state?.data, null);
  for (const data of [{ type: "literal", value: 1 }, [1, null], "text", 0, false]) {
    await t.move(id, { type: "COMPLETED", data }, { force: true });
    assert.deepEqual((await t.run(id)).state?.data, data);
  }
});

test("a state bears the ids of the runs that it belongs to, whatever the client says", async () => {
  await using t = await testStore();
  const run = await t.aFlowRun();
  const task = await t.aTaskRun({ flow_run_id: run.id });
  const other = "11111111-1111-4111-8111-111111111111";
  const { state } = await t.move(run.id, { type: "RUNNING", state_details: { flow_run_id: other } });
  assert.equal(state?.state_details.flow_run_id, run.id);
  const moved = await t.moveTask(task.id, {
    type: "RUNNING",
    state_details: { flow_run_id: other, task_run_id: other },
  });
  assert.deepEqual([moved.state?.state_details.flow_run_id, moved.state?.state_details.task_run_id], [run.id, task.id]);
});

test("the task run that stands for a sub-flow follows it, also where its own rules would forbid it", async () => {
  await using t = await testStore();
  const parent = await t.aFlowRun({ state: "COMPLETED" });
  const task = await t.aTaskRun({ flow_run_id: parent.id });
  const child = await t.aFlowRun({ parent_task_run_id: task.id });
  await t.move(child.id, "RUNNING");
  await t.move(child.id, { type: "FAILED", message: "boom", name: "TimedOut" });
  const followed = await readTaskRun(t.store.read, task.id, t.given().now);
  assert.deepEqual([followed.state?.type, followed.state?.name, followed.state?.message], [
    "FAILED",
    "TimedOut",
    "boom",
  ]);
  assert.equal(followed.state?.state_details.child_flow_run_id, child.id);
  assert.equal(followed.run_count, 1);
  const states = await taskRunStates.list(t.store.read, task.id);
  assert.deepEqual(states.map(({ type }) => type), ["PENDING", "PENDING", "RUNNING", "FAILED"]);
  assert.equal((await t.run(child.id)).state?.state_details.task_run_id, task.id);
});

test("an idempotency key makes one run of a flow, and the same key in another flow another", async () => {
  await using t = await testStore();
  const flow = await t.aFlow();
  const one = await t.aFlowRun({ flow_id: flow.id, idempotency_key: "k", name: "first" });
  const two = await t.aFlowRun({ flow_id: flow.id, idempotency_key: "k", name: "second", state: "RUNNING" });
  assert.deepEqual(two, one);
  const other = await t.aFlow("other");
  assert.notEqual((await t.aFlowRun({ flow_id: other.id, idempotency_key: "k" })).id, one.id);
});

test("a task run is found again by its keys, and a run of a flow that is not there is refused", async () => {
  await using t = await testStore();
  const run = await t.aFlowRun();
  const keys = { flow_run_id: run.id, task_key: "k", dynamic_key: "0" };
  assert.equal((await t.aTaskRun(keys)).id, (await t.aTaskRun(keys)).id);
  const nobody = "11111111-1111-4111-8111-111111111111";
  await assert.rejects(t.aFlowRun({ flow_id: nobody }), { code: "conflict" });
  await assert.rejects(t.aTaskRun({ flow_run_id: nobody }), { code: "conflict" });
});

test("a run without a name gets two words", async () => {
  await using t = await testStore();
  assert.match((await t.aFlowRun()).name, /^[a-z]+-[a-z]+$/);
});
