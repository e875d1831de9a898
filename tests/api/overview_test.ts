import assert from "node:assert/strict";
import { Overview } from "../../src/domain/overview.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const at = (server: TestServer, seconds: number) => server.clock.now().add({ seconds }).toString();

/** The last hour in halves, and a minute more: what begins now belongs to it. */
const lastHour = (server: TestServer) => [at(server, -3600), at(server, -1800), at(server, 60)];

async function ask(server: TestServer, more: Record<string, unknown> = {}): Promise<Overview> {
  const answer = await server.send("POST", "/api/overview", { edges: lastHour(server), ...more });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(Overview.parse(answer.body), answer.body);
  return answer.body;
}

test("runs are counted by state and interval, and those of the time before beside", async () => {
  await using server = await startTestServer();
  await server.aFlowRun({ state: "COMPLETED" });
  await server.aFlowRun({ state: "FAILED" });
  server.clock.advance(3000);
  await server.aFlowRun({ state: "FAILED" });
  server.clock.advance(2400);
  await server.aFlowRun({ state: "COMPLETED" });
  await server.aFlowRun({ state: "RUNNING" });
  const { intervals, previous } = await ask(server);
  assert.deepEqual(intervals.map(({ states }) => states), [{ FAILED: 1 }, { COMPLETED: 1, RUNNING: 1 }]);
  assert.deepEqual(previous, { COMPLETED: 1, FAILED: 1 });
  assert.equal(intervals[0].end, intervals[1].start);
});

test("an interval holds its beginning and not its end", async () => {
  await using server = await startTestServer();
  await server.aFlowRun({ state: "COMPLETED" });
  const now = at(server, 0);
  const counted = async (edges: string[]) => (await ask(server, { edges })).intervals.map(({ states }) => states);
  assert.deepEqual(await counted([at(server, -1), now, at(server, 1)]), [{}, { COMPLETED: 1 }]);
});

test("failures that say the same are one, the most frequent first, with their flows and the latest", async () => {
  await using server = await startTestServer();
  const flows = [await server.aFlow({ name: "a" }), await server.aFlow({ name: "b" })];
  let latest = "";
  for (let i = 0; i < 3; i++) {
    server.clock.advance(1);
    const message = `Flow run encountered an exception: no row ${i} (a.ts:1:${i})`;
    ({ id: latest } = await server.aFlowRun({ flow_id: flows[i % 2].id, state: { type: "FAILED", message } }));
  }
  await server.aFlowRun({ state: { type: "CRASHED", message: "no row 9" } });
  await server.aFlowRun({ state: "COMPLETED" });
  const { failures } = await ask(server);
  assert.equal(failures.looked_at, 4);
  assert.deepEqual(failures.groups.map(({ error, state_type, count }) => [error, state_type, count]), [
    ["no row #", "FAILED", 3],
    ["no row #", "CRASHED", 1],
  ]);
  const [first] = failures.groups;
  assert.equal(first.latest.id, latest);
  assert.equal(first.latest.message, "Flow run encountered an exception: no row 2 (a.ts:1:2)");
  assert.deepEqual([first.flows.map(({ name }) => name), first.flow_count], [["a", "b"], 2]);
});

test("late runs are those whose time is over, with why nobody takes them; upcoming ones are the next by time", async () => {
  await using server = await startTestServer();
  const deployment = await server.aDeployment({ labels: ["gpu"], flow_runner: { type: "docker" } });
  const scheduled = async (seconds: number) =>
    (await server.client.deployments.createRun(deployment.id, {
      state: { type: "SCHEDULED", state_details: { scheduled_time: at(server, seconds) } },
    })).id;
  const [soon, later, now] = [await scheduled(60), await scheduled(120), await scheduled(0)];
  const before = await ask(server);
  assert.deepEqual(before.late, { count: 0, runs: [] });
  assert.deepEqual(before.upcoming.runs.map(({ id }) => id), [now, soon, later]);
  server.clock.advance(30);
  const { late, upcoming } = await ask(server);
  assert.deepEqual([late.count, late.runs.map(({ id }) => id)], [1, [now]]);
  assert.equal(late.runs[0].warning, "Agent Problem: you have no live agents");
  assert.deepEqual(late.runs[0].deployment, { id: deployment.id, name: "example" });
  assert.deepEqual([upcoming.count, upcoming.runs.map(({ id }) => id)], [2, [soon, later]]);
});

test("filters choose runs everywhere on the overview", async () => {
  await using server = await startTestServer();
  const [a, b] = [await server.aFlow({ name: "a" }), await server.aFlow({ name: "b" })];
  await server.aFlowRun({ flow_id: a.id, tags: ["x"], state: "FAILED" });
  await server.aFlowRun({ flow_id: b.id, state: "FAILED" });
  await server.aFlowRun({ flow_id: b.id, state: "SCHEDULED" });
  const sums = async (more: Record<string, unknown>) => {
    const { intervals, failures, late, upcoming } = await ask(server, more);
    return [intervals[1].states, failures.looked_at, late.count + upcoming.count];
  };
  assert.deepEqual(await sums({}), [{ FAILED: 2, SCHEDULED: 1 }, 2, 1]);
  assert.deepEqual(await sums({ flows: { id: { any_: [a.id] } } }), [{ FAILED: 1 }, 1, 0]);
  assert.deepEqual(await sums({ flow_runs: { tags: { all_: ["x"] } } }), [{ FAILED: 1 }, 1, 0]);
  assert.deepEqual(await sums({ flows: { project: { any_: ["elsewhere"] } } }), [{}, 0, 0]);
  assert.deepEqual(await sums({ deployments: { name: { any_: ["none"] } } }), [{}, 0, 0]);
});

test("agents are told with the runs they hold, those that live first", async () => {
  await using server = await startTestServer();
  const agent = (name: string) => server.client.agents.create({ id: crypto.randomUUID(), name, limit: 3 });
  const dead = await agent("a");
  server.clock.advance(60);
  const living = await agent("b");
  const deployment = await server.aDeployment({ flow_runner: { type: "docker" } });
  await server.client.deployments.createRun(deployment.id, {});
  const { claims } = await server.client.agents.claim(living.id, { slots: 1 });
  assert.equal(claims.length, 1);
  const { agents } = await ask(server);
  assert.deepEqual(agents.map(({ id, alive, held, limit }) => [id, alive, held, limit]), [
    [living.id, true, 1, 3],
    [dead.id, false, 0, 3],
  ]);
});

test("a new server says how far it has come", async () => {
  await using server = await startTestServer();
  assert.deepEqual((await ask(server)).begun, { deployment: null, agent: false, run: null });
  await server.aDeployment();
  await server.client.agents.create({ id: crypto.randomUUID(), name: "a" });
  const { id, name } = await server.aFlowRun({ state: "COMPLETED" });
  assert.deepEqual((await ask(server)).begun, {
    deployment: "my-flow/example",
    agent: true,
    run: { id, name, state_type: "COMPLETED" },
  });
});

test("edges that do not ascend, or are too many, are refused", async () => {
  await using server = await startTestServer();
  const [a, b] = lastHour(server);
  for (const edges of [[], [a], [b, a], [a, a], Array.from({ length: 300 }, (_, i) => at(server, i))]) {
    assert.equal((await server.send("POST", "/api/overview", { edges })).status, 422);
  }
});
