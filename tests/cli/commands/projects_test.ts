/** `create`, `delete`, `get` and `describe`, against the real API in this process. */
import assert from "node:assert/strict";
import { run } from "../../../src/store/connection.ts";
import { startTestServer, type TestServer } from "../../testing/test_server.ts";
import { test } from "../../testing/test.ts";
import { cli, type CliOptions } from "../support.ts";

const words = (server: TestServer, line: string, options: CliOptions = {}) =>
  cli(line.split(" "), {
    ...options,
    parts: {
      connect: () =>
        Promise.resolve({
          client: server.client,
          fetch: () => Promise.reject(new Error("not used")),
          mode: "remote" as const,
          address: "test",
          close: () => Promise.resolve(),
        }),
    },
  });

/** A registered flow with a run that logged, and a plain one. */
async function scene(server: TestServer) {
  const { client, store } = server;
  await client.projects.create({ name: "docker_1_project" });
  const flow = await server.aFlow({ name: "docker_1_flow", project: "docker_1_project" });
  const deployment = await server.aDeployment({ flow_id: flow.id, name: "registered", description: "of the seed" });
  const tasks = JSON.stringify([{ name: "say_hello" }]);
  await store.write((tx) =>
    run(tx, "UPDATE deployment_version SET tasks = ? WHERE id = ?", [tasks, deployment.version_id])
  );
  server.clock.advance(60);
  await server.aFlow({ name: "plain" });
  const flowRun = await client.deployments.createRun(deployment.id, { name: "funky-dog" });
  await client.logs.create([{
    name: "flowctl.say_hello",
    level: 20,
    message: "Hello, docker_1!",
    timestamp: "2026-11-21T22:33:58Z",
    flow_run_id: flowRun.id,
  }]);
  return { flow, deployment, flowRun };
}

test("trap 22: a project is said to exist and not to be created twice, and --skip-if-exists makes that no failure", async () => {
  await using server = await startTestServer();
  assert.deepEqual(await words(server, "create project p"), { code: 0, stdout: "p created\n", stderr: "", slept: [] });
  const again = await words(server, "create project p");
  assert.equal(again.code, 5);
  assert.equal(again.stdout, "");
  assert.match(again.stderr, /^Error: Cannot create project "p": it exists already\nHint: .*--skip-if-exists/);
  const skipped = await words(server, "create project p --skip-if-exists -d other");
  assert.deepEqual([skipped.code, skipped.stdout], [0, "p already exists\n"]);
  assert.equal((await server.client.projects.read("p")).description, null);
});

test("trap 21: what fails ends with another code than 0", async () => {
  await using server = await startTestServer();
  await scene(server);
  for (
    const [line, code, why] of [
      ["create project a/b", 2, /Must not contain any of/],
      ["delete project nobody --yes", 3, /no project has that name/],
      ["delete project default --yes", 5, /Cannot delete project "default"/],
      ["get logs -n nobody", 3, /no run has that name/],
      ["get logs --id 01a1fe6e-60bc-7239-a164-b03f5d40d204", 3, /no flow run has that id/],
      ["get logs", 2, /either by --name or by --id/],
      ["describe flows -n nobody", 3, /Cannot describe flow "nobody": there is none/],
      ["describe flows -n docker_1_flow -v 9", 3, /version 9/],
      ["describe flows -n docker_1_flow -p default", 3, /none in project "default"/],
      ["describe flows", 2, /Required option/],
      ["describe tasks -n nobody", 3, /there is none/],
      ["describe flow-runs -n nobody", 3, /no run has that name/],
      ["describe flow-runs -n funky-dog -fn plain", 3, /no run of flow "plain"/],
      ["get nothing", 2, /nothing/],
      ["backend clown", 2, /Cannot switch to backend "clown"/],
      ["config set FLOWCTL_NOTHING=1", 3, /no setting has that name/],
      ["config set secret", 2, /NAME=VALUE/],
    ] as const
  ) {
    const result = await words(server, line, { env: { FLOWCTL_HOME: "/nowhere/at/all" } });
    assert.equal(result.code, code, `${line}: ${result.stderr}`);
    assert.match(result.stderr, why, line);
    assert.equal(result.stdout, "", line);
  }
});

test("a project is deleted after a yes, or with --yes; without a terminal it is not guessed", async () => {
  await using server = await startTestServer();
  await scene(server);
  const line = "delete project docker_1_project";
  const unasked = await words(server, line);
  assert.equal(unasked.code, 2);
  const refused = await words(server, line, { terminal: true, stdin: "n\n" });
  assert.equal(refused.code, 5);
  assert.match(refused.stderr, /Delete project 'docker_1_project' with 1 flow and all runs\? \[y\/N\]/);
  assert.equal((await server.client.projects.read("docker_1_project")).flow_count, 1);
  const done = await words(server, line, { terminal: true, stdin: "y\n" });
  assert.deepEqual([done.code, done.stdout], [0, "docker_1_project deleted\n"]);
  await server.client.projects.create({ name: "other" });
  assert.deepEqual((await words(server, "delete project other --yes")).stdout, "other deleted\n");
  assert.deepEqual((await server.client.projects.list()).map((one) => one.name), ["default"]);
});

