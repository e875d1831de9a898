/**
 * What the API knows of agents, and what it says when no agent takes what waits.
 *
 * @module
 */

import assert from "node:assert/strict";
import { AGENT_ALIVE_SECONDS } from "../../src/domain/agents.ts";
import { test } from "../testing/test.ts";
import { startTestServer } from "../testing/test_server.ts";

const A = "aaaaaaaa-0000-4000-8000-000000000000";
const B = "bbbbbbbb-0000-4000-8000-000000000000";
const DOCKER = { flow_runner: { type: "docker" } } as const;

test("the API knows an agent's labels, version and last sign of life, and whether it is alive", async () => {
  await using server = await startTestServer();
  const { agents } = server.client;
  await agents.create({ id: A, name: "ada", labels: ["gpu"], version: "0.1.0" });
  const first = await agents.read(A);
  assert.deepEqual([first.labels, first.version, first.alive, first.stopped], [["gpu"], "0.1.0", true, null]);
  server.clock.advance(AGENT_ALIVE_SECONDS);
  assert.equal((await agents.read(A)).alive, true);
  server.clock.advance(1);
  assert.deepEqual((await agents.list()).map(({ name, alive }) => [name, alive]), [["ada", false]]);
  await agents.heartbeat(A, { lease_ids: [] });
  const again = await agents.read(A);
  assert.equal(again.alive, true);
  assert.notEqual(again.last_seen, first.last_seen);
});

test("an agent that says that it stops is dead at once, and alive with its next claim", async () => {
  await using server = await startTestServer();
  const { agents } = server.client;
  await agents.create({ id: A, name: "ada" });
  await agents.stopped(A);
  const { alive, stopped } = await agents.read(A);
  assert.deepEqual([alive, stopped !== null], [false, true]);
  await agents.claim(A, { slots: 1 });
  assert.deepEqual([(await agents.read(A)).alive, (await agents.read(A)).stopped], [true, null]);
  assert.equal((await server.send("POST", `/api/agents/${B}/stopped`)).status, 404);
});

test("an agent is deleted when it is dead and holds nothing", async () => {
  await using server = await startTestServer();
  const { agents, deployments } = server.client;
  await agents.create({ id: A, name: "ada" });
  await assert.rejects(agents.delete(A), /Cannot delete agent "ada": it is alive/);
  await deployments.createRun((await server.aDeployment(DOCKER)).id);
  const { claims: [{ lease }] } = await agents.claim(A, { slots: 1 });
  await agents.stopped(A);
  await assert.rejects(agents.delete(A), /Cannot delete agent "ada": it holds 1 run/);
  await agents.release(lease.id);
  await agents.delete(A);
  assert.deepEqual(await agents.list(), []);
  assert.equal((await server.send("DELETE", `/api/agents/${A}`)).status, 404);
});

test("trap 12: a flow's answer says why no agent takes its runs, by life and not by registration", async () => {
  await using server = await startTestServer();
  const { agents, flows } = server.client;
  const flow = await server.aFlow();
  const warning = async () => (await flows.read(flow.id)).label_warning;
  assert.equal(await warning(), null, "nothing of it is for agents");
  await server.aDeployment({ ...DOCKER, flow_id: flow.id, name: "registered", labels: ["docker_flows"] });
  assert.equal(await warning(), "Agent Problem: you have no live agents");
  await agents.create({ id: A, name: "ada", labels: ["gpu"] });
  assert.equal(await warning(), "Label Problem: no live agent has the label 'docker_flows'");
  await agents.create({ id: B, name: "bob", labels: ["docker_flows"] });
  assert.equal(await warning(), null);
  await agents.stopped(B);
  assert.match((await warning())!, /^Label Problem/);
  server.clock.advance(AGENT_ALIVE_SECONDS + 1);
  assert.equal(await warning(), "Agent Problem: you have no live agents");
});

test("trap 12: a run that waits says why nobody takes it, and one that does not wait says nothing", async () => {
  await using server = await startTestServer();
  const { agents, deployments, flowRuns } = server.client;
  const run = await deployments.createRun((await server.aDeployment({ ...DOCKER, labels: [] })).id);
  await agents.create({ id: A, name: "ada", labels: ["gpu"] });
  assert.match(
    (await flowRuns.labelWarning(run.id))!,
    /^Label Problem: it has no labels, and every live agent has some/,
  );
  await flowRuns.setState(run.id, { type: "CANCELLED" });
  assert.equal(await flowRuns.labelWarning(run.id), null);
  assert.equal((await server.send("GET", `/api/flow_runs/${A}/label_warning`)).status, 404);
});
