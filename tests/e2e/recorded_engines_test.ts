/**
 * Engines newer than the one that is here, by recorded answers: agent, runs, logs, networks, pulls and `doctor` of the compiled binary.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ENGINES } from "../docker/fixtures/engines.ts";
import { test } from "../testing/test.ts";
import { RecordedEngineServer } from "./recorded_engine.ts";
import { dockerFlow, until, World } from "./support.ts";

for (const recorded of ENGINES.filter(({ name }) => /^Docker 2[4-9]/.test(name))) {
  test(`on ${recorded.name} a flow runs with its logs, networks and limits, and what it refuses is told in its words`, async () => {
    await using world = new World();
    await using engine = await new RecordedEngineServer(recorded, world.root).open();
    for (const Name of ["one", "two"]) {
      engine.fake.networks.set(Name, { Id: Name.repeat(20), body: { Driver: "bridge", Scope: "local" } });
    }
    world.file(
      "runs.ts",
      dockerFlow("runs", `  console.log("on a newer engine");`, `networks: ["one", "two"], memory: "1g"`),
    );
    world.file("gone.ts", dockerFlow("gone", "", `image: "example.test/nobody:1"`));
    world.file("exits.ts", dockerFlow("exits", `  process.exit(3);`, "", `import process from "node:process";`));
    for (const name of ["runs", "gone", "exits"]) await world.ok(["deployment", "create", `./${name}.ts`]);
    const env = { DOCKER_HOST: engine.address };
    const server = await world.server([], env);
    const ended = async (name: string) => {
      const run = await world.createRun(`${name}/d`);
      return { run, done: await world.finished(server.url, run.id) };
    };

    const { run, done } = await ended("runs");
    assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
    const messages = await world.messages(server.url, run.id);
    assert.ok(messages.includes("on a newer engine"), messages.join("\n"));
    await until(
      "what the engine warned of is in the log",
      async () =>
        (await world.messages(server.url, run.id)).some((line) =>
          /The engine says of container '.*': Published ports/.test(line)
        ),
    );
    const container = engine.fake.find(run.name);
    assert.deepEqual(container.networks, ["one", "two"]);
    assert.equal(container.options.HostConfig?.Memory, 1024 ** 3);
    // One version was agreed on and held to; newer engines take several networks at once.
    const versions = new Set(engine.asked.flatMap((line) => /\/v(\d+\.\d+)\//.exec(line)?.[1] ?? []));
    assert.deepEqual([...versions], [recorded.chosen]);
    assert.equal(engine.asked.some((line) => line.includes("/connect")), recorded.chosen === "1.43");

    const exits = (await ended("exits")).done;
    assert.equal(exits.state_type, "CRASHED");
    assert.match(exits.state!.message!, /exit code 3/);
    const gone = (await ended("gone")).done;
    assert.equal(gone.state_type, "FAILED");
    assert.match(
      gone.state!.message!,
      /Cannot pull image "example\.test\/nobody:1": the engine says "(manifest for|failed to resolve reference) .*not found/,
    );

    const { code, stdout } = await world.run(["doctor", "--only", "engine", "--only", "binary", "-o", "json"], { env });
    assert.equal(code, 0, stdout);
    const [first, second] = JSON.parse(stdout);
    assert.ok(first.message.includes(`Engine ${recorded.version.Version} answers`), stdout);
    assert.ok(first.message.includes(`(API ${recorded.chosen})`), stdout);
    assert.equal(second.status, "ok");
  });
}

test("an engine of another processor without a flowctl for it is told at the agent's start and by doctor, and its runs fail with what helps", async () => {
  const recorded = ENGINES.find(({ chosen }) => chosen === "1.47")!;
  const foreign = { ...recorded, info: { ...recorded.info, Architecture: "riscv64" } };
  await using world = new World();
  await using engine = await new RecordedEngineServer(foreign, world.root).open();
  const env = { DOCKER_HOST: engine.address };
  const server = await world.server([], env);
  await server.prints(
    /WARNING - flowctl\.Agent \| Cannot put flowctl into a container: there is no flowctl binary for Linux on riscv64/,
  );
  const { code, stdout } = await world.run(["doctor", "--only", "binary", "-o", "json"], { env });
  const [found] = JSON.parse(stdout);
  assert.deepEqual([code, found.check, found.status], [1, "binary", "fail"], stdout);
  assert.match(found.fix, /FLOWCTL_LINUX_BINARY/);
  world.file("hello.ts", dockerFlow("hello", ""));
  await world.ok(["deployment", "create", "./hello.ts"]);
  const run = await world.createRun("hello/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "FAILED");
  assert.match(done.state!.message!, /no flowctl binary for Linux on riscv64 here\. Set FLOWCTL_LINUX_BINARY/);
  assert.equal(engine.fake.containers.size, 0);
});
