/**
 * Runs that end badly end within seconds, in the right state, with a reason.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { dockerFlow, until, World } from "./support.ts";

const runOf = async (world: World, name: string) => {
  await world.ok(["deployment", "create", `./${name}.ts`]);
  const server = await world.server();
  const run = await world.createRun(`${name}/d`);
  return { server, run, done: await world.finished(server.url, run.id) };
};

test("a flow that throws is Failed with its error, file and line", async () => {
  await using world = new World();
  world.file("throws.ts", dockerFlow("throws", `  throw new Error("the disk is on fire");`));
  const { server, run, done } = await runOf(world, "throws");
  assert.equal(done.state_type, "FAILED");
  assert.match(done.state!.message!, /the disk is on fire/);
  assert.match(done.state!.message!, /throws\.ts:4/);
  assert.match((await world.messages(server.url, run.id)).join("\n"), /the disk is on fire/);
});

test("a task that throws fails its flow, and says where", async () => {
  await using world = new World();
  world.file(
    "task-throws.ts",
    dockerFlow(
      "task-throws",
      `  await boom();`,
      "",
      `const boom = task("boom", () => {\n  throw new Error("kaput");\n});`,
    ),
  );
  const { server, run, done } = await runOf(world, "task-throws");
  assert.equal(done.state_type, "FAILED");
  assert.match(done.state!.message!, /kaput/);
  const [task] = await world.client(server.url).taskRuns.list({ flow_runs: { id: { any_: [run.id] } } } as never);
  assert.equal(task.state_type, "FAILED");
  assert.match(task.state!.message!, /kaput.*task-throws\.ts:3/s);
});

test("a flow that calls process.exit(3) is Crashed with that exit code", async () => {
  await using world = new World();
  world.file("exits.ts", dockerFlow("exits", `  process.exit(3);`, "", `import process from "node:process";`));
  const { done } = await runOf(world, "exits");
  assert.equal(done.state_type, "CRASHED");
  assert.match(done.state!.message!, /exit code 3|code 3/);
});

test("a flow that is killed for memory is Crashed and says so", async () => {
  await using world = new World();
  world.file(
    "hungry.ts",
    dockerFlow(
      "hungry",
      `  const kept: Uint8Array[] = [];\n  for (;;) kept.push(new Uint8Array(8 << 20).fill(1));`,
      `memory: "160m"`,
    ),
  );
  const { done } = await runOf(world, "hungry");
  assert.equal(done.state_type, "CRASHED");
  assert.match(done.state!.message!, /memory/i);
  assert.match(done.state!.message!, /137/);
});

test("a container that is removed by hand makes its run Crashed", async () => {
  await using world = new World();
  world.file(
    "removed.ts",
    dockerFlow("removed", `  console.log("up");\n  await new Promise(() => setInterval(() => {}, 1000));`),
  );
  await world.ok(["deployment", "create", "./removed.ts"]);
  const server = await world.server();
  const run = await world.createRun("removed/d");
  await until("the flow is up", async () => (await world.messages(server.url, run.id)).includes("up"));
  const [container] = await world.containers(run.id);
  await (await world.docker).getContainer(container.Id).remove({ force: true });
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "CRASHED");
  assert.match(done.state!.message!, /removed|exit code 137/);
});

test("an image that nobody has makes the run Failed with the engine's reason, and the agent lives on", async () => {
  await using world = new World();
  world.file("nowhere.ts", dockerFlow("nowhere", ``, `image: "127.0.0.1:1/nobody/nothing:1"`));
  const { server, done } = await runOf(world, "nowhere");
  assert.ok(done.state_type === "FAILED" || done.state_type === "CRASHED");
  assert.match(done.state!.message!, /nobody\/nothing/);
  assert.equal(server.child.exitCode, null);
});
