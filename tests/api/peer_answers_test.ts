/**
 * Answers in which we once differed from a Prefect 2.20 server; `tests/peer/compare.ts` finds such.
 *
 * @module
 */

import assert from "node:assert/strict";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const setState = (server: TestServer, id: string, state: unknown) =>
  server.send("POST", `/api/flow_runs/${id}/set_state`, { state });

test("a run without job variables has an empty object of them", async () => {
  await using server = await startTestServer();
  assert.deepEqual((await server.aFlowRun()).job_variables, {});
  const { body } = await server.send("POST", "/api/flow_runs/filter", {});
  assert.deepEqual(body[0].job_variables, {});
});

test("an empty version header counts as none", async () => {
  await using server = await startTestServer();
  const answer = await server.send("POST", "/api/flows/count", {}, { "x-prefect-api-version": "" });
  assert.deepEqual([answer.status, answer.body], [200, 0]);
});

test("older names of retries and their delay are taken over into the newer ones", async () => {
  await using server = await startTestServer();
  const empirical_policy = { max_retries: 3, retry_delay_seconds: 4 };
  const run = await server.aFlowRun({ empirical_policy });
  assert.deepEqual([run.empirical_policy.retries, run.empirical_policy.retry_delay], [3, 4]);
  const task = await server.send("POST", "/api/task_runs/", {
    flow_run_id: run.id,
    task_key: "add",
    dynamic_key: "0",
    empirical_policy,
  });
  assert.deepEqual([task.body.empirical_policy.retries, task.body.empirical_policy.retry_delay], [3, 4]);
  const newer = await server.aFlowRun({ empirical_policy: { ...empirical_policy, retries: 1, retry_delay: 2 } });
  assert.deepEqual([newer.empirical_policy.retries, newer.empirical_policy.retry_delay], [1, 2]);
});

test("null takes away what a run may lack, and leaves what it may not", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun({ flow_version: "v1", name: "kept", tags: ["kept"] });
  const path = `/api/flow_runs/${run.id}`;
  await server.send("PATCH", path, { infrastructure_pid: "host:1" });
  assert.equal((await server.send("GET", path)).body.infrastructure_pid, "host:1");
  const nulls = { flow_version: null, infrastructure_pid: null, name: null, tags: null };
  assert.equal((await server.send("PATCH", path, nulls)).status, 204);
  const { flow_version, infrastructure_pid, name, tags } = (await server.send("GET", path)).body;
  assert.deepEqual({ flow_version, infrastructure_pid, name, tags }, {
    flow_version: null,
    infrastructure_pid: null,
    name: "kept",
    tags: ["kept"],
  });
});

test("null takes away what a deployment may lack, its single schedule too", async () => {
  await using server = await startTestServer();
  const fields = { version: "v", description: "d", path: "/p", entrypoint: "e", work_queue_name: "q" };
  const deployment = await server.aDeployment({ ...fields, schedule: { cron: "0 0 * * *" } });
  const path = `/api/deployments/${deployment.id}`;
  assert.equal((await server.send("PATCH", path, { tags: ["t"] })).status, 204);
  assert.equal((await server.send("GET", path)).body.version, "v");
  const nulls = Object.fromEntries([...Object.keys(fields), "schedule"].map((key) => [key, null]));
  assert.equal((await server.send("PATCH", path, nulls)).status, 204);
  const { body } = await server.send("GET", path);
  for (const key of Object.keys(nulls)) assert.equal(body[key], null, key);
  assert.deepEqual(body.schedules, []);
});

test("a deployment with several schedules is not changed by the older single one", async () => {
  await using server = await startTestServer();
  const schedules = [{ schedule: { cron: "0 0 * * *" } }, { schedule: { interval: 60 } }] as never;
  const deployment = await server.aDeployment({ schedules });
  const path = `/api/deployments/${deployment.id}`;
  for (const schedule of [{ interval: 90 }, null]) {
    assert.equal((await server.send("PATCH", path, { schedule })).status, 422);
  }
  assert.equal((await server.send("GET", path)).body.schedules.length, 2);
});

test("a schema that is not there is not enforced from now on", async () => {
  await using server = await startTestServer();
  const deployment = await server.aDeployment();
  const path = `/api/deployments/${deployment.id}`;
  const answer = await server.send("PATCH", path, { enforce_parameter_schema: true });
  assert.equal(answer.status, 409);
  assert.equal((await server.send("GET", path)).body.enforce_parameter_schema, false);
});

test("defaults that do not fit an enforced schema are 422 when a deployment is made, and 409 when it is changed", async () => {
  await using server = await startTestServer();
  const flow = await server.aFlow();
  const body = {
    name: "d",
    flow_id: flow.id,
    enforce_parameter_schema: true,
    parameter_openapi_schema: { type: "object", properties: { n: { type: "integer" } } },
  };
  const wrong = { parameters: { n: "one" } };
  assert.equal((await server.send("POST", "/api/deployments/", { ...body, ...wrong })).status, 422);
  const made = await server.send("POST", "/api/deployments/", body);
  assert.equal((await server.send("PATCH", `/api/deployments/${made.body.id}`, wrong)).status, 409);
});

