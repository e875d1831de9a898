import assert from "node:assert/strict";
import { bundleHash } from "../../src/domain/bundles.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

test("a flow is 201 when it is new and 200 when it was there", async () => {
  await using server = await startTestServer();
  const first = await server.send("POST", "/api/flows/", { name: "f", tags: ["a"] });
  const second = await server.send("POST", "/api/flows/", { name: "f", tags: ["b"] });
  assert.deepEqual([first.status, second.status], [201, 200]);
  assert.deepEqual(second.body, first.body);
  assert.deepEqual(Object.keys(first.body), ["id", "created", "updated", "name", "tags", "project"]);
});

test("flows are read by name and project, changed and deleted", async () => {
  await using server = await startTestServer();
  const { flows } = server.client;
  const other = await server.aFlow({ project: "docker_1_project" });
  const flow = await server.aFlow();
  assert.equal((await flows.readByName("my-flow")).id, flow.id);
  assert.equal((await flows.readByName("my-flow", "docker_1_project")).id, other.id);
  await flows.update(flow.id, { tags: ["x"] });
  assert.deepEqual((await flows.read(flow.id)).tags, ["x"]);
  assert.equal(await flows.count(), 2);
  await flows.delete(flow.id);
  await assert.rejects(flows.read(flow.id), (error) => isFlowctlError(error, "not_found"));
});

test("a run goes through its states, and set_state says 201 when it stored one", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun();
  assert.equal(run.state_type, "PENDING");
  const path = `/api/flow_runs/${run.id}/set_state`;
  const running = await server.send("POST", path, { state: { type: "RUNNING" } });
  assert.equal(running.status, 201);
  assert.deepEqual(
    [running.body.status, running.body.details, running.body.state.name],
    ["ACCEPT", { type: "accept_details" }, "Running"],
  );
  const again = await server.send("POST", path, { state: { type: "PENDING" } });
  assert.equal(again.status, 200);
  assert.equal(again.body.status, "ABORT");
  assert.equal(again.body.details.type, "abort_details");
  server.clock.advance(2.5);
  await server.client.flowRuns.setState(run.id, { type: "COMPLETED" });
  const done = await server.client.flowRuns.read(run.id);
  assert.equal(done.total_run_time, 2.5);
  assert.deepEqual((await server.client.flowRuns.states(run.id)).map((state) => state.type), [
    "PENDING",
    "RUNNING",
    "COMPLETED",
  ]);
});

test("a run that was made with the same key is the same, and 200", async () => {
  await using server = await startTestServer();
  const body = { flow_id: (await server.aFlow()).id, idempotency_key: "once" };
  const first = await server.send("POST", "/api/flow_runs/", body);
  const second = await server.send("POST", "/api/flow_runs/", body);
  assert.deepEqual([first.status, second.status, second.body.id], [201, 200, first.body.id]);
});

test("a failed run with retries left is told to wait for its retry", async () => {
  await using server = await startTestServer();
  const policy = { retries: 1, retry_delay: 10 } as never;
  const run = await server.aFlowRun({ state: "RUNNING", empirical_policy: policy });
  const got = await server.client.flowRuns.setState(run.id, { type: "FAILED" });
  assert.equal(got.status, "REJECT");
  assert.equal(got.state?.name, "AwaitingRetry");
  const soon = await server.client.flowRuns.setState(run.id, { type: "RUNNING" });
  assert.deepEqual(soon.details, {
    type: "wait_details",
    delay_seconds: 10,
    reason: "Scheduled time is in the future",
  });
});

test("runs are filtered, sorted and counted", async () => {
  await using server = await startTestServer();
  const { flowRuns } = server.client;
  const flow = await server.aFlow();
  for (const state of ["RUNNING", "COMPLETED", "COMPLETED"] as const) {
    await server.aFlowRun({ flow_id: flow.id, state });
  }
  const completed = { flow_runs: { state: { type: { any_: ["COMPLETED" as const] } } } };
  assert.equal(await flowRuns.count(completed), 2);
  const page = await flowRuns.list({ ...completed, limit: 1, offset: 1, sort: "NAME_ASC" });
  assert.equal(page.length, 1);
  assert.equal((await flowRuns.list({ flow_runs: { id: { any_: [] } } })).length, 0);
});

test("history counts runs by interval and state, and lateness is a number or null", async () => {
  await using server = await startTestServer();
  assert.equal((await server.send("POST", "/api/flow_runs/lateness", {})).body, null);
  await server.aFlowRun({ state: "COMPLETED" });
  const got = await server.send("POST", "/api/flow_runs/history", {
    history_start: "2026-11-21T22:00:00Z",
    history_end: "2026-11-21T23:00:00Z",
    history_interval_seconds: 1800,
  });
  assert.equal(got.status, 200);
  // deno-lint-ignore no-explicit-any -- raw JSON
  assert.deepEqual(got.body.map((interval: any) => interval.states.length), [0, 1]);
  assert.equal(got.body[1].states[0].count_runs, 1);
  assert.equal((await server.send("POST", "/api/flow_runs/lateness", {})).body, 0);
});

