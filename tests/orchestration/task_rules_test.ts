import assert from "node:assert/strict";
import type { StateType } from "../../src/domain/states.ts";
import { test } from "../testing/test.ts";
import { type Proposal, type TestStore, testStore } from "../store/support.ts";

const aTask = async (t: TestStore, body: Parameters<TestStore["aTaskRun"]>[0] = {}, flow: Proposal = "RUNNING") => {
  const flowRun = await t.aFlowRun({ state: flow });
  return await t.aTaskRun({ ...body, flow_run_id: flowRun.id });
};
const withResult = (type: string): Proposal => ({ type: "COMPLETED", data: { type } });
const stopped = "The enclosing flow must be running to begin task execution.";

for (
  const { given, proposed, answer, reason } of [
    { given: "COMPLETED", proposed: "CRASHED", answer: "ABORT", reason: "Run is already COMPLETED." },
    { given: "FAILED", proposed: "CANCELLING", answer: "ABORT", reason: "Run is already FAILED." },
    { given: withResult("reference"), proposed: "RUNNING", answer: "REJECT", reason: "This run is already completed." },
    { given: withResult("unpersisted"), proposed: "RUNNING", answer: "ACCEPT" },
    { given: "PENDING", proposed: "RUNNING", answer: "ACCEPT" },
    { given: "RUNNING", proposed: "PENDING", answer: "ACCEPT" },
    {
      given: { type: "SCHEDULED", state_details: { scheduled_time: "2026-11-21T23:00:00Z" } },
      proposed: "RUNNING",
      answer: "WAIT",
      reason: "Scheduled time is in the future",
    },
  ] as { given: Proposal; proposed: StateType; answer: string; reason?: string }[]
) {
  const from = typeof given === "string"
    ? given
    : `${given.type} with ${JSON.stringify(given.data ?? given.state_details)}`;
  test(`a task run that is ${from} and asked to become ${proposed} is answered ${answer}`, async () => {
    await using t = await testStore();
    const task = await aTask(t, { state: given });
    const outcome = await t.moveTask(task.id, proposed);
    assert.equal(outcome.status, answer);
    if ("reason" in outcome.details) assert.equal(outcome.details.reason, reason);
    assert.equal(outcome.written, answer === "ACCEPT");
  });
}

for (const type of ["PENDING", "COMPLETED", "CANCELLING", "SCHEDULED"] as const) {
  test(`a task does not begin in a flow run that is ${type}`, async () => {
    await using t = await testStore();
    const task = await aTask(t, {}, type);
    assert.deepEqual((await t.moveTask(task.id, "RUNNING")).details, { type: "abort_details", reason: stopped });
  });
}

test("under a paused flow a task pauses too, for as long", async () => {
  await using t = await testStore();
  const pause_timeout = "2026-11-21T23:00:00.000000+00:00";
  const task = await aTask(t, {}, { type: "PAUSED", state_details: { pause_timeout, pause_reschedule: true } });
  const { status, state, details } = await t.moveTask(task.id, "RUNNING");
  assert.deepEqual([status, state?.type, state?.name], ["REJECT", "PAUSED", "NotReady"]);
  assert.deepEqual([state?.state_details.pause_timeout, state?.state_details.pause_reschedule], [pause_timeout, true]);
  const reason = `The flow is paused, new tasks can execute after resuming flow run: ${task.flow_run_id}.`;
  assert.deepEqual(details, { type: "reject_details", reason });
});

test("delays between retries come from the list, its last one repeats, and names tell what happens", async () => {
  await using t = await testStore();
  const task = await aTask(t, { empirical_policy: { retries: 3, retry_delay: [1, 5] } });
  await t.moveTask(task.id, "RUNNING");
  for (const delay of [1, 5, 5]) {
    const failed = await t.moveTask(task.id, "FAILED");
    assert.deepEqual([failed.status, failed.state?.name], ["REJECT", "AwaitingRetry"]);
    const due = Temporal.Instant.from(failed.state!.state_details.scheduled_time!);
    assert.equal(due.since(t.given().now).total("seconds"), delay);
    t.pass(delay);
    const again = await t.moveTask(task.id, "RUNNING");
    assert.deepEqual([again.status, again.state?.name], ["ACCEPT", "Retrying"]);
  }
  assert.equal((await t.moveTask(task.id, "FAILED")).status, "ACCEPT");
});