test("runners that name no time are told all runs that wait", async () => {
  await using server = await startTestServer();
  const deployment = await server.aDeployment();
  await server.client.deployments.createRun(deployment.id, {
    state: { type: "SCHEDULED", state_details: { scheduled_time: "2027-01-01T00:00:00Z" } },
  });
  const due = (body: object) =>
    server.send("POST", "/api/deployments/get_scheduled_flow_runs", { deployment_ids: [deployment.id], ...body });
  assert.equal((await due({})).body.length, 1);
  assert.equal((await due({ scheduled_before: "2026-12-31T00:00:00Z" })).body.length, 0);
});

test("task runs without a flow run are made once by their keys, too", async () => {
  await using server = await startTestServer();
  const body = { task_key: "lone", dynamic_key: "1" };
  const first = await server.send("POST", "/api/task_runs/", body);
  const second = await server.send("POST", "/api/task_runs/", { ...body, flow_run_id: null });
  const other = await server.send("POST", "/api/task_runs/", { ...body, dynamic_key: "2" });
  assert.deepEqual([first.status, second.status, other.status], [201, 200, 201]);
  assert.equal(second.body.id, first.body.id);
});

test("a result that Python takes for false does not keep a run completed", async () => {
  await using server = await startTestServer();
  for (
    const [data, expected] of [[{}, "ACCEPT"], [[], "ACCEPT"], ["", "ACCEPT"], [0, "ACCEPT"], [{ a: 1 }, "REJECT"]]
  ) {
    const run = await server.aFlowRun({ state: "RUNNING" });
    await setState(server, run.id, { type: "COMPLETED", data });
    const answer = await setState(server, run.id, { type: "RUNNING" });
    assert.equal(answer.body.status, expected, JSON.stringify(data));
  }
});

test("a history has whole intervals, at least one, of a second or more", async () => {
  await using server = await startTestServer();
  await server.aFlowRun({ state: "COMPLETED" });
  const ask = (history_start: string, history_end: string, history_interval_seconds: number) =>
    server.send("POST", "/api/flow_runs/history", { history_start, history_end, history_interval_seconds });
  // The run is of 22:33:58; the interval that begins before the end goes on after it.
  const whole = await ask("2026-11-21T22:30:00Z", "2026-11-21T22:31:00Z", 3600);
  assert.deepEqual([whole.body.length, whole.body[0].states.length], [1, 1]);
  const next = await ask("2026-11-21T22:33:48Z", "2026-11-21T22:33:58Z", 10);
  assert.deepEqual([next.body.length, next.body[0].states.length], [1, 0]);
  for (const end of ["2026-11-21T22:30:00Z", "2026-11-21T21:00:00Z"]) {
    assert.equal((await ask("2026-11-21T22:30:00Z", end, 10)).body.length, 1);
  }
  const short = await ask("2026-11-21T22:30:00Z", "2026-11-21T22:31:00Z", 0.5);
  assert.deepEqual([short.status, short.body.detail], [422, "History interval must not be less than 1 second."]);
});

test("a paused run is resumed, a suspended one is scheduled, any other is left alone", async () => {
  await using server = await startTestServer();
  const resume = (id: string, body?: object) => server.send("POST", `/api/flow_runs/${id}/resume`, body);
  const run = await server.aFlowRun({ state: "RUNNING" });
  const left = await resume(run.id, {});
  assert.deepEqual([left.status, left.body], [200, {
    state: null,
    status: "ABORT",
    details: { type: "abort_details", reason: "Cannot resume a flow run that is not paused." },
  }]);
  await setState(server, run.id, { type: "PAUSED", state_details: { pause_key: "k" } });
  const resumed = await resume(run.id);
  assert.deepEqual([resumed.status, resumed.body.status, resumed.body.state.type], [201, "ACCEPT", "RUNNING"]);
  assert.equal((await server.client.flowRuns.read(run.id)).run_count, 2);

  const deployment = await server.aDeployment();
  const deployed = await server.client.deployments.createRun(deployment.id, { state: { type: "RUNNING" } });
  await setState(server, deployed.id, { type: "PAUSED", name: "Suspended", state_details: { pause_reschedule: true } });
  const scheduled = await resume(deployed.id);
  assert.deepEqual([scheduled.status, scheduled.body.state.type, scheduled.body.state.name], [
    201,
    "SCHEDULED",
    "Resuming",
  ]);
  assert.equal((await resume("11111111-1111-4111-8111-111111111111")).status, 404);
});
