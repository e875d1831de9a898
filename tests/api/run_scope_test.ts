import assert from "node:assert/strict";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const AGENT = "aaaaaaaa-0000-4000-8000-000000000000";

/** A run that is claimed, with things of its own, and things of others. */
async function scene(server: TestServer) {
  const { agents, bundles, deployments, flowRuns, taskRuns } = server.client;
  await agents.create({ id: AGENT, name: "agent" });
  const flow = await server.aFlow();
  const hash = await bundles.put("own");
  const foreignHash = await bundles.put("foreign");
  const deployment = await server.aDeployment({
    flow_id: flow.id,
    bundle_hash: hash,
    flow_runner: { type: "subprocess" } as never,
  });
  const run = await deployments.createRun(deployment.id);
  const [{ lease }] = (await agents.claim(AGENT, { slots: 1 })).claims;
  const own = server.clientOf(lease.token);
  await own.flowRuns.setState(run.id, { type: "RUNNING" });
  const task = await own.taskRuns.create({ flow_run_id: run.id, task_key: "child", dynamic_key: "0" });
  const child = await own.flowRuns.create({ flow_id: flow.id, parent_task_run_id: task.id });
  const foreign = await flowRuns.create({ flow_id: flow.id, state: { type: "RUNNING" } });
  const foreignTask = await taskRuns.create({ flow_run_id: foreign.id, task_key: "t", dynamic_key: "0" });
  return { flow, deployment, run, lease, own, task, child, foreign, foreignTask, hash, foreignHash };
}
type Scene = Awaited<ReturnType<typeof scene>>;

const record = (flow_run_id: string | null, task_run_id: string | null = null) => [{
  name: "flowctl",
  level: 20,
  message: "x",
  timestamp: "2026-11-21T22:33:58Z",
  flow_run_id,
  task_run_id,
}];
const RUNNING = { state: { type: "RUNNING" } };

