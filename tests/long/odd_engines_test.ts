/**
 * Engines that hang at each stage of a start, and each kind of nonsense that an agent may find where an engine should be.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { OddEngine, type Oddity } from "../e2e/odd_engine.ts";
import { dockerFlow, until, World } from "../e2e/support.ts";
import { needsEngine, test } from "../testing/test.ts";

async function deployed(): Promise<World> {
  const world = new World();
  world.file("hello.ts", dockerFlow("hello", `  console.log("hello");`));
  await world.ok(["deployment", "create", "./hello.ts"]);
  return world;
}

/** What an agent prints for a mistake of somebody else's is sentences. */
const noTraces = (output: string) =>
  assert.doesNotMatch(
    output,
    /TypeError|ReferenceError|undefined is not|Cannot (read|destructure) propert|^\s+at .+:\d+/m,
  );

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
    await agent.prints(/WARNING - flowctl.Agent \| .*Taking Docker runs is paused until it answers/)
      .catch((error) => Promise.reject(new Error(`An engine ${what}: ${error.message}`)));
    engine.become(() => false);
    const run = await world.createRun("hello/d");
    const done = await world.finished(server.url, run.id);
    assert.equal(done.state_type, "COMPLETED", `An engine ${what}: ${done.state?.message}`);
    await agent.stop();
    noTraces(agent.output());
  }
});
