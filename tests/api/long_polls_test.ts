import assert from "node:assert/strict";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const AGENT = "aaaaaaaa-0000-4000-8000-000000000000";
const RUNNER = { flow_runner: { type: "subprocess" } } as const;

/** Waits until somebody sleeps on the server's clock: the poll is open then. */
async function sleepers(server: TestServer, count = 1): Promise<void> {
  while (server.clock.sleepers < count) await new Promise((resolve) => setImmediate(resolve));
}

test("a wait ends when the run's state changes", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun();
  const waiting = server.client.flowRuns.wait(run.id, run.state_id, 30);
  await sleepers(server);
  await server.client.flowRuns.setState(run.id, { type: "RUNNING" });
  assert.equal((await waiting).state_type, "RUNNING");
  assert.equal(server.clock.sleepers, 0);
});

test("a wait for a state that is past answers at once", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun({ state: "RUNNING" });
  assert.equal((await server.client.flowRuns.wait(run.id, AGENT, 30)).id, run.id);
});

test("a wait ends with its time, and with the server", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun();
  const first = server.client.flowRuns.wait(run.id, run.state_id, 30);
  await sleepers(server);
  server.clock.advance(30);
  assert.equal((await first).state_id, run.state_id);
  const second = server.client.flowRuns.wait(run.id, run.state_id, 30);
  await sleepers(server);
  server.drain.abort();
  assert.equal((await second).state_id, run.state_id);
});

test("a wait for a run that is deleted meanwhile is 404, and one without bounds is 422", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun();
  const waiting = server.send("GET", `/api/flow_runs/${run.id}/wait?state_id=${run.state_id}&wait_seconds=5`);
  await sleepers(server);
  await server.client.flowRuns.delete(run.id);
  assert.equal((await waiting).status, 404);
  assert.equal((await server.send("GET", `/api/flow_runs/${run.id}/wait?wait_seconds=1e9`)).status, 422);
});

test("an open claim gets a run as soon as it is made", async () => {
  await using server = await startTestServer();
  const { agents, deployments } = server.client;
  await agents.create({ id: AGENT, name: "agent" });
  const deployment = await server.aDeployment(RUNNER);
  const claiming = agents.claim(AGENT, { slots: 1, wait_seconds: 60 });
  await sleepers(server);
  const run = await deployments.createRun(deployment.id);
  const { claims } = await claiming;
  assert.deepEqual(claims.map((claim) => [claim.flow_run.id, claim.lease.attempt, claim.deployment.id]), [
    [run.id, 1, deployment.id],
  ]);
  assert.equal((await server.client.flowRuns.read(run.id)).state_type, "PENDING");
});

test("an open claim gets a run when it becomes due, though nothing was committed then", async () => {
  await using server = await startTestServer();
  const { agents, deployments } = server.client;
  await agents.create({ id: AGENT, name: "agent" });
  const scheduled_time = server.clock.now().add({ seconds: 20 }).toString();
  const state = { type: "SCHEDULED", state_details: { scheduled_time } } as const;
  await deployments.createRun((await server.aDeployment(RUNNER)).id, { state } as never);
  const claiming = agents.claim(AGENT, { slots: 1, wait_seconds: 60 });
  await sleepers(server);
  server.clock.advance(20);
  assert.equal((await claiming).claims.length, 1);
});

test("two open claims never get the same run", async () => {
  await using server = await startTestServer();
  const other = AGENT.replaceAll("a", "b");
  for (const id of [AGENT, other]) await server.client.agents.create({ id, name: id });
  const deployment = await server.aDeployment(RUNNER);
  const claiming = [AGENT, other].map((id) => server.client.agents.claim(id, { slots: 5, wait_seconds: 10 }));
  await sleepers(server, 2);
  await server.client.deployments.createRun(deployment.id);
  // One answers with the run; the other goes on until its time is up.
  await Promise.race(claiming);
  server.clock.advance(10);
  const claims = (await Promise.all(claiming)).flatMap((answer) => answer.claims);
  assert.equal(claims.length, 1);
});

test("an open claim hears of a cancellation once", async () => {
  await using server = await startTestServer();
  const { agents, deployments, flowRuns } = server.client;
  await agents.create({ id: AGENT, name: "agent" });
  const run = await deployments.createRun((await server.aDeployment(RUNNER)).id);
  const [{ lease }] = (await agents.claim(AGENT, { slots: 1 })).claims;
  await agents.started(lease.id, { infrastructure_pid: "host:1" });
  const claiming = agents.claim(AGENT, { slots: 0, wait_seconds: 60 });
  await sleepers(server);
  await flowRuns.setState(run.id, { type: "CANCELLING" });
  assert.deepEqual((await claiming).cancellations, [{ flow_run_id: run.id, lease_id: lease.id }]);
  const known = await agents.claim(AGENT, { slots: 0, cancelling: [run.id] });
  assert.deepEqual(known, { claims: [], cancellations: [] });
});

test("a run is settled when it is final and given back, and not before", async () => {
  await using server = await startTestServer();
  const { agents, deployments, flowRuns } = server.client;
  await agents.create({ id: AGENT, name: "agent" });
  const run = await deployments.createRun((await server.aDeployment(RUNNER)).id);
  const [{ lease }] = (await agents.claim(AGENT, { slots: 1 })).claims;
  assert.equal(await flowRuns.settled(run.id, 0), false);
  const waiting = flowRuns.settled(run.id, 60);
  await sleepers(server);
  await flowRuns.setState(run.id, { type: "COMPLETED" }, { force: true });
  assert.equal(await flowRuns.settled(run.id, 0), false, "its agent may still send lines");
  await agents.release(lease.id);
  assert.equal(await waiting, true);
});

test("a run whose agent went away is settled when its lease has expired", async () => {
  await using server = await startTestServer();
  const { agents, deployments, flowRuns } = server.client;
  await agents.create({ id: AGENT, name: "agent" });
  const run = await deployments.createRun((await server.aDeployment(RUNNER)).id);
  await agents.claim(AGENT, { slots: 1 });
  await flowRuns.setState(run.id, { type: "COMPLETED" }, { force: true });
  const waiting = flowRuns.settled(run.id, 60);
  await sleepers(server);
  server.clock.advance(31);
  assert.equal(await waiting, true);
});

test("a run without an agent is settled as soon as it is final", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun({ state: "COMPLETED" });
  assert.equal(await server.client.flowRuns.settled(run.id, 0), true);
});

test("a claim of an agent that nobody knows is 404", async () => {
  await using server = await startTestServer();
  assert.equal((await server.send("POST", `/api/agents/${AGENT}/claim`, { slots: 1, wait_seconds: 60 })).status, 404);
});

test("heartbeats renew leases, and releases end them", async () => {
  await using server = await startTestServer();
  const { agents, deployments } = server.client;
  await agents.create({ id: AGENT, name: "agent" });
  await deployments.createRun((await server.aDeployment(RUNNER)).id);
  const [{ lease }] = (await agents.claim(AGENT, { slots: 1 })).claims;
  assert.deepEqual(await agents.heartbeat(AGENT, { lease_ids: [lease.id] }), { renewed: [lease.id], lost: [] });
  assert.deepEqual((await agents.leases(AGENT)).map(({ id }) => id), [lease.id]);
  await agents.release(lease.id);
  assert.deepEqual(await agents.heartbeat(AGENT, { lease_ids: [lease.id] }), { renewed: [], lost: [lease.id] });
  assert.deepEqual((await agents.list()).map(({ name }) => name), ["agent"]);
  await assert.rejects(agents.started(lease.id, { infrastructure_pid: "x" }), /over/);
});
