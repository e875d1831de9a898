/**
 * The answers that the pages of flows, agents, projects and settings are made of.
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
const ENGINE = { name: "box", version: "20.10.24", os: "Debian", arch: "x86_64", address: "unix:///d.sock", cpus: 2 };

test("flows are listed by name in pages, searched by name and tag as they are written, and by project", async () => {
  await using server = await startTestServer();
  for (const [name, project, tags] of [["b_1", "p", []], ["bx1", "p", []], ["a", "q", ["b_1"]], ["c", "default", []]]) {
    await server.aFlow({ name: name as string, project: project as string, tags: tags as string[] });
  }
  const { page } = server.client.flows;
  const first = await page({ limit: 3 });
  assert.deepEqual(first.flows.map(({ name }) => name), ["a", "b_1", "bx1"]);
  assert.deepEqual(first.projects, ["default", "p", "q"]);
  const second = await page({ limit: 3, after: first.next! });
  assert.deepEqual([second.flows.map(({ name }) => name), second.next], [["c"], null]);
  assert.deepEqual((await page({ search: "B_1" })).flows.map(({ name }) => name), ["a", "b_1"]);
  assert.deepEqual((await page({ search: "%" })).flows, []);
  assert.deepEqual((await page({ project: "p", search: "1" })).flows.map(({ name }) => name), ["b_1", "bx1"]);
});

test("a flow in the list has its labels, the warning of an agent that lacks, and its latest runs that began", async () => {
  await using server = await startTestServer();
  const { agents, flows, flowRuns, deployments } = server.client;
  const flow = await server.aFlow();
  const deployment = await server.aDeployment({ ...DOCKER, flow_id: flow.id, name: "d", labels: ["gpu", "big"] });
  await server.aDeployment({ flow_id: flow.id, name: "e", labels: ["gpu"] });
  for (let n = 0; n < 14; n++) await server.aFlowRun({ flow_id: flow.id, name: `run-${n}`, state: "RUNNING" });
  await deployments.createRun(deployment.id);
  const row = async () => (await flows.page()).flows[0];
  const { labels, deployments: count, runs, label_warning } = await row();
  assert.deepEqual([labels, count], [["big", "gpu"], 2]);
  assert.equal(label_warning, "Agent Problem: you have no live agents");
  assert.deepEqual(runs.map(({ name }) => name), Array.from({ length: 12 }, (_, n) => `run-${13 - n}`));
  await agents.create({ id: A, name: "ada", labels: ["gpu", "big"] });
  assert.equal((await row()).label_warning, null);
  await flowRuns.setState(runs[0].id, { type: "COMPLETED" });
  assert.equal((await row()).runs[0].state_type, "COMPLETED");
});

test("a flow's view has its deployments, versions with their storage, and runs; older versions can be archived", async () => {
  await using server = await startTestServer();
  const { flows, flowVersions, deployments } = server.client;
  const flow = await server.aFlow();
  const storage = {
    type: "docker",
    registry_url: "registry.example/dev",
    image_name: "docker-1-flow",
    image_tag: "1",
    image_id: "sha256:1",
    digest: "sha256:2",
    path: "/flow.js",
  } as const;
  const given = { ...DOCKER, flow_id: flow.id, name: "registered", labels: ["docker_flows"], entrypoint: "a" };
  const schema = { type: "object", properties: { n: { type: "integer" } } };
  const first = await server.aDeployment({ ...given, parameter_openapi_schema: schema });
  const second = await server.aDeployment({ ...given, entrypoint: "b", storage });
  assert.notEqual(first.version_id, second.version_id);
  const run = await deployments.createRun(second.id, { state: { type: "RUNNING" } });
  const view = await flows.view(flow.id);
  assert.equal(view.label_warning, "Agent Problem: you have no live agents");
  assert.deepEqual(view.deployments.map(({ name, labels, runner, version }) => [name, labels, runner, version]), [
    ["registered", ["docker_flows"], "docker", 2],
  ]);
  assert.deepEqual(view.versions.map(({ number, is_latest, archived }) => [number, is_latest, archived]), [
    [2, true, null],
    [1, false, null],
  ]);
  assert.deepEqual(view.versions[0].storage, storage);
  assert.deepEqual(view.versions[1].parameters, ["n"]);
  assert.deepEqual(view.runs.map(({ id, version, deployment_name }) => [id, version, deployment_name]), [
    [run.id, 2, "registered"],
  ]);

  await flowVersions.archive(first.version_id);
  assert.notEqual((await flows.view(flow.id)).versions[1].archived, null);
  await assert.rejects(flowVersions.archive(second.version_id), /Cannot archive version 2 .*: it is the latest one/);
  await assert.rejects(
    deployments.createRun(first.id, { deployment_version_id: first.version_id }),
    /its version 1 is archived/,
  );
  assert.equal((await server.send("GET", `/api/flows/${A}/view`)).status, 404);
});

test("a flow's runs come in pages, newest first, all or of one version", async () => {
  await using server = await startTestServer();
  const { flows, deployments } = server.client;
  const flow = await server.aFlow();
  const given = { ...DOCKER, flow_id: flow.id, name: "d" };
  const { version_id } = await server.aDeployment({ ...given, entrypoint: "a" });
  const made: string[] = [];
  for (const entrypoint of ["a", "a", "b"]) {
    made.unshift((await deployments.createRun((await server.aDeployment({ ...given, entrypoint })).id)).id);
  }
  const one = await flows.runs(flow.id, { limit: 2 });
  assert.deepEqual([one.runs.map(({ id }) => id), one.next], [made.slice(0, 2), made[1]]);
  const two = await flows.runs(flow.id, { limit: 2, before: one.next! });
  assert.deepEqual([two.runs.map(({ id }) => id), two.next], [made.slice(2), null]);
  const old = await flows.runs(flow.id, { version: version_id });
  assert.deepEqual(old.runs.map(({ id, version }) => [id, version]), [[made[1], 1], [made[2], 1]]);
});

test("an agent's view says what it holds, held, would take, and why it would not take the rest", async () => {
  await using server = await startTestServer();
  const { agents, deployments, flowRuns } = server.client;
  const flow = await server.aFlow();
  const mine = await server.aDeployment({ ...DOCKER, flow_id: flow.id, name: "mine", labels: ["gpu"] });
  const other = await server.aDeployment({ ...DOCKER, flow_id: flow.id, name: "other", labels: ["big"] });
  await server.aDeployment({ flow_id: flow.id, name: "nobodys" });
  await agents.create({ id: A, name: "ada", labels: ["gpu"], limit: 1, engine_id: "E", engine: ENGINE });
  await agents.create({ id: B, name: "bob", engine_id: "E" });
  const done = await deployments.createRun(mine.id);
  const { claims: [first] } = await agents.claim(A, { slots: 1 });
  await flowRuns.setState(done.id, { type: "CANCELLED" }, { force: true });
  await agents.release(first.lease.id);
  const held = await deployments.createRun(mine.id);
  const { claims: [second] } = await agents.claim(A, { slots: 1 });
  await agents.started(second.lease.id, { infrastructure_pid: "docker://c1" });
  const full = await deployments.createRun(mine.id);
  const foreign = await deployments.createRun(other.id);

  const view = await agents.view(A);
  assert.deepEqual(view.agent.engine, ENGINE);
  assert.deepEqual([view.agent.held, view.agent.limit, view.neighbours.map(({ name }) => name)], [1, 1, ["bob"]]);
  assert.deepEqual(view.held.map(({ run, started, infrastructure_pid }) => [run?.id, started, infrastructure_pid]), [
    [held.id, true, "docker://c1"],
  ]);
  assert.deepEqual(view.past.map(({ id, state_type }) => [id, state_type]), [[done.id, "CANCELLED"]]);
  assert.deepEqual(view.waiting.map(({ run, refusal }) => [run.id, refusal?.kind, refusal?.text]), [
    [full.id, "full", "It holds 1 run, which is its limit"],
    [foreign.id, "labels", "It lacks the label 'big'"],
  ]);
  assert.deepEqual(view.deployments.map(({ name, refusal }) => [name, refusal?.kind]), [
    ["mine", "full"],
    ["nobodys", "no_runner"],
    ["other", "labels"],
  ]);
  await agents.release(second.lease.id);
  assert.deepEqual((await agents.view(A)).deployments.map(({ name, refusal }) => [name, refusal?.kind])[0], [
    "mine",
    undefined,
  ]);
  assert.equal((await server.send("GET", "/api/agents/00000000-0000-4000-8000-000000000000/view")).status, 404);
});

test("what an agent tells of its engine is answered; one of an older version tells nothing", async () => {
  await using server = await startTestServer();
  const { agents } = server.client;
  await agents.create({ id: A, name: "ada" });
  assert.equal((await agents.read(A)).engine, null);
  await agents.create({ id: A, name: "ada", engine: ENGINE });
  assert.deepEqual((await agents.read(A)).engine, ENGINE);
  await agents.create({ id: B, name: "a" });
  server.clock.advance(AGENT_ALIVE_SECONDS + 1);
  await agents.heartbeat(A, { lease_ids: [] });
  assert.deepEqual((await agents.page()).map(({ name, alive }) => [name, alive]), [["ada", true], ["a", false]]);
});

test("projects are listed with how much is in them, and their description can be changed", async () => {
  await using server = await startTestServer();
  const { projects } = server.client;
  await projects.create({ name: "p", description: "old" });
  const flow = await server.aFlow({ project: "p" });
  await server.aDeployment({ flow_id: flow.id });
  for (let n = 0; n < 2; n++) await server.aFlowRun({ flow_id: flow.id });
  const told: unknown[] = [];
  const stop = server.store.changes.subscribe((change) => told.push(change));
  assert.equal((await projects.update("p", { description: "new" })).description, "new");
  assert.equal((await projects.update("p", {})).description, "new");
  stop();
  assert.deepEqual(told[0], { kind: "project", name: "p" });
  const rows = await projects.page();
  assert.deepEqual(rows.map((one) => [one.name, one.flow_count, one.deployment_count, one.run_count]), [
    ["default", 0, 0, 0],
    ["p", 1, 1, 2],
  ]);
  assert.equal((await projects.update("p", { description: null })).description, null);
  await assert.rejects(projects.update("nobody", { description: "x" }), /Project not found/);
});

test("the server says what it is and holds to admins only, and registries say who logs in", async () => {
  await using server = await startTestServer({ loopback: "require" });
  const { admin, tokens, registryLogins } = server.client;
  await server.aFlow();
  const info = await admin.server();
  assert.deepEqual([info.version, info.counts.flows, info.counts.projects.count], ["0.0.0-test", {
    count: 1,
    at_least: false,
  }, 1]);
  assert.ok(info.database.size > 4096 && info.database.schema >= 4);
  const { token } = await tokens.create({ name: "user", scope: "USER" });
  const asked = await server.send(
    "GET",
    "/api/admin/server",
    undefined,
    { authorization: `Bearer ${token}` },
    "10.0.0.9",
  );
  assert.equal(asked.status, 403);
  await registryLogins.set("ghcr.io", { username: "flows", password: "sesame" });
  assert.deepEqual((await registryLogins.list()).map(({ registry, username }) => [registry, username]), [
    ["ghcr.io", "flows"],
  ]);
});
