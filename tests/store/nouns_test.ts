import assert from "node:assert/strict";
import { bundleHash } from "../../src/domain/bundles.ts";
import { LogCreate } from "../../src/domain/logs.ts";
import { bundleExists, putBundle, readBundle } from "../../src/store/bundles.ts";
import type { Change } from "../../src/store/database.ts";
import { deleteDeployment, findDeployment } from "../../src/store/deployments.ts";
import { createFlow, deleteFlow, findFlow, readFlowByName, updateFlow } from "../../src/store/flows.ts";
import { deleteFlowRun, findFlowRun, updateFlowRun } from "../../src/store/flow_runs.ts";
import { createLogs, listLogs } from "../../src/store/logs.ts";
import { flowRunStates } from "../../src/store/states.ts";
import { deleteTaskRun, findTaskRun } from "../../src/store/task_runs.ts";
import { test } from "../testing/test.ts";
import { testStore } from "./support.ts";

const log = (flow_run_id: string, message: string, key?: string) =>
  LogCreate.parse({ name: "n", level: 20, message, timestamp: "2026-11-21T00:00:00Z", flow_run_id, key });

test("a flow is found by project and name, and the same name in two projects is two flows", async () => {
  await using t = await testStore();
  const [one, two, again] = [await t.aFlow("f"), await t.aFlow("f", "other"), await t.aFlow("f", "other")];
  assert.notEqual(one.id, two.id);
  assert.equal(again.id, two.id);
  assert.equal((await readFlowByName(t.store.read, "f", "other")).project, "other");
  await assert.rejects(readFlowByName(t.store.read, "f", "none"), { code: "not_found", message: "Flow not found" });
});

test("the tags of a flow can be changed, and an unknown flow cannot", async () => {
  await using t = await testStore();
  const flow = await t.aFlow();
  t.pass(5);
  await t.store.write((tx) => updateFlow(tx, flow.id, { tags: ["a"] }, t.given().now));
  const changed = (await findFlow(t.store.read, flow.id))!;
  assert.deepEqual([changed.tags, changed.created], [["a"], flow.created]);
  assert.ok(changed.updated > flow.updated);
  const unknown = t.store.write((tx) => updateFlow(tx, flow.id.replace(/.$/, "x"), { tags: [] }, t.given().now));
  await assert.rejects(unknown, { code: "not_found" });
});

test("a deleted flow takes deployments, runs and task runs with it, its logs stay, and its runs are announced", async () => {
  await using t = await testStore();
  const deployment = await t.aDeployment();
  const run = await t.aFlowRun({ flow_id: deployment.flow_id });
  const task = await t.aTaskRun({ flow_run_id: run.id });
  await t.store.write((tx) => createLogs(tx, [log(run.id, "m")], t.given().now));
  const heard: Change[] = [];
  const unsubscribe = t.store.changes.subscribe((change) => heard.push(change));
  await t.store.write((tx) => deleteFlow(tx, deployment.flow_id));
  unsubscribe();
  const { now } = t.given();
  assert.deepEqual([
    await findDeployment(t.store.read, deployment.id),
    await findFlowRun(t.store.read, run.id, now),
    await findTaskRun(t.store.read, task.id, now),
    await flowRunStates.list(t.store.read, run.id),
  ], [undefined, undefined, undefined, []]);
  assert.equal((await listLogs(t.store.read, {})).length, 1);
  assert.deepEqual(heard, [{ kind: "flow", id: deployment.flow_id }, { kind: "flow_run", id: run.id, state: null }]);
});

test("a deleted deployment takes its waiting runs with it, and the others keep its id", async () => {
  await using t = await testStore();
  const deployment = await t.aDeployment();
  const of = { flow_id: deployment.flow_id, deployment_id: deployment.id };
  const waiting = await t.aFlowRun({ ...of, state: "SCHEDULED" });
  const running = await t.aFlowRun({ ...of, state: "RUNNING" });
  await t.store.write((tx) => deleteDeployment(tx, deployment.id));
  assert.equal(await findFlowRun(t.store.read, waiting.id, t.given().now), undefined);
  assert.equal((await t.run(running.id)).deployment_id, deployment.id);
  await assert.rejects(t.store.write((tx) => deleteDeployment(tx, deployment.id)), { code: "not_found" });
});

