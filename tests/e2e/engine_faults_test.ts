/**
 * Engines that start late, go away, fail and hang, as seen by an agent and its runs.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "../testing/test.ts";
import { counting, isComplete } from "./counting.ts";
import { EngineProxy } from "./engine_proxy.ts";
import { dockerFlow, until, World } from "./support.ts";

test("an engine that starts after the agent is warned of once, and Docker runs are taken as soon as it answers", async () => {
  await using world = new World();
  await using proxy = new EngineProxy(join(world.root, "engine.sock"));
  world.file("hello.ts", dockerFlow("hello", `  console.log("hello");`));
  await world.ok(["deployment", "create", "./hello.ts"]);
  const server = await world.server([], { DOCKER_HOST: proxy.address });
  const run = await world.createRun("hello/d");
  await server.prints(/engine\.sock/);
  const reason = async () => await world.client(server.url).flowRuns.labelWarning(run.id) ?? "";
  await until(
    "the run says why it waits",
    async () => /^Agent Problem: the Docker Engine of agent '.+' does not answer$/.test(await reason()),
  );
  await proxy.open();
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  const warnings = server.output().split("\n").filter((line) => /WARNING/.test(line));
  assert.equal(warnings.length, 1, warnings.join("\n"));
});

test("an engine that goes away in mid-run loses no line, no run, and is warned of once", async () => {
  await using world = new World();
  await using proxy = new EngineProxy(join(world.root, "engine.sock"));
  await proxy.open();
  world.file("counts.ts", counting(world));
  await world.ok(["deployment", "create", "./counts.ts"]);
  const server = await world.server([], { DOCKER_HOST: proxy.address });
  const run = await world.createRun("counts/d");
  await until("ten lines have arrived", async () => (await world.messages(server.url, run.id)).includes("line 10"));
  await proxy.cut();
  await server.prints(/no Docker Engine answers/);
  const said = (await world.messages(server.url, run.id)).filter((line) => line.startsWith("line ")).length;
  await until(
    "the flow's own records still arrive",
    async () =>
      (await world.messages(server.url, run.id)).filter((line) => line.startsWith("line ")).length > said + 10,
  );
  await proxy.open();
  await server.prints(/engine\.sock" answers/);
  proxy.dropConnections();
  const raw = async () => (await world.messages(server.url, run.id)).filter((line) => line.startsWith("raw ")).length;
  const before = await raw();
  await until("raw lines arrive again", async () => await raw() > before + 5);
  world.file("enough", "");
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  await isComplete(world, server.url, run.id);
  const shown = server.output().split("\n").filter((line) => /\braw \d+$/.test(line));
  assert.equal(new Set(shown).size, shown.length, "no line is shown twice");
});

test("an engine that ends a container while it can't be reached tells of it when it is back", async () => {
  await using world = new World();
  await using proxy = new EngineProxy(join(world.root, "engine.sock"));
  await proxy.open();
  world.file("exits.ts", counting(world, "exits"));
  await world.ok(["deployment", "create", "./exits.ts"]);
  const server = await world.server([], { DOCKER_HOST: proxy.address });
  const run = await world.createRun("exits/d");
  await until("it runs", async () => (await world.messages(server.url, run.id)).includes("line 3"));
  await proxy.cut();
  await server.prints(/no Docker Engine answers/);
  const [container] = await world.containers(run.id);
  await (await world.docker).getContainer(container.Id).kill();
  await proxy.open();
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "CRASHED");
  assert.match(done.state!.message!, /exit code 137/);
});

test("an engine that answers 500 is warned of, and the run is taken when it has recovered", async () => {
  await using world = new World();
  await using proxy = new EngineProxy(join(world.root, "engine.sock"));
  await proxy.open();
  proxy.fail();
  world.file("hello.ts", dockerFlow("hello", `  console.log("hello");`));
  await world.ok(["deployment", "create", "./hello.ts"]);
  const server = await world.server([], { DOCKER_HOST: proxy.address });
  const run = await world.createRun("hello/d");
  await server.prints(/made to fail/);
  proxy.goOn();
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
});

test("an engine that hangs while a run is submitted is waited for", async () => {
  await using world = new World();
  await using proxy = new EngineProxy(join(world.root, "engine.sock"));
  await proxy.open();
  world.file("hello.ts", dockerFlow("hello", `  console.log("hello");`));
  await world.ok(["deployment", "create", "./hello.ts"]);
  const server = await world.server([], { DOCKER_HOST: proxy.address });
  const first = await world.createRun("hello/d");
  assert.equal((await world.finished(server.url, first.id)).state_type, "COMPLETED");
  proxy.hang();
  const run = await world.createRun("hello/d");
  await server.prints(new RegExp(`Submitting flow run '${run.name}'`));
  proxy.goOn();
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  assert.equal((await world.containers(run.id)).length, 1);
});