test("get projects, flows, flow-runs, tasks and logs have Prefect's columns", async () => {
  await using server = await startTestServer();
  const { deployment, flowRun } = await scene(server);
  const lines = async (line: string) => (await words(server, line)).stdout.split("\n").map((one) => one.split(/ {2,}/));
  assert.deepEqual(await lines("get projects -n docker_1_project"), [
    ["NAME", "FLOW COUNT", "AGE", "DESCRIPTION"],
    ["docker_1_project", "1", "now"],
    [""],
  ]);
  const flows = await lines("get flows -n docker_1_flow");
  assert.deepEqual(flows, [
    ["NAME", "VERSION", "AGE", "ID", "PROJECT NAME"],
    ["docker_1_flow", "1", "now", deployment.version_id, "docker_1_project"],
    [""],
  ]);
  assert.deepEqual((await lines("get flows")).map(([name, version]) => [name, version]), [
    ["NAME", "VERSION"],
    ["plain", "-"],
    ["docker_1_flow", "1"],
    ["", undefined],
  ]);
  assert.deepEqual(await lines("get flow-runs -f docker_1_flow"), [
    ["NAME", "FLOW NAME", "STATE", "AGE", "START TIME", "ID"],
    ["funky-dog", "docker_1_flow", "Scheduled", "in 1 minute", "-", flowRun.id],
    [""],
  ]);
  assert.deepEqual((await words(server, "get flow-runs --started")).stderr, "No flow runs found\n");
  assert.deepEqual(await lines("get tasks -fn docker_1_flow -fv 1"), [
    ["NAME", "FLOW NAME", "FLOW VERSION", "AGE", "MAPPED", "TYPE"],
    ["say_hello", "docker_1_flow", "1", "now", "-", "function"],
    [""],
  ]);
  assert.deepEqual(await lines("get logs -n funky-dog"), [
    ["TIMESTAMP", "LEVEL", "MESSAGE"],
    ["2026-11-21T22:33:58.000000+00:00", "INFO", "Hello, docker_1!"],
    [""],
  ]);
  assert.match(
    (await words(server, `get logs --id ${flowRun.id} -i`)).stdout,
    /LOGGER +TASK RUN +MESSAGE\n.*flowctl\.say_hello/,
  );
});

test("-p, -l and --version choose, and -o prints data or names", async () => {
  await using server = await startTestServer();
  const { deployment } = await scene(server);
  assert.equal((await words(server, "get flows -p docker_1_project -o name")).stdout, `${deployment.version_id}\n`);
  assert.equal((await words(server, "get flows -l 1 -o json")).stdout.match(/"name"/g)?.length, 1);
  assert.equal(JSON.parse((await words(server, "get flows --version 1 -o json")).stdout)[0].name, "docker_1_flow");
  assert.equal((await words(server, "get flows --version=2 -o json")).stdout, "[]\n");
  assert.match((await words(server, "get projects -o yaml")).stdout, /- name: default/);
});

test("flows of one name in two projects are two rows, and describing one needs --project", async () => {
  await using server = await startTestServer();
  for (const project of ["a", "b"]) await server.aFlow({ name: "same", project });
  assert.equal((await words(server, "get flows -n same -o name")).stdout.trim().split("\n").length, 2);
  const unclear = await words(server, "describe flows -n same");
  assert.equal(unclear.code, 5);
  assert.match(unclear.stderr, /several projects have one: "[ab]", "[ab]"/);
  assert.equal(JSON.parse((await words(server, "describe flows -n same -p b")).stdout).project, "b");
});

test("describe prints JSON or YAML with sorted keys", async () => {
  await using server = await startTestServer();
  const { flowRun } = await scene(server);
  const flow = JSON.parse((await words(server, "describe flows -n docker_1_flow")).stdout);
  assert.deepEqual(Object.keys(flow), Object.keys(flow).toSorted());
  for (const key of ["name", "version", "project", "created", "description", "parameters", "archived", "storage"]) {
    assert(key in flow, key);
  }
  assert.deepEqual([flow.version, flow.archived, flow.description], [1, false, "of the seed"]);
  assert.match((await words(server, "describe flows -n docker_1_flow -o yaml")).stdout, /^archived: false\n/);
  const tasks = JSON.parse((await words(server, "describe tasks -n docker_1_flow")).stdout);
  assert.deepEqual(tasks.map((task: { name: string }) => task.name), ["say_hello"]);
  const described = JSON.parse((await words(server, "describe flow-runs -n funky-dog -fn docker_1_flow")).stdout);
  assert.deepEqual([described.id, described.state.type, described.flow_name], [
    flowRun.id,
    "SCHEDULED",
    "docker_1_flow",
  ]);
  assert("start_time" in described && "end_time" in described);
  assert.deepEqual(Object.keys(described.state), Object.keys(described.state).toSorted());
});