test("task runs are made once by their keys, and move", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun({ state: "RUNNING" });
  const body = { flow_run_id: run.id, task_key: "add", dynamic_key: "0" };
  const first = await server.send("POST", "/api/task_runs/", body);
  const second = await server.send("POST", "/api/task_runs/", body);
  assert.deepEqual([first.status, second.status, second.body.id], [201, 200, first.body.id]);
  const { taskRuns } = server.client;
  assert.equal((await taskRuns.setState(first.body.id, { type: "RUNNING" })).status, "ACCEPT");
  await taskRuns.update(first.body.id, { name: "renamed" });
  assert.equal((await taskRuns.list({ flow_runs: { id: { any_: [run.id] } } }))[0].name, "renamed");
  assert.equal((await taskRuns.states(first.body.id)).length, 2);
  await taskRuns.delete(first.body.id);
  assert.equal(await taskRuns.count(), 0);
});

test("a record of a log with a key is stored once", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun();
  const record = { name: "flowctl", level: 20, timestamp: "2026-11-21T22:33:58Z", flow_run_id: run.id };
  await server.client.logs.create([{ ...record, message: "a", key: "1:s1" }, { ...record, message: "b", key: "1:s2" }]);
  await server.client.logs.create([{ ...record, message: "b", key: "1:s2" }, { ...record, message: "c", key: "1:s3" }]);
  const logs = await server.client.logs.list({ logs: { flow_run_id: { any_: [run.id] } } });
  assert.deepEqual(logs.map((log) => log.message), ["a", "b", "c"]);
});

test("a bundle is stored under its hash and nothing else", async () => {
  await using server = await startTestServer();
  const text = "// @bun\nexport {};\n// é";
  const hash = await server.client.bundles.put(text);
  assert.equal(hash, bundleHash(text));
  assert.equal(await server.client.bundles.put(text), hash);
  assert.equal(await server.client.bundles.read(hash), text);
  const headers = { "content-type": "text/plain" };
  assert.equal((await server.send("PUT", `/api/bundles/${hash}`, "other", headers)).status, 422);
  assert.equal((await server.send("PUT", `/api/bundles/nonsense`, "other", headers)).status, 422);
  assert.equal((await server.send("GET", `/api/bundles/${"0".repeat(64)}`)).status, 404);
});

test("a deployment is made, found by name, run, paused and deleted", async () => {
  await using server = await startTestServer();
  const { deployments, flowRuns } = server.client;
  const schedules = [{ schedule: { cron: "0 0 * * *" } }] as never;
  const deployment = await server.aDeployment({ schedules, parameters: { a: 1, b: 2 }, tags: ["x"] });
  const again = await server.send("POST", "/api/deployments/", { name: "example", flow_id: deployment.flow_id });
  assert.deepEqual([again.status, again.body.id], [200, deployment.id]);
  assert.equal((await deployments.readByName("my-flow", "example")).id, deployment.id);
  assert.ok("infra_overrides" in deployment && !("job_variables" in deployment));
  const run = await deployments.createRun(deployment.id, { parameters: { b: 3 }, tags: ["y"] });
  assert.equal(run.state_type, "SCHEDULED");
  await deployments.update(deployment.id, { schedules });
  const path = `/api/deployments/${deployment.id}`;
  assert.equal((await server.send("POST", `${path}/schedule`, { min_runs: 2 })).body, null);
  assert.equal(await flowRuns.count({ flow_runs: { tags: { all_: ["auto-scheduled"] } } }), 2);
  await deployments.pause(deployment.id);
  assert.equal((await deployments.read(deployment.id)).paused, true);
  assert.equal(await flowRuns.count({ flow_runs: { tags: { all_: ["auto-scheduled"] } } }), 0);
  await deployments.resume(deployment.id);
  const due = await server.send("POST", "/api/deployments/get_scheduled_flow_runs", {
    deployment_ids: [deployment.id],
  });
  // deno-lint-ignore no-explicit-any -- raw JSON
  assert.deepEqual(due.body.map((found: any) => found.id), [run.id]);
  assert.equal((await deployments.read(deployment.id)).status, "READY");
  await deployments.delete(deployment.id);
  assert.equal(await flowRuns.count(), 0);
  assert.equal((await server.send("POST", `${path}/create_flow_run`)).status, 404);
});

test("single schedules are added, changed and removed", async () => {
  await using server = await startTestServer();
  const path = `/api/deployments/${(await server.aDeployment()).id}/schedules`;
  const added = await server.send("POST", path, [{ schedule: { interval: 60 }, active: true }]);
  assert.equal(added.status, 201);
  const one = `${path}/${added.body[0].id}`;
  assert.equal((await server.send("PATCH", one, { active: false })).status, 204);
  assert.equal((await server.send("GET", path)).body[0].active, false);
  assert.equal((await server.send("DELETE", one)).status, 204);
  assert.equal((await server.send("DELETE", one)).status, 404);
  assert.equal((await server.send("POST", path, [{ schedule: { cron: "not cron" } }])).status, 422);
});

test("parameters that do not fit an enforced schema are 409", async () => {
  await using server = await startTestServer();
  const deployment = await server.aDeployment({
    parameter_openapi_schema: { type: "object", properties: { n: { type: "integer" } } },
    enforce_parameter_schema: true,
  });
  const got = await server.send("POST", `/api/deployments/${deployment.id}/create_flow_run`, {
    parameters: { n: "one" },
  });
  assert.equal(got.status, 409);
  assert.match(got.body.detail, /"n" must be integer/);
});

test("job variables of a run that does not wait are 400", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun({ state: "RUNNING" });
  const got = await server.send("PATCH", `/api/flow_runs/${run.id}`, { job_variables: { a: 1 } });
  assert.equal(got.status, 400);
});
