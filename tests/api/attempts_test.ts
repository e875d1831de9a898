/**
 * What is kept of each attempt of a run, and pages' answers about one run.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Holder } from "../../src/domain/attempts.ts";
import { LOG_LEVELS } from "../../src/domain/logs.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const ID = "aaaaaaaa-0000-4000-8000-000000000000";
const HOLDER: Holder = {
  kind: "container",
  name: "heavy-parakeet",
  container_id: "c0ffee",
  image: "flows:1",
  image_id: "sha256:1",
  digest: "flows@sha256:2",
  networks: ["bridge", "db"],
  engine_id: "E",
  host: "box",
  created: "2026-11-21T22:33:58.1Z",
  started: "2026-11-21T22:33:58.2Z",
};

async function claimed(server: TestServer) {
  const { agents, deployments } = server.client;
  await agents.create({ id: ID, name: "ada" });
  const deployment = await server.aDeployment({ flow_runner: { type: "docker" } });
  await deployments.createRun(deployment.id);
  const { claims: [{ lease, flow_run }] } = await agents.claim(ID, { slots: 1 });
  return { lease, id: flow_run.id, deployment };
}

test("an attempt tells its container, and how that ended", async () => {
  await using server = await startTestServer();
  const { agents, flowRuns } = server.client;
  const { lease, id } = await claimed(server);
  const [begun] = await flowRuns.attempts(id);
  assert.deepEqual([begun.attempt, begun.agent_name, begun.runner, begun.started], [1, "ada", "docker", null]);
  await agents.started(lease.id, { infrastructure_pid: "docker://c0ffee" });
  await agents.started(lease.id, { infrastructure_pid: "docker://c0ffee", holder: HOLDER });
  await agents.ended(lease.id, { exit_code: 137, oom_killed: true, ended: "2026-11-21T22:34:00Z" });
  await agents.release(lease.id);
  const [attempt] = await flowRuns.attempts(id);
  assert.deepEqual(attempt, {
    ...begun,
    ...HOLDER,
    infrastructure_pid: "docker://c0ffee",
    created: "2026-11-21T22:33:58.100000+00:00",
    started: "2026-11-21T22:33:58.200000+00:00",
    ended: "2026-11-21T22:34:00.000000+00:00",
    exit_code: 137,
    oom_killed: true,
  });
});

test("an end that is told when the lease is long over is taken, and heard of by pages", async () => {
  await using server = await startTestServer();
  const { agents, flowRuns } = server.client;
  const { lease, id } = await claimed(server);
  await agents.started(lease.id, { infrastructure_pid: "docker://c0ffee" });
  await agents.release(lease.id);
  const [before] = await flowRuns.attempts(id);
  assert.deepEqual([before.exit_code, before.oom_killed, before.ended === null], [null, null, false]);
  const heard: unknown[] = [];
  server.store.changes.subscribe((change) => heard.push(change));
  await agents.ended(lease.id, { exit_code: 0, oom_killed: false });
  assert.deepEqual(heard, [{ kind: "flow_run", id, state: "CRASHED" }]);
  assert.deepEqual((await flowRuns.attempts(id)).map(({ exit_code }) => exit_code), [0]);
});

test("an agent that tells nothing of its container still runs it, and a run is deleted with its attempts", async () => {
  await using server = await startTestServer();
  const { agents, flowRuns } = server.client;
  const { lease, id } = await claimed(server);
  const started = await server.send("POST", `/api/leases/${lease.id}/started`, { infrastructure_pid: "docker://x" });
  assert.equal(started.status, 204);
  const [{ name, networks, infrastructure_pid }] = await flowRuns.attempts(id);
  assert.deepEqual([name, networks, infrastructure_pid], [null, [], "docker://x"]);
  await flowRuns.delete(id);
  assert.equal((await server.send("GET", `/api/flow_runs/${id}/attempts`)).status, 404);
  await assert.rejects(agents.ended(lease.id, { exit_code: 0, oom_killed: false }), { code: "not_found" });
});

test("a run may not say how its own container ended", async () => {
  await using server = await startTestServer();
  const { lease } = await claimed(server);
  const own = server.clientOf(lease.token).agents.ended(lease.id, { exit_code: 0, oom_killed: false });
  await assert.rejects(own, { code: "forbidden" });
});

test("a run that another agent takes again has another attempt", async () => {
  await using server = await startTestServer();
  const { agents, flowRuns } = server.client;
  const { lease, id } = await claimed(server);
  await agents.release(lease.id);
  await agents.claim(ID, { slots: 1 });
  const all = await flowRuns.attempts(id);
  assert.deepEqual(all.map(({ attempt, started, ended }) => [attempt, started, ended === null]), [
    [1, null, false],
    [2, null, true],
  ]);
});

test("a page about a run is one answer", async () => {
  await using server = await startTestServer();
  const { agents, flowRuns } = server.client;
  const { lease, id, deployment } = await claimed(server);
  await flowRuns.setState(id, { type: "RUNNING" });
  await server.clientOf(lease.token).taskRuns.create({ flow_run_id: id, task_key: "a", dynamic_key: "0", name: "a-0" });
  server.clock.advance(2);
  await flowRuns.setState(id, { type: "COMPLETED", data: { type: "literal", value: 42 } });
  await agents.release(lease.id);
  const view = await flowRuns.view(id);
  assert.deepEqual(view.states.map(({ type }) => type), ["SCHEDULED", "PENDING", "RUNNING", "COMPLETED"]);
  assert.deepEqual(view.run.state?.data, { type: "literal", value: 42 });
  assert.deepEqual(view.deployment, { id: deployment.id, name: "example", is_current_version: true });
  assert.deepEqual(view.version, { number: 1, is_archived: false });
  assert.deepEqual([view.flow.name, view.agent?.name, view.task_runs, view.parent], ["my-flow", "ada", 1, null]);
  // Of itself it says nothing.
  assert.equal(view.usual, null);
  const next = await server.client.deployments.createRun(deployment.id);
  assert.deepEqual((await flowRuns.view(next.id)).usual, { seconds: 2, runs: 1 });
  assert.equal((await server.send("GET", `/api/flow_runs/${ID}/view`)).status, 404);
});

test("a page about a task run names what it takes results of, and its sub-flow", async () => {
  await using server = await startTestServer();
  const { flowRuns, taskRuns } = server.client;
  const run = await server.aFlowRun({ state: "RUNNING" });
  const make = (name: string, inputs = {}) =>
    taskRuns.create({ flow_run_id: run.id, task_key: name, dynamic_key: "0", name, task_inputs: inputs });
  const first = await make("first");
  const second = await make("second", { x: [{ input_type: "task_run", id: first.id }] });
  const child = await flowRuns.create({ flow_id: run.flow_id, parent_task_run_id: second.id });
  const view = await taskRuns.view(second.id);
  assert.deepEqual([view.flow_run?.id, view.flow?.name, view.child?.id], [run.id, "my-flow", child.id]);
  assert.deepEqual(view.sources.map(({ name }) => name), ["first"]);
  const parent = (await flowRuns.view(child.id)).parent!;
  assert.deepEqual([parent.task_run.name, parent.flow_run.name], ["second", run.name]);
});

test("a console is what was printed, in order, without what the agent said itself", async () => {
  await using server = await startTestServer();
  const { flowRuns, logs } = server.client;
  const run = await server.aFlowRun({ state: "RUNNING" });
  const record = (key: string, name: string, message: string, n: number) => ({
    name,
    level: LOG_LEVELS.INFO,
    message,
    timestamp: `2026-11-21T22:34:${String(n).padStart(2, "0")}Z`,
    flow_run_id: run.id,
    key,
  });
  await logs.create([
    record("1:p1:0", "flowctl.Agent", "Pulling image 'big'...", 0),
    record("1:c1:0", "flowctl.container", "\x1b[31mred\x1b[0m", 1),
    record("1:s1", "flowctl.my-flow", "hello", 2),
    record("2:c1:0", "flowctl.container", "again", 3),
  ]);
  const line = "[2026-11-21 22:34:02+0000] INFO - flowctl.my-flow | hello\n";
  assert.equal(await flowRuns.console(run.id), `\x1b[31mred\x1b[0m\n${line}again\n`);
  assert.equal(await flowRuns.console(run.id, { attempt: 1 }), `\x1b[31mred\x1b[0m\n${line}`);
  assert.equal(await flowRuns.console(run.id, { tail: 1 }), "again\n");
  await logs.create(Array.from({ length: 2500 }, (_, n) => record(`3:c${n}:0`, "flowctl.container", `line ${n}`, 10)));
  const text = await flowRuns.console(run.id, { attempt: 3 });
  assert.deepEqual([text.split("\n").length, text.split("\n").at(-2)], [2501, "line 2499"]);

  const task = await server.client.taskRuns.create({ flow_run_id: run.id, task_key: "s", dynamic_key: "0" });
  const sub = await flowRuns.create({ flow_id: run.flow_id, parent_task_run_id: task.id });
  const between = { ...record("2:s9", "flowctl.container", "of the sub-flow", 3), flow_run_id: sub.id };
  await logs.create([between, { ...between, key: "2:s1", timestamp: "2026-11-21T22:34:01.500Z" }]);
  const both = (await flowRuns.console(run.id)).split("\n");
  assert.deepEqual(both.slice(1, 5), ["of the sub-flow", line.trim(), "again", "of the sub-flow"]);
  assert.equal(both.length, 2506);
  const tail = await flowRuns.console(run.id, { attempt: 2, tail: 2 });
  assert.equal(tail, "again\nof the sub-flow\n");
});
