/**
 * Why a run waits, as the API says it, by agents, leases, limits and lines that are really there.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { AgentCreate } from "../../src/domain/agents.ts";
import { LOG_LEVELS } from "../../src/domain/logs.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const ID = "aaaaaaaa-0000-4000-8000-000000000000";
const OTHER = "bbbbbbbb-0000-4000-8000-000000000000";
const DOCKER = { flow_runner: { type: "docker" } } as const;

const agent = (server: TestServer, over: Partial<AgentCreate> = {}) =>
  server.client.agents.create({ id: ID, name: "ada", ...over });

test("the sentence follows a run from no agent to its container", async () => {
  await using server = await startTestServer();
  const { agents, deployments, flowRuns, logs } = server.client;
  const deployment = await server.aDeployment({ ...DOCKER, labels: ["gpu"] });
  const run = await deployments.createRun(deployment.id);
  const reason = async () => (await flowRuns.waiting(run.id))?.reason;
  assert.deepEqual(await flowRuns.waiting(run.id), {
    reason: "no_agent",
    message: "Agent Problem: you have no live agents",
    hint: null,
    command: "flowctl agent start --label gpu",
    at: null,
  });
  await agent(server, { labels: ["cpu"] });
  assert.equal(await reason(), "labels");
  await agent(server, { labels: ["gpu"], runners: ["subprocess"] });
  assert.equal(await reason(), "runner");
  await agent(server, { labels: ["gpu"] });
  await agents.claim(ID, { slots: 1, runners: ["subprocess"] });
  assert.equal(await reason(), "engine_away");
  await agents.create({ id: OTHER, name: "bob", labels: ["gpu"] });
  assert.equal(await reason(), "start");
  server.clock.advance(10);
  assert.equal(await reason(), "late");
  const { claims: [{ lease }] } = await agents.claim(OTHER, { slots: 1, runners: ["docker"] });
  assert.equal((await flowRuns.waiting(run.id))!.message, "Agent 'bob' gets ready to start it");
  await logs.create(["Pulling image 'big'...", "Pulling image 'big': 1 of 2 layers"].map((message, n) => ({
    name: "flowctl.Agent",
    level: LOG_LEVELS.INFO,
    message,
    timestamp: `2026-11-21T22:34:0${n}Z`,
    flow_run_id: run.id,
    key: `1:p2026-11-21T22:34:0${n}:${n}`,
  })));
  const pull = (await flowRuns.waiting(run.id))!;
  assert.deepEqual([pull.reason, pull.hint], ["pull", "Pulling image 'big': 1 of 2 layers"]);
  await agents.started(lease.id, { infrastructure_pid: "docker://c" });
  assert.equal((await flowRuns.waiting(run.id))!.message, "Agent 'bob' started it, and its flow loads");
  await flowRuns.setState(run.id, { type: "RUNNING" });
  assert.equal(await flowRuns.waiting(run.id), null);
});

test("a run behind a limit is told when it can begin, by how long such runs usually take", async () => {
  await using server = await startTestServer();
  const { agents, deployments, flowRuns } = server.client;
  await agent(server, { limit: 1 });
  const deployment = await server.aDeployment(DOCKER);
  const runOnce = async (seconds: number) => {
    const { id } = await deployments.createRun(deployment.id);
    const { claims: [{ lease }] } = await agents.claim(ID, { slots: 1 });
    await flowRuns.setState(id, { type: "RUNNING" });
    server.clock.advance(seconds);
    await flowRuns.setState(id, { type: "COMPLETED" });
    await agents.release(lease.id);
  };
  for (const seconds of [10, 20, 60]) await runOnce(seconds);
  const first = await deployments.createRun(deployment.id);
  await agents.claim(ID, { slots: 1 });
  await flowRuns.setState(first.id, { type: "RUNNING" });
  const begun = (await flowRuns.read(first.id)).start_time!;
  server.clock.advance(1);
  const second = await deployments.createRun(deployment.id);
  const third = await deployments.createRun(deployment.id);
  const waiting = await flowRuns.waiting(second.id);
  assert.deepEqual([waiting!.reason, waiting!.message], ["limit", "Agent 'ada' holds 1 of at most 1 runs"]);
  assert.equal(Date.parse(waiting!.at!) - Date.parse(begun), 20_000);
  assert.match((await flowRuns.waiting(third.id))!.message, /; 1 run is before it$/);
});

test("a run of another time says that time, one that is over nothing, one that is not there 404", async () => {
  await using server = await startTestServer();
  const { deployments, flowRuns } = server.client;
  const deployment = await server.aDeployment(DOCKER);
  const scheduled_time = "2026-11-22T00:00:00.000000+00:00";
  const { id } = await deployments.createRun(deployment.id, {
    state: { type: "SCHEDULED", state_details: { scheduled_time } },
  });
  const waiting = (await flowRuns.waiting(id))!;
  assert.deepEqual([waiting.reason, waiting.at], ["schedule", scheduled_time]);
  assert.match(waiting.hint!, /no live agents/);
  const over = await server.aFlowRun({ state: "COMPLETED" });
  assert.equal(await flowRuns.waiting(over.id), null);
  assert.equal((await server.send("GET", `/api/flow_runs/${ID}/waiting`)).status, 404);
});
