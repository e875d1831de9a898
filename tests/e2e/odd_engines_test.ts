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

test("an engine that hangs in the middle of a start lets its agent stop, and another agent starts the run once", async () => {
  needsEngine();
  for (const stage of ["/containers/create", "/start", "/images/"]) {
    await using engine = await new OddEngine((path) => path.includes(stage)).open();
    await using world = await deployed();
    const server = await world.server(["--no-agent"]);
    const env = { FLOWCTL_API_URL: `${server.url}/api`, DOCKER_HOST: engine.address };
    const agent = world.start(["agent", "start"], { env });
    const run = await world.createRun("hello/d");
    await until(`the engine is asked for ${stage}`, () => engine.asked.some((line) => line.includes(stage)));
    const since = Date.now();
    await agent.stop();
    assert.ok(Date.now() - since < 20_000, `${stage}: ${Date.now() - since} ms`);
    engine.become(() => false);
    world.start(["agent", "start"], { env });
    const done = await world.finished(server.url, run.id);
    assert.equal(done.state_type, "COMPLETED", `${stage}: ${done.state?.message}`);
    const containers = await world.containers(run.id);
    assert.equal(containers.length, 1, stage);
  }
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

const STARTING: [what: string, oddity: Oddity][] = [
  ["whose info is null", (path, response) => path === "/info" && json(response, "null")],
  ["whose info is a list", (path, response) => path === "/info" && json(response, "[]")],
  ["whose info is empty", (path, response) => path === "/info" && json(response, "")],
  ["whose info is a page", (path, response) => path === "/info" && json(response, "<html><h1>It works!</h1></html>")],
  ["whose info breaks off", (path, response) => {
    if (path !== "/info") return false;
    response.writeHead(200, { "content-length": "1000", "api-version": "1.41" });
    response.write('{"ID": "half');
    setTimeout(() => response.destroy(), 20);
    return true;
  }],
  ["that closes each connection at once", (_path, response) => {
    response.destroy();
    return true;
  }],
  ["that speaks no HTTP", (_path, response) => {
    response.socket!.end("SSH-2.0-OpenSSH_9.2\r\n");
    return true;
  }],
  ["whose version is no version", (path, response) => {
    if (path !== "/_ping") return false;
    response.writeHead(200, { "api-version": "banana" });
    response.end("OK");
    return true;
  }],
  ["that is too old", (path, response) => {
    if (path !== "/_ping") return false;
    response.writeHead(200, { "api-version": "1.24" });
    response.end("OK");
    return true;
  }],
  ["that answers 500", (_path, response) => json(response, '{"message":"out of cheese"}', 500)],
  ["that answers 503 without a word", (_path, response) => json(response, "", 503)],
  ["that redirects", (_path, response) => {
    response.writeHead(302, { location: "http://127.0.0.1:1/" });
    response.end();
    return true;
  }],
  [
    "whose events are garbage",
    (path, response) => path === "/events" && json(response, "this is no event\n{}\nnull\n"),
  ],
];

test("engines that answer nonsense are warned of in a sentence, and serve as soon as they are mended", async () => {
  needsEngine();
  await using engine = await new OddEngine(STARTING[0][1]).open();
  await using world = await deployed();
  const server = await world.server(["--no-agent"]);
  const env = { FLOWCTL_API_URL: `${server.url}/api`, DOCKER_HOST: engine.address };
  for (const [what, oddity] of STARTING) {
    engine.become(oddity);
    const agent = world.start(["agent", "start"], { env });
    await agent.prints(/WARNING - flowctl.Agent \| .*Docker runs are taken as soon as it answers/)
      .catch((error) => Promise.reject(new Error(`An engine ${what}: ${error.message}`)));
    engine.become(() => false);
    const run = await world.createRun("hello/d");
    const done = await world.finished(server.url, run.id);
    assert.equal(done.state_type, "COMPLETED", `An engine ${what}: ${done.state?.message}`);
    await agent.stop();
    noTraces(agent.output());
  }
});

const RUNNING: [what: string, oddity: Oddity, message: RegExp][] = [
  [
    "that creates nothing it can name",
    (path, response) => path === "/containers/create" && json(response, "{}", 201),
    /./,
  ],
  ["that creates null", (path, response) => path === "/containers/create" && json(response, "null", 201), /./],
  ["whose image is nothing", (path, response) => /^\/images\/.*json$/.test(path) && json(response, "{}"), /./],
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
    assert.match(done.state!.message!, /^Submission failed: Cannot /, what);
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
