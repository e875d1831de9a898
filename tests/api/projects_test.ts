import assert from "node:assert/strict";
import { isFlowctlError } from "../../src/support/errors.ts";
import { queryAll, run } from "../../src/store/connection.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

/** What registering writes: versions of the deployment `registered`, the last of them the current one. */
async function register(server: TestServer, flowId: string, versions: { tasks?: unknown; archived?: boolean }[]) {
  for (const { tasks, archived } of versions) {
    server.clock.advance(1);
    const deployment = await server.aDeployment({
      flow_id: flowId,
      name: "registered",
      entrypoint: crypto.randomUUID(),
    });
    await server.store.write((tx) =>
      run(tx, "UPDATE deployment_version SET tasks = ?, archived = ? WHERE id = ?", [
        tasks === undefined ? null : JSON.stringify(tasks),
        archived ? deployment.updated : null,
        deployment.version_id,
      ])
    );
  }
}

test("a project is created once, trap 22: the second time is a conflict", async () => {
  await using server = await startTestServer();
  const first = await server.send("POST", "/api/projects/", { name: "docker_1_project", description: "of the seed" });
  assert.equal(first.status, 201);
  assert.deepEqual(first.body, {
    name: "docker_1_project",
    created: "2026-11-21T22:33:58.000000+00:00",
    description: "of the seed",
    flow_count: 0,
  });
  const second = await server.send("POST", "/api/projects/", { name: "docker_1_project", description: "other" });
  assert.equal(second.status, 409);
  assert.match(second.body.detail, /it exists already$/);
  assert.equal((await server.client.projects.read("docker_1_project")).description, "of the seed");
});

test("projects are listed by name with how many flows they have", async () => {
  await using server = await startTestServer();
  await server.client.projects.create({ name: "b_1" });
  for (const [name, project] of [["x", "a"], ["y", "a"], ["x", "default"]]) await server.aFlow({ name, project });
  const counts = (await server.client.projects.list()).map(({ name, flow_count }) => [name, flow_count]);
  assert.deepEqual(counts, [["a", 2], ["b_1", 0], ["default", 1]]);
  const named = async (name: { any_?: string[]; like_?: string }) =>
    (await server.client.projects.list({ projects: { name } })).map((project) => project.name);
  assert.deepEqual(await named({ any_: ["a", "nobody"] }), ["a"]);
  assert.deepEqual(await named({ like_: "EF" }), ["default"]);
  const misspelt = await server.send("POST", "/api/projects/filter", { projects: { names: {} } });
  assert.equal(misspelt.status, 422);
});

test("names with the five characters of addresses are refused, others come back as they were", async () => {
  await using server = await startTestServer();
  for (const name of ["a/b", "50%", "a&b", "<b>", ""]) {
    assert.equal((await server.send("POST", "/api/projects/", { name })).status, 422, name);
  }
  const odd = "ü ?#+ name.";
  await server.client.projects.create({ name: odd });
  assert.equal((await server.client.projects.read(odd)).name, odd);
  await server.client.projects.delete(odd);
});

test("a project goes with its flows, deployments, runs and logs, and nothing else does", async () => {
  await using server = await startTestServer();
  const { client, store } = server;
  const kept = await server.aFlow();
  const gone = await server.aFlow({ project: "gone" });
  const deployment = await server.aDeployment({ flow_id: gone.id });
  const runs = await Promise.all([kept, gone].map(({ id }) => client.flowRuns.create({ flow_id: id })));
  await client.taskRuns.create({ flow_run_id: runs[1].id, task_key: "t", dynamic_key: "0" });
  await client.logs.create(runs.map(({ id }) => ({
    name: "l",
    level: 20,
    message: "m",
    timestamp: "2026-11-21T22:33:58Z",
    flow_run_id: id,
  })));
  await client.projects.delete("gone");
  for (
    const read of [client.flows.read(gone.id), client.deployments.read(deployment.id), client.flowRuns.read(runs[1].id)]
  ) {
    await assert.rejects(read, (error) => isFlowctlError(error, "not_found"));
  }
  assert.deepEqual((await client.logs.list()).map((log) => log.flow_run_id), [runs[0].id]);
  assert.deepEqual(await queryAll(store.read, "SELECT id FROM task_run", []), []);
  assert.equal((await client.flowRuns.read(runs[0].id)).flow_id, kept.id);
  await assert.rejects(client.projects.delete("gone"), (error) => isFlowctlError(error, "not_found"));
});

test("the default project can't be deleted", async () => {
  await using server = await startTestServer();
  await assert.rejects(server.client.projects.delete("default"), (error) => isFlowctlError(error, "conflict"));
  assert.equal((await server.client.projects.read("default")).name, "default");
});

