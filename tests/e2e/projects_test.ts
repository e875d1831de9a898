/**
 * Projects, `get`, `describe`, backends, settings and profiles on the compiled binary.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { serve } from "../../src/support/serve.ts";
import { test } from "../testing/test.ts";
import { World } from "./support.ts";

const FLOW = `import { flow, task } from "flowctl";
const sayHello = task("say_hello", () => console.log("Hello, docker_1!"));
const wave = task("wave", () => {});
const hello = flow("hello", async () => {
  await sayHello();
  await wave();
});
if (import.meta.main) await hello();
`;

const cells = (text: string) => text.trimEnd().split("\n").map((line) => line.split(/ {2,}/));

test("trap 22: a project that exists is said to exist, without --skip-if-exists as a failure", async () => {
  await using world = new World();
  assert.equal(await world.ok(["create", "project", "p", "-d", "of mine"]), "p created\n");
  const again = await world.run(["create", "project", "p"]);
  assert.deepEqual([again.code, again.stdout], [5, ""]);
  assert.match(again.stderr, /^Error: Cannot create project "p": it exists already\n/);
  assert.equal(await world.ok(["create", "project", "p", "--skip-if-exists"]), "p already exists\n");
  const [head, [name, count, age, description]] = cells(await world.ok(["get", "projects", "-n", "p"]));
  assert.deepEqual(head, ["NAME", "FLOW COUNT", "AGE", "DESCRIPTION"]);
  assert.deepEqual([name, count, description], ["p", "0", "of mine"]);
  assert.match(age, /^(now|.* ago)$/);
});

test("trap 21: every failure of the older commands ends with another code than 0, in one sentence", async () => {
  await using world = new World();
  const commands = [
    "backend clown",
    "create project a/b",
    "delete project nobody --yes",
    "delete project default --yes",
    "delete project default",
    "get logs -n nobody",
    "get logs",
    "describe flows -n nobody",
    "describe tasks -n nobody",
    "describe flow-runs -n nobody",
    "config set FLOWCTL_NOTHING=1",
    "config set FLOWCTL_LOG_LEVEL=LOUD",
    "config unset FLOWCTL_LOG_LEVEL",
    "profile use nobody",
  ];
  for (const line of commands) {
    const { code, stdout, stderr } = await world.run(line.split(" "));
    assert.ok(code !== 0 && code !== 70, `${line}: ${code}`);
    assert.equal(stdout, "", line);
    assert.match(stderr, /^Error: .*\n(Hint: .*\n)?$/, line);
  }
});

test("get and describe show what a run left, with and without a server", async () => {
  await using world = new World();
  world.file("hello.ts", FLOW);
  await world.ok(["./hello.ts"]);
  const look = async () => {
    assert.deepEqual(cells(await world.ok(["get", "flows"])).map(([name, version]) => [name, version]), [
      ["NAME", "VERSION"],
      ["hello", "-"],
    ]);
    const [head, [name, flow, state]] = cells(await world.ok(["get", "flow-runs", "-f", "hello", "--started"]));
    assert.deepEqual(head, ["NAME", "FLOW NAME", "STATE", "AGE", "START TIME", "ID"]);
    assert.deepEqual([flow, state], ["hello", "Completed"]);
    const tasks = cells(await world.ok(["get", "tasks", "-fn", "hello"]));
    assert.deepEqual(tasks.map(([task]) => task), ["NAME", "say_hello", "wave"]);
    const logs = cells(await world.ok(["get", "logs", "-n", name]));
    assert.deepEqual(logs[0], ["TIMESTAMP", "LEVEL", "MESSAGE"]);
    assert.ok(logs.some(([, level, message]) => level === "INFO" && message === "Hello, docker_1!"));
    const run = JSON.parse(await world.ok(["describe", "flow-runs", "-n", name, "-fn", "hello"]));
    assert.deepEqual([run.state.type, typeof run.start_time, typeof run.end_time], ["COMPLETED", "string", "string"]);
    assert.deepEqual(Object.keys(run), Object.keys(run).toSorted());
    assert.match(await world.ok(["describe", "flows", "-n", "hello", "-o", "yaml"]), /^archived: false\n/);
    const described = JSON.parse(await world.ok(["describe", "tasks", "-n", "hello"]));
    assert.deepEqual(described.map((task: { name: string }) => task.name), ["say_hello", "wave"]);
    assert.deepEqual(cells(await world.ok(["get", "flow-runs", "-p", "default", "-l", "5", "-o", "name"])), [[run.id]]);
  };
  await look();
  const { url } = await world.server(["--no-agent"]);
  await look();
  assert.equal((await world.client(url).flows.list()).length, 1);
});

test("a project goes with its flows and runs", async () => {
  await using world = new World();
  const { url } = await world.server(["--no-agent"]);
  const client = world.client(url);
  const flow = await client.flows.create({ name: "f", project: "gone" });
  const { id } = await client.flowRuns.create({ flow_id: flow.id });
  assert.equal((await world.run(["delete", "project", "gone"])).code, 2, "nobody can be asked");
  assert.equal(await world.ok(["delete", "project", "gone", "--yes"]), "gone deleted\n");
  await assert.rejects(client.flowRuns.read(id), /not found/);
  assert.equal((await world.run(["get", "flows"])).stderr, "No flows found\n");
});

test("the backend is kept in the active profile: ephemeral on a fresh home, then the one that was chosen", async () => {
  await using world = new World();
  const word = async () => (await world.ok(["backend", "-o", "name"])).trim();
  assert.equal(await word(), "ephemeral");
  assert.equal(existsSync(world.home), false, "asking makes nothing");
  await world.ok(["backend", "server"]);
  await world.ok(["profile", "create", "other"]);
  await world.ok(["profile", "use", "other"]);
  assert.equal(await word(), "ephemeral");
  await world.ok(["profile", "use", "default"]);
  assert.equal(await word(), "server");
});

test("with backend server and no server there, commands fail and do not write beside it", async () => {
  await using world = new World();
  await world.ok(["backend", "server"]);
  const isUsual = () =>
    fetch("http://127.0.0.1:4200/api/health").then((answer) => answer.body?.cancel()).then(() => true).catch(() =>
      false
    );
  const before = await isUsual();
  const { code, stderr } = await world.run(["get", "projects"]);
  // Somebody may have one there; then it is the one that is meant.
  if (!before && !await isUsual()) {
    assert.equal(code, 4);
    assert.match(stderr, /Cannot reach the API at "http:\/\/127\.0\.0\.1:4200\/api"/);
  }
  assert.equal(existsSync(join(world.home, "flowctl.db")), false);
  const { url } = await world.server(["--no-agent"]);
  assert.equal(await world.ok(["create", "project", "p"]), "p created\n");
  assert.equal((await world.client(url).projects.read("p")).name, "p");
});

test("backend cloud speaks to the address of the profile with its key, and to no other with it", async () => {
  const asked: [path: string, key: string | null][] = [];
  const api = await serve({ hostname: "127.0.0.1", port: 0 }, (request) => {
    asked.push([new URL(request.url).pathname, request.headers.get("authorization")]);
    return Response.json([]);
  });
  const url = `http://127.0.0.1:${api.port}/api`;
  try {
    await using world = new World();
    await world.ok(["backend", "cloud"]);
    const without = await world.run(["get", "projects"]);
    assert.equal(without.code, 2);
    assert.match(without.stderr, /Hint: Store one with: flowctl auth login --api URL --key KEY/);
    await world.ok(["config", "set", `FLOWCTL_API_URL=${url}`, "FLOWCTL_API_KEY=s3cret"]);
    await world.ok(["get", "projects", "-o", "json"]);
    await world.ok(["get", "projects", "-o", "json"], {
      env: { FLOWCTL_API_URL: url.replace("127.0.0.1", "localhost") },
    });
    assert.deepEqual(asked, [["/api/projects/filter", "Bearer s3cret"], ["/api/projects/filter", null]]);
  } finally {
    await api.stop(1000);
  }
});

test("settings are kept in a file of 0600, shown masked, and go behind the environment", async () => {
  await using world = new World();
  await world.ok(["config", "set", "FLOWCTL_API_KEY=s3cret", "FLOWCTL_LOG_LEVEL=DEBUG"]);
  assert.equal(statSync(join(world.home, "profiles.json")).mode & 0o777, 0o600);
  const env = { FLOWCTL_LOG_LEVEL: "ERROR" };
  for (const format of ["table", "json", "yaml"]) {
    const shown = await world.ok(["config", "view", "-o", format], { env });
    assert.doesNotMatch(shown, /s3cret/);
    assert.match(shown, /\*{8}/);
    assert.match(shown, /ERROR/);
  }
  assert.doesNotMatch(await world.ok(["profile", "inspect"]), /s3cret/);
  await world.ok(["config", "unset", "FLOWCTL_API_KEY", "FLOWCTL_LOG_LEVEL"]);
  assert.equal(await world.ok(["config", "view", "--no-defaults", "-o", "name"]), "FLOWCTL_HOME\n");
});

test("settings written at the same time are all there", async () => {
  await using world = new World();
  const names = Array.from({ length: 6 }, (_, n) => `p${n}`);
  const ended = await Promise.all(names.map((name) => world.run(["profile", "create", name])));
  assert.deepEqual(ended.map((one) => one.code), names.map(() => 0), ended.map((one) => one.stderr).join(""));
  assert.deepEqual((await world.ok(["profile", "ls", "-o", "name"])).trim().split("\n").sort(), ["default", ...names]);
  assert.deepEqual(readdirSync(world.home).sort(), ["profiles.json", "profiles.lock"]);
});
