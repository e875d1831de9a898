/**
 * Engines that hang, and answer what no engine answers: an agent says so in a sentence, goes on, and works when they are mended.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { needsEngine, test } from "../testing/test.ts";
import { OddEngine, type Oddity, silentServer } from "./odd_engine.ts";
import { dockerFlow, until, World } from "./support.ts";

const HELLO = dockerFlow("hello", `  console.log("hello");`);
const SUB = `import { DeploymentSpec, flow, SubprocessFlowRunner } from "flowctl";
new DeploymentSpec({ name: "d", flow: flow("sub", () => console.log("in a process")), flowRunner: new SubprocessFlowRunner() });
`;

async function deployed(): Promise<World> {
  const world = new World();
  world.file("hello.ts", HELLO);
  world.file("sub.ts", SUB);
  await world.ok(["deployment", "create", "./hello.ts"]);
  await world.ok(["deployment", "create", "./sub.ts"]);
  return world;
}

/** What an agent prints for a mistake of somebody else's is sentences. */
const noTraces = (output: string) =>
  assert.doesNotMatch(
    output,
    /TypeError|ReferenceError|undefined is not|Cannot (read|destructure) propert|^\s+at .+:\d+/m,
  );

test("an engine that takes connections and never answers is warned of, other runs go on, and the agent stops when told", async () => {
  await using silent = await silentServer();
  await using world = await deployed();
  const server = await world.server([], { DOCKER_HOST: `tcp://127.0.0.1:${silent.port}` });
  const docker = await world.createRun("hello/d");
  const other = await world.createRun("sub/d");
  assert.equal((await world.finished(server.url, other.id)).state_type, "COMPLETED");
  await server.prints(
    /WARNING - flowctl.Agent \| Cannot read the engine's info: the Docker Engine did not answer in time/,
  );
  const waiting = await world.client(server.url).flowRuns.read(docker.id);
  assert.ok(["SCHEDULED", "PENDING"].includes(waiting.state_type!), String(waiting.state_type));
  const since = Date.now();
  await server.stop();
  assert.ok(Date.now() - since < 10_000, String(Date.now() - since));
  noTraces(server.output());
});

test("a run that is cancelled while its engine hangs is Cancelled, and nothing of it stays when the engine goes on", async () => {
  needsEngine();
  await using engine = await new OddEngine((path) => path.endsWith("/start")).open();
  await using world = await deployed();
  const server = await world.server([], { DOCKER_HOST: engine.address });
  const run = await world.createRun("hello/d");
  await until("the engine is asked to start", () => engine.asked.some((line) => line.endsWith("/start")));
  await world.ok(["flow-run", "cancel", run.id]);
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "CANCELLED");
  engine.become(() => false);
  await until(
    "its container is gone",
    async () => (await world.containers(run.id)).every(({ State }) => State !== "running"),
  );
  const next = await world.createRun("hello/d");
  assert.equal((await world.finished(server.url, next.id)).state_type, "COMPLETED");
  noTraces(server.output());
});

const json = (response: ServerResponse, text: string, status = 200) => {
  response.writeHead(status, { "content-type": "application/json", "api-version": "1.41" });
  response.end(text);
  return true;
};

const RUNNING: [what: string, oddity: Oddity, message: RegExp][] = [
  [
    "that creates nothing it can name",
    (path, response) => path === "/containers/create" && json(response, "{}", 201),
    /./,
  ],
  [
    "that creates null",
    (path, response) => path === "/containers/create" && json(response, "null", 201),
    /does not answer as a Docker/,
  ],
  [
    "whose image is nothing",
    (path, response) => /^\/images\/.*json$/.test(path) && json(response, "{}"),
    /does not answer as a Docker/,
  ],
  [
    "that starts with 500",
    (path, response) => path.endsWith("/start") && json(response, '{"message":"no runc"}', 500),
    /no runc/,
  ],
  [
    "that starts with 409",
    (path, response) => path.endsWith("/start") && json(response, '{"message":"busy"}', 409),
    /busy/,
  ],
];

test("a run on an engine that answers nonsense is Failed in a sentence, and the next one works when it is mended", async () => {
  needsEngine();
  await using engine = await new OddEngine().open();
  await using world = await deployed();
  const server = await world.server([], { DOCKER_HOST: engine.address });
  const first = await world.createRun("hello/d");
  assert.equal((await world.finished(server.url, first.id)).state_type, "COMPLETED");
  for (const [what, oddity, pattern] of RUNNING) {
    engine.become(oddity);
    const run = await world.createRun("hello/d");
    const done = await world.finished(server.url, run.id);
    assert.equal(done.state_type, "FAILED", `An engine ${what}: ${done.state?.message}`);
    assert.match(done.state!.message!, /^Submission failed: Cannot /, `An engine ${what}: ${done.state!.message}`);
    assert.match(done.state!.message!, pattern);
    noTraces(done.state!.message!);
    engine.become(() => false);
    const next = await world.createRun("hello/d");
    assert.equal((await world.finished(server.url, next.id)).state_type, "COMPLETED", what);
  }
  noTraces(server.output());
});

test("inspections that say nothing end no run, and the container's end is told when they say something", async () => {
  needsEngine();
  await using engine = await new OddEngine((path, response) =>
    /^\/containers\/[0-9a-f]{64}\/json$/.test(path) && json(response, "{}")
  )
    .open();
  await using world = await deployed();
  const server = await world.server([], { DOCKER_HOST: engine.address });
  const run = await world.createRun("hello/d");
  await until("the container has ended", async () => (await world.containers(run.id))[0]?.State === "exited");
  await until(
    "it was inspected",
    () => engine.asked.some((line) => /^GET \/containers\/[0-9a-f]{64}\/json$/.test(line)),
  );
  engine.become(() => false);
  await until(
    "the agent has closed it",
    async () => (await world.client(server.url).flowRuns.settled(run.id, 1)) === true,
  );
  noTraces(server.output());
});
