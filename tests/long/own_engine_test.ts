/**
 * A real engine that is restarted, killed, shut down and filled up under an agent's hands, and two engines on one machine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { counting, isComplete } from "../e2e/counting.ts";
import { dockerFlow, until, World } from "../e2e/support.ts";
import { needsEngine, test } from "../testing/test.ts";
import { OwnEngine } from "./own_engine.ts";

const LONG_MS = 120_000;
const HELLO = dockerFlow("hello", `  console.log("hello");`);

for (const [how, signal] of [["restarted", "SIGTERM"], ["killed and started again", "SIGKILL"]] as const) {
  test(`an engine that is ${how}: what runs goes on, what waits waits, and no line is lost`, async () => {
    await using engine = await OwnEngine.start({ args: ["--live-restore"] });
    await using world = new World();
    world.file("counts.ts", counting(world));
    world.file("hello.ts", HELLO);
    await world.ok(["deployment", "create", "./counts.ts"]);
    await world.ok(["deployment", "create", "./hello.ts"]);
    const server = await world.server([], { DOCKER_HOST: engine.address });
    const run = await world.createRun("counts/d");
    const lines = async () =>
      (await world.messages(server.url, run.id)).filter((line) => line.startsWith("line ")).length;
    await until("ten lines have arrived", async () => await lines() > 10, LONG_MS);

    await engine.end(signal);
    await server.prints(
      /WARNING - flowctl.Agent \| .*no Docker Engine answers.*Taking Docker runs is paused until it answers/,
      LONG_MS,
    );
    const waiting = await world.createRun("hello/d");
    const before = await lines();
    await until("the flow's own records still arrive", async () => await lines() > before + 10, LONG_MS);
    const read = async (id: string) => (await world.client(server.url).flowRuns.read(id)).state_type;
    assert.equal(await read(run.id), "RUNNING");
    assert.ok(["SCHEDULED", "PENDING"].includes(String(await read(waiting.id))));

    await engine.run();
    await server.prints(/engine at ".*d\.sock" answers/i, LONG_MS);
    assert.equal((await world.finished(server.url, waiting.id, LONG_MS)).state_type, "COMPLETED");
    assert.equal(await read(run.id), "RUNNING");
    world.file("enough", "");
    assert.equal((await world.finished(server.url, run.id, LONG_MS)).state_type, "COMPLETED");
    await isComplete(world, server.url, run.id);
    // A flow says that it is Completed before its process is over.
    const label = ["dev.flowctl.flow-run-id"];
    await until(
      "no container runs any more",
      async () => (await engine.docker.listContainers({ filters: { label } })).length === 0,
      LONG_MS,
    );
  });
}

test("an engine that is shut down ends its containers: their runs are Crashed with the exit code when it is back", async () => {
  await using engine = await OwnEngine.start();
  await using world = new World();
  world.file(
    "stays.ts",
    dockerFlow("stays", `  console.log("up");\n  await new Promise(() => setInterval(() => {}, 1000));`),
  );
  world.file("hello.ts", HELLO);
  await world.ok(["deployment", "create", "./stays.ts"]);
  await world.ok(["deployment", "create", "./hello.ts"]);
  const server = await world.server([], { DOCKER_HOST: engine.address });
  const run = await world.createRun("stays/d");
  await until("the flow is up", async () => (await world.messages(server.url, run.id)).includes("up"), LONG_MS);
  await engine.end();
  await server.prints(/no Docker Engine answers/, LONG_MS);
  await engine.run();
  const done = await world.finished(server.url, run.id, LONG_MS);
  assert.equal(done.state_type, "CRASHED");
  assert.match(done.state!.message!, /exit code 1(37|43)|was asked to stop|SIGTERM/);
  const next = await world.createRun("hello/d");
  assert.equal((await world.finished(server.url, next.id, LONG_MS)).state_type, "COMPLETED");
});

test("two engines on one machine are served by one agent each, and neither touches the other's containers", async () => {
  needsEngine();
  await using engine = await OwnEngine.start();
  await using world = new World();
  await using other = new World();
  for (const label of ["shared", "own"]) {
    world.file(
      `${label}.ts`,
      dockerFlow(label, `  console.log("ran");`).replace(`name: "d",`, `name: "d", labels: ["${label}"],`),
    );
    await world.ok(["deployment", "create", `./${label}.ts`]);
  }
  const server = await world.server(["--no-agent"]);
  const env = { FLOWCTL_API_URL: `${server.url}/api` };
  await world.start(["agent", "start", "--label", "shared"], { env }).prints(/Agent started/);
  await other.start(["agent", "start", "--label", "own", "--base-url", engine.address], { env }).prints(
    /Agent started/,
  );
  const shared = await world.docker;
  for (const [label, docker, away] of [["shared", shared, engine.docker], ["own", engine.docker, shared]] as const) {
    const run = await world.createRun(`${label}/d`);
    const { state } = await world.finished(server.url, run.id, LONG_MS);
    assert.equal(state?.type, "COMPLETED", state?.message ?? "");
    const filters = { label: [`dev.flowctl.flow-run-id=${run.id}`] };
    assert.equal((await docker.listContainers({ all: true, filters })).length, 1);
    assert.equal((await away.listContainers({ all: true, filters })).length, 0);
  }
});

test("a full disk of the engine makes runs Failed with its words, doctor tells it, and runs work when there is room", async () => {
  await using engine = await OwnEngine.start({ diskMegabytes: 60 });
  await using world = new World();
  world.file("hello.ts", HELLO);
  await world.ok(["deployment", "create", "./hello.ts"]);
  const env = { DOCKER_HOST: engine.address };
  const server = await world.server([], env);
  const run = await world.createRun("hello/d");
  const full = await world.finished(server.url, run.id, LONG_MS);
  assert.equal(full.state_type, "FAILED");
  assert.match(full.state!.message!, /^Submission failed: Cannot .*no space left on device/);
  const doctor = async () => {
    const { code, stdout } = await world.run(["doctor", "--only", "disk", "-o", "json"], { env });
    return { code, ...JSON.parse(stdout)[0] };
  };
  const told = await doctor();
  assert.deepEqual([told.code, told.check, told.status], [1, "disk", "fail"], JSON.stringify(told));
  assert.match(told.message, new RegExp(`"${engine.dataRoot}", is full: \\d+ MB are free`));
  assert.match(told.fix, /docker system prune/);
  // What the default image and a container need, and not much more.
  engine.resize(900);
  const next = await world.createRun("hello/d");
  const done = await world.finished(server.url, next.id, LONG_MS);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  const scarce = await doctor();
  assert.deepEqual([scarce.code, scarce.status], [0, "warn"], JSON.stringify(scarce));
  // From another machine a container looks.
  const remote = await world.run(["doctor", "--only", "disk", "-o", "json"], {
    env: { ...env, FLOWCTL_API_WAY: "url" },
  });
  assert.deepEqual([remote.code, JSON.parse(remote.stdout)[0].status], [0, "warn"], remote.stdout);
  writeFileSync(join(engine.dataRoot, "filler"), new Uint8Array(620e6));
  const last = await doctor();
  assert.deepEqual([last.code, last.status], [1, "fail"], JSON.stringify(last));
});