test("a jittered delay stays within its factor", async () => {
  await using t = await testStore();
  const delays = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const task = await aTask(t, { empirical_policy: { retries: 1, retry_delay: 100, retry_jitter_factor: 0.5 } });
    await t.moveTask(task.id, "RUNNING");
    const { state } = await t.moveTask(task.id, "FAILED");
    delays.add(Temporal.Instant.from(state!.state_details.scheduled_time!).since(t.given().now).total("seconds"));
  }
  assert.ok(delays.size > 10);
  for (const delay of delays) assert.ok(delay > 0 && delay <= 150.001, String(delay));
});

test("a failure that the client calls not retriable is final", async () => {
  await using t = await testStore();
  const task = await aTask(t, { empirical_policy: { retries: 3 } });
  await t.moveTask(task.id, "RUNNING");
  assert.equal((await t.moveTask(task.id, { type: "FAILED", state_details: { retriable: false } })).status, "ACCEPT");
});

test("a task that runs again without having failed is rerunning", async () => {
  await using t = await testStore();
  const task = await aTask(t);
  await t.moveTask(task.id, "RUNNING");
  assert.equal((await t.moveTask(task.id, "RUNNING")).state?.name, "Rerunning");
});

test("when its flow is retried a failed task has all its retries again, and remembers the try", async () => {
  await using t = await testStore();
  const flowRun = await t.aFlowRun({ empirical_policy: { retries: 1 } });
  await t.move(flowRun.id, "RUNNING");
  const task = await t.aTaskRun({ flow_run_id: flowRun.id, empirical_policy: { retries: 1 } });
  const [running, failed] = ["RUNNING", "FAILED"] as const;
  for (const state of [running, failed, running, failed] as const) await t.moveTask(task.id, state);
  assert.equal((await t.move(flowRun.id, "FAILED")).state?.name, "AwaitingRetry");
  await t.move(flowRun.id, "RUNNING");
  assert.equal((await t.moveTask(task.id, "RUNNING")).state?.name, "Retrying");
  assert.equal((await t.moveTask(task.id, "FAILED")).state?.name, "AwaitingRetry");
});

test("a kept result is taken from the cache by any task with its key, until it expires or is refreshed", async () => {
  await using t = await testStore();
  const key = { cache_key: "k" };
  const first = await aTask(t);
  await t.moveTask(first.id, { type: "RUNNING", state_details: key });
  const expiration = "2026-11-21T23:00:00Z";
  const data = { type: "reference", storage_key: "x" };
  await t.moveTask(first.id, { type: "COMPLETED", data, state_details: { ...key, cache_expiration: expiration } });
  const ask = async (details: object = key) => {
    const task = await aTask(t);
    return await t.moveTask(task.id, { type: "RUNNING", state_details: details });
  };
  const hit = await ask();
  assert.deepEqual([hit.status, hit.state?.type, hit.state?.name], ["REJECT", "COMPLETED", "Cached"]);
  assert.deepEqual([hit.details, hit.state?.data], [
    { type: "reject_details", reason: "Retrieved state from cache" },
    data,
  ]);
  assert.notEqual(hit.state?.state_details.task_run_id, first.id);
  assert.equal((await ask({ cache_key: "other" })).status, "ACCEPT");
  assert.equal((await ask({ ...key, refresh_cache: true })).status, "ACCEPT");
  t.pass(3600);
  assert.equal((await ask()).status, "ACCEPT");
});

test("a task without a flow run cannot be taken twice", async () => {
  await using t = await testStore();
  const task = await t.aTaskRun({ state: "SCHEDULED" });
  assert.equal((await t.moveTask(task.id, "PENDING")).status, "ACCEPT");
  assert.equal((await t.moveTask(task.id, "PENDING")).status, "ABORT");
});