for (
  const [name, method, path, body, status] of [
    ["its run", "GET", (s) => `/flow_runs/${s.run.id}`, undefined, 200],
    ["its sub-flow", "GET", (s) => `/flow_runs/${s.child.id}`, undefined, 200],
    ["another run", "GET", (s) => `/flow_runs/${s.foreign.id}`, undefined, 403],
    ["a run that does not exist", "GET", () => `/flow_runs/${AGENT}`, undefined, 404],
    [
      "its run's state",
      "POST",
      (s) => `/flow_runs/${s.run.id}/set_state`,
      () => ({ state: { type: "COMPLETED" } }),
      201,
    ],
    ["its sub-flow's state", "POST", (s) => `/flow_runs/${s.child.id}/set_state`, () => RUNNING, 201],
    ["another run's state", "POST", (s) => `/flow_runs/${s.foreign.id}/set_state`, () => RUNNING, 403],
    ["another run's end", "DELETE", (s) => `/flow_runs/${s.foreign.id}`, undefined, 403],
    ["its own end", "DELETE", (s) => `/flow_runs/${s.run.id}`, undefined, 403],
    ["its task", "GET", (s) => `/task_runs/${s.task.id}`, undefined, 200],
    ["another run's task", "GET", (s) => `/task_runs/${s.foreignTask.id}`, undefined, 403],
    [
      "a task in another run",
      "POST",
      () => "/task_runs/",
      (s) => ({ flow_run_id: s.foreign.id, task_key: "a", dynamic_key: "1" }),
      403,
    ],
    ["a task in no run", "POST", () => "/task_runs/", () => ({ task_key: "a", dynamic_key: "1" }), 403],
    [
      "a sub-flow of another run's task",
      "POST",
      () => "/flow_runs/",
      (s) => ({ flow_id: s.flow.id, parent_task_run_id: s.foreignTask.id }),
      403,
    ],
    ["a run without a parent", "POST", () => "/flow_runs/", (s) => ({ flow_id: s.flow.id }), 403],
    [
      "a sub-flow that an agent would start",
      "POST",
      () => "/flow_runs/",
      (s) => ({ flow_id: s.flow.id, parent_task_run_id: s.task.id, deployment_id: s.deployment.id }),
      403,
    ],
    ["a flow for its sub-flows", "POST", () => "/flows/", () => ({ name: "child" }), 201],
    ["a flow's end", "DELETE", (s) => `/flows/${s.flow.id}`, undefined, 403],
    ["its logs", "POST", () => "/logs/", (s) => record(s.run.id, s.task.id), 201],
    ["its sub-flow's logs", "POST", () => "/logs/", (s) => record(s.child.id), 201],
    ["another run's logs", "POST", () => "/logs/", (s) => [...record(s.run.id), ...record(s.foreign.id)], 403],
    ["logs of another run's task", "POST", () => "/logs/", (s) => record(s.run.id, s.foreignTask.id), 403],
    ["logs of nobody", "POST", () => "/logs/", () => record(null), 403],
    ["its deployment", "GET", (s) => `/deployments/${s.deployment.id}`, undefined, 200],
    ["a run of its deployment", "POST", (s) => `/deployments/${s.deployment.id}/create_flow_run`, () => ({}), 403],
    ["deployments", "POST", () => "/deployments/filter", () => ({}), 403],
    ["its bundle", "GET", (s) => `/bundles/${s.hash}`, undefined, 200],
    ["another bundle", "GET", (s) => `/bundles/${s.foreignHash}`, undefined, 403],
    ["agents", "POST", () => "/agents/filter", () => ({}), 403],
    ["leases", "POST", (s) => `/leases/${s.lease.id}/release`, undefined, 403],
    ["its states", "GET", (s) => `/flow_run_states/?flow_run_id=${s.run.id}`, undefined, 200],
    ["another run's states", "GET", (s) => `/flow_run_states/?flow_run_id=${s.foreign.id}`, undefined, 403],
    ["health", "GET", () => "/health", undefined, 200],
  ] as [string, string, (s: Scene) => string, ((s: Scene) => unknown) | undefined, number][]
) {
  test(`a request on behalf of a run for ${name} is ${status}`, async () => {
    await using server = await startTestServer();
    const given = await scene(server);
    const headers = { "x-flowctl-lease": given.lease.token };
    const got = await server.send(method, `/api${path(given)}`, body?.(given), headers);
    assert.equal(got.status, status, got.text);
  });
}

test("lists on behalf of a run hold only what is its own", async () => {
  await using server = await startTestServer();
  const { own, run, child, task } = await scene(server);
  assert.deepEqual((await own.flowRuns.list()).map(({ id }) => id).sort(), [run.id, child.id].sort());
  assert.deepEqual((await own.taskRuns.list()).map(({ id }) => id), [task.id]);
});

test("a run is answered the version of its deployment that it is pinned to", async () => {
  await using server = await startTestServer();
  const { own, deployment, foreignHash, hash, flow } = await scene(server);
  await server.aDeployment({
    flow_id: flow.id,
    bundle_hash: foreignHash,
    flow_runner: { type: "subprocess" } as never,
  });
  assert.equal((await server.client.deployments.read(deployment.id)).bundle_hash, foreignHash);
  assert.equal((await own.deployments.read(deployment.id)).bundle_hash, hash);
  assert.equal(await own.bundles.read(hash), "own");
});

test("a lease that was given back is fenced, for reads and writes", async () => {
  await using server = await startTestServer();
  const { lease, run } = await scene(server);
  await server.client.agents.release(lease.id);
  const headers = { "x-flowctl-lease": lease.token };
  for (const [method, path, body] of [["GET", "", undefined], ["POST", "/set_state", RUNNING]] as const) {
    const got = await server.send(method, `/api/flow_runs/${run.id}${path}`, body, headers);
    assert.equal(got.status, 409);
    assert.equal(got.body.code, "fenced");
  }
});