test("a flow has one row with its current version; a flow nobody registered has one without", async () => {
  await using server = await startTestServer();
  const plain = await server.aFlow({ name: "plain" });
  await server.aDeployment({ flow_id: plain.id, name: "nightly" });
  const flow = await server.aFlow({ name: "etl", project: "p" });
  await register(server, flow.id, [{ archived: true }, {}]);
  const { flowVersions } = server.client;
  const rows = (await flowVersions.list()).map((one) => [one.project, one.name, one.version, one.archived]);
  assert.deepEqual(rows, [["p", "etl", 2, false], ["default", "plain", null, false]]);
  const all = await flowVersions.list({ flow_versions: { all: true }, flows: { name: { any_: ["etl"] } } });
  assert.deepEqual(all.map((one) => [one.version, one.archived]), [[2, false], [1, true]]);
  assert.notEqual(all[0].id, all[1].id);
  const first = await flowVersions.list({ flow_versions: { number: { any_: [1] } } });
  assert.deepEqual(first.map((one) => [one.name, one.version]), [["etl", 1]]);
  const byId = await flowVersions.list({ flow_versions: { id: { any_: [all[1].id!] } } });
  assert.deepEqual(byId.map((one) => one.version), [1]);
});

test("flows of one name in two projects are two rows", async () => {
  await using server = await startTestServer();
  for (const project of ["a", "b"]) await register(server, (await server.aFlow({ name: "same", project })).id, [{}]);
  const rows = await server.client.flowVersions.list({ flows: { name: { any_: ["same"] } } });
  assert.deepEqual(rows.map((row) => row.project), ["b", "a"]);
  const one = await server.client.flowVersions.list({ flows: { project: { any_: ["a"] } } });
  assert.deepEqual(one.map((row) => row.project), ["a"]);
});

test("tasks are those of the registration, in its order, mapped or not", async () => {
  await using server = await startTestServer();
  const flow = await server.aFlow({ name: "etl", project: "p" });
  await register(server, flow.id, [
    { tasks: [{ name: "old" }], archived: true },
    { tasks: [{ name: "say_hello" }, { name: "add", mapped: true }] },
  ]);
  const { flowVersions } = server.client;
  const rows = await flowVersions.tasks();
  assert.deepEqual(rows.map((t) => [t.name, t.flow_name, t.project, t.flow_version, t.mapped, t.source]), [
    ["say_hello", "etl", "p", 2, null, "registration"],
    ["add", "etl", "p", 2, true, "registration"],
  ]);
  const old = await flowVersions.tasks({ flow_versions: { number: { any_: [1] } } });
  assert.deepEqual(old.map((t) => t.name), ["old"]);
  assert.deepEqual((await flowVersions.tasks({ tasks: { name: { any_: ["add"] } } })).map((t) => t.name), ["add"]);
});

test("tasks may be stored by their names alone, and a registration that names none has those of its runs", async () => {
  await using server = await startTestServer();
  const named = await server.aFlow({ name: "named" });
  await register(server, named.id, [{ tasks: ["say_hello", "add"] }]);
  const flow = await server.aFlow({ name: "unnamed" });
  await register(server, flow.id, [{ tasks: [] }]);
  const [deployment] = await server.client.deployments.list({ flows: { id: { any_: [flow.id] } } });
  const { id } = await server.client.deployments.createRun(deployment.id);
  await server.client.taskRuns.create({ flow_run_id: id, task_key: "seen", dynamic_key: "0" });
  const rows = await server.client.flowVersions.tasks();
  assert.deepEqual(rows.map((t) => [t.flow_name, t.name, t.source]), [
    ["unnamed", "seen", "runs"],
    ["named", "say_hello", "registration"],
    ["named", "add", "registration"],
  ]);
});

test("tasks that no registration says are those of the latest runs; what stands for a sub-flow is none", async () => {
  await using server = await startTestServer();
  const { flowRuns, flowVersions, taskRuns } = server.client;
  const flow = await server.aFlow({ name: "plain" });
  for (let n = 0; n < 2; n++) {
    const { id } = await flowRuns.create({ flow_id: flow.id });
    // The hash of a task's code is no part of its name: ours has 8 digits, that of Prefect's client 32.
    for (const key of [`first-0000000${n}`, `second-${"ab12".repeat(8)}`, "third-time"]) {
      await taskRuns.create({ flow_run_id: id, task_key: key, dynamic_key: "0" });
      await taskRuns.create({ flow_run_id: id, task_key: key, dynamic_key: "1" });
    }
    const parent = await taskRuns.create({ flow_run_id: id, task_key: "child", dynamic_key: "0" });
    await flowRuns.create({ flow_id: (await server.aFlow({ name: "child" })).id, parent_task_run_id: parent.id });
  }
  const rows = await flowVersions.tasks({ flows: { name: { any_: ["plain"] } } });
  assert.deepEqual(rows.map((t) => [t.name, t.flow_version, t.source]), [
    ["first", null, "runs"],
    ["second", null, "runs"],
    ["third-time", null, "runs"],
  ]);
});
