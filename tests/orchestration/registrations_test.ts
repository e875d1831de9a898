import assert from "node:assert/strict";
import { DeploymentFlowRunCreate } from "../../src/domain/flow_runs.ts";
import { RegistrationCheck, RegistrationCreate } from "../../src/domain/registrations.ts";
import { createDeploymentRun } from "../../src/orchestration/create_deployment_run.ts";
import { checkRegistration, registerFlow } from "../../src/orchestration/registrations.ts";
import { scheduleRuns } from "../../src/orchestration/schedule_runs.ts";
import { ensureProject } from "../../src/store/projects.ts";
import { listVersions } from "../../src/store/registrations.ts";
import { listFlowRuns } from "../../src/store/run_lists.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";
import { type TestStore, testStore } from "../store/support.ts";

const identity = { project: "p", flow_name: "docker_1_flow" };
const hourly = { schedule: { interval: 3600, anchor_date: "2026-01-01T00:00:00Z", timezone: "UTC" } };

async function store(): Promise<TestStore> {
  const t = await testStore();
  await t.store.write((tx) => ensureProject(tx, "p", t.given().now));
  return t;
}
const register = (t: TestStore, content_hash: string, body: object = {}) =>
  t.store.write((tx) =>
    registerFlow(
      tx,
      RegistrationCreate.parse({ ...identity, content_hash, flow_runner: { type: "docker" }, ...body }),
      t.given(),
    )
  );
const check = (t: TestStore, content_hash: string, body: object = {}) =>
  checkRegistration(t.store.read, RegistrationCheck.parse({ ...identity, content_hash, ...body }));
const runOf = async (t: TestStore, deploymentId: string, body: object = {}) =>
  (await t.store.write((tx) => createDeploymentRun(tx, deploymentId, DeploymentFlowRunCreate.parse(body), t.given())))
    .run;

test("versions count up, the newest one is run, and older ones are archived", async () => {
  await using t = await store();
  const one = await register(t, "a", { tasks: ["say_hello"] });
  assert.deepEqual([one.created, one.version.number, one.version.archived, one.version.tasks], [
    true,
    1,
    null,
    ["say_hello"],
  ]);
  assert.equal(one.deployment.name, "registered");
  t.pass(1);
  const two = await register(t, "b");
  assert.deepEqual([two.flow.id, two.deployment.id, two.version.number], [one.flow.id, one.deployment.id, 2]);
  assert.notEqual(two.version.id, one.version.id);
  assert.equal(two.deployment.version_id, two.version.id);
  assert.deepEqual(
    (await listVersions(t.store.read, one.flow.id)).map(({ number, archived }) => [number, archived]),
    [[2, null], [1, two.version.created]],
  );
});

test("a version names the secrets of its runner's env beside its own, each once", async () => {
  await using t = await store();
  const flow_runner = { type: "docker", config: { env: { X: { secret: "B" }, Y: { secret: "A" }, Z: "text" } } };
  const { version, deployment } = await register(t, "a", { flow_runner, secrets: ["C", "A"] });
  assert.deepEqual(version.secrets, ["A", "B", "C"]);
  assert.deepEqual(deployment.secrets, ["A", "B", "C"]);
});

test("an unchanged flow has the version that is there, and the check says so before", async () => {
  await using t = await store();
  assert.deepEqual(await check(t, "a"), { flow_id: null, version: null });
  const one = await register(t, "a");
  assert.equal((await check(t, "a")).version?.id, one.version.id);
  const same = await register(t, "a");
  assert.deepEqual([same.created, same.version.id], [false, one.version.id]);
  assert.equal((await check(t, "b")).version, null);
  assert.equal((await check(t, "a", { force: true })).version, null);
  assert.equal((await register(t, "a", { force: true })).version.number, 2);
});