test("a sub-flow run outlives the task run that stands for it", async () => {
  await using t = await testStore();
  const parent = await t.aFlowRun();
  const task = await t.aTaskRun({ flow_run_id: parent.id });
  const child = await t.aFlowRun({ parent_task_run_id: task.id });
  await t.store.write((tx) => deleteTaskRun(tx, task.id));
  assert.equal((await t.run(child.id)).parent_task_run_id, null);
});

test("a flow run can be changed, and its job variables only while it waits with a deployment", async () => {
  await using t = await testStore();
  const deployment = await t.aDeployment();
  const of = { flow_id: deployment.flow_id, deployment_id: deployment.id };
  const waiting = await t.aFlowRun({ ...of, state: "SCHEDULED" });
  const update = (id: string, body: object) =>
    t.store.write((tx) => updateFlowRun(tx, id, body as never, t.given().now));
  await update(waiting.id, { name: "renamed", tags: ["x"], job_variables: { a: 1 } });
  const changed = await t.run(waiting.id);
  assert.deepEqual([changed.name, changed.tags, changed.job_variables], ["renamed", ["x"], { a: 1 }]);
  assert.deepEqual(changed.parameters, waiting.parameters);
  const pending = await t.aFlowRun(of);
  await assert.rejects(update(pending.id, { job_variables: {} }), { code: "invalid" });
});

test("a deleted run is announced, and cannot be deleted twice", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun();
  const heard: Change[] = [];
  const unsubscribe = t.store.changes.subscribe((change) => heard.push(change));
  await t.store.write((tx) => deleteFlowRun(tx, id));
  await assert.rejects(t.store.write((tx) => deleteFlowRun(tx, id)), { message: "Flow run not found" });
  unsubscribe();
  assert.deepEqual(heard, [{ kind: "flow_run", id, state: null }]);
});

test("a record with a key that its run has already is ignored, and one without a key never is", async () => {
  await using t = await testStore();
  const [one, two] = [await t.aFlowRun(), await t.aFlowRun()];
  const send = (...records: ReturnType<typeof log>[]) => t.store.write((tx) => createLogs(tx, records, t.given().now));
  const heard: Change[] = [];
  const unsubscribe = t.store.changes.subscribe((change) => heard.push(change));
  assert.equal(await send(log(one.id, "a", "1:s1"), log(one.id, "b", "1:s2"), log(two.id, "c", "1:s1")), 3);
  assert.deepEqual(heard.map((change) => change.kind), ["logs", "logs"]);
  assert.equal(await send(log(one.id, "again", "1:s1"), log(one.id, "d", "1:s3")), 1);
  assert.equal(await send(log(one.id, "e"), log(one.id, "e")), 2);
  assert.equal(await send(log(one.id, "again", "1:s1")), 0);
  assert.equal(heard.length, 4, "records that were known wake nobody");
  unsubscribe();
  const logs = await listLogs(t.store.read, { logs: { flow_run_id: { any_: [one.id] } } as never });
  assert.deepEqual(logs.map(({ message }) => message), ["a", "b", "d", "e", "e"], "same time: in the order of arrival");
});

test("a bundle is stored once, under the hash of its text only", async () => {
  await using t = await testStore();
  const text = "export const é = 1;";
  const put = (hash: string) => t.store.write((tx) => putBundle(tx, hash, text, t.given().now));
  assert.deepEqual([await put(bundleHash(text)), await put(bundleHash(text))], [true, false]);
  assert.equal(await readBundle(t.store.read, bundleHash(text)), text);
  await assert.rejects(put("0".repeat(64)), { code: "invalid" });
  assert.equal(await bundleExists(t.store.read, "0".repeat(64)), false);
  await assert.rejects(readBundle(t.store.read, "0".repeat(64)), { code: "not_found" });
});

test("making a flow that exists changes nothing of it", async () => {
  await using t = await testStore();
  const flow = await t.aFlow();
  const again = await t.store.write((tx) =>
    createFlow(tx, { name: flow.name, project: "default", tags: ["new"] }, t.given().now)
  );
  assert.deepEqual(again, { flow, created: false });
});