test("going back to an older content makes a new version: archived ones stay archived", async () => {
  await using t = await store();
  await register(t, "a");
  await register(t, "b");
  assert.equal((await check(t, "a")).version, null);
  assert.equal((await register(t, "a")).version.number, 3);
});

test("an idempotency key decides alone, and only the last one is known", async () => {
  await using t = await store();
  const one = await register(t, "a", { idempotency_key: "k1" });
  const same = await register(t, "b", { idempotency_key: "k1" });
  assert.deepEqual([same.created, same.version.id], [false, one.version.id]);
  const two = await register(t, "a", { idempotency_key: "k2" });
  assert.deepEqual([two.created, two.version.number], [true, 2]);
  assert.equal((await register(t, "a", { idempotency_key: "k1" })).version.number, 3);
});

test("a project that does not exist is an error that says how to create it", async () => {
  await using t = await store();
  for (const asked of [() => register(t, "a", { project: "nope" }), () => check(t, "a", { project: "nope" })]) {
    await assert.rejects(asked, (error) => {
      assert(isFlowctlError(error, "not_found"));
      assert.equal(error.message, 'Cannot register flow "docker_1_flow": project "nope" does not exist');
      assert.equal(error.hint, "Create it with: flowctl create project 'nope'");
      return true;
    });
  }
});

test("archiving deletes automatic runs and cancels other waiting ones; those that run or wait for a retry go on", async () => {
  await using t = await store();
  const one = await register(t, "a", { schedules: [hourly] });
  await t.store.write((tx) => scheduleRuns(tx, one.deployment.id, t.given()));
  const waiting = await runOf(t, one.deployment.id);
  const running = await runOf(t, one.deployment.id);
  const retrying = await runOf(t, one.deployment.id);
  for (const { id } of [running, retrying]) {
    await t.move(id, "PENDING");
    await t.move(id, "RUNNING");
  }
  await t.move(retrying.id, { type: "SCHEDULED", name: "AwaitingRetry" }, { force: true });
  await register(t, "b");
  assert.deepEqual(
    [(await t.run(waiting.id)).state?.type, (await t.run(waiting.id)).state?.message],
    ["CANCELLED", "Flow 'docker_1_flow' version 1 was archived: a newer version was registered"],
  );
  assert.equal((await t.run(running.id)).state_type, "RUNNING");
  assert.equal((await t.run(retrying.id)).state_name, "AwaitingRetry");
  const automatic = (await listFlowRuns(t.store.read, {}, t.given().now)).filter((run) => run.auto_scheduled);
  assert.equal(automatic.length, 0);
});

test("a run of an archived version is refused, one of the newest is not", async () => {
  await using t = await store();
  const one = await register(t, "a");
  const two = await register(t, "b");
  await assert.rejects(runOf(t, one.deployment.id, { deployment_version_id: one.version.id }), (error) => {
    assert(isFlowctlError(error, "conflict"));
    assert.equal(error.message, 'Cannot run flow "docker_1_flow": its version 1 is archived');
    return true;
  });
  const run = await runOf(t, one.deployment.id, { deployment_version_id: two.version.id, labels: ["x", "a"] });
  assert.deepEqual([run.deployment_version_id, run.labels], [two.version.id, ["a", "x"]]);
  const other = await t.aDeployment();
  await assert.rejects(runOf(t, one.deployment.id, { deployment_version_id: other.version_id }), /not found/);
});

test("without an active schedule no runs are made, and the next registration turns it on again", async () => {
  await using t = await store();
  const one = await register(t, "a", { schedules: [hourly], set_schedule_active: false });
  assert.equal(one.deployment.is_schedule_active, false);
  assert.equal(await t.store.write((tx) => scheduleRuns(tx, one.deployment.id, t.given())), 0);
  const two = await register(t, "b", { schedules: [hourly] });
  assert.equal(two.deployment.is_schedule_active, true);
  assert(await t.store.write((tx) => scheduleRuns(tx, two.deployment.id, t.given())) > 0);
});
