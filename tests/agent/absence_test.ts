/**
 * The engine away, the API away, the agent away: nothing is lost, nothing is doubled, nobody is declared dead.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Docker } from "../../src/docker/client.ts";
import { test } from "../testing/test.ts";
import { TestAgent, until } from "./agent_api.ts";

const DOCKER = { type: "docker" as const, config: {} };

test("while no engine answers Docker runs are not asked for, and one warning names the address", async () => {
  await using agent = new TestAgent();
  agent.engine.setDown(true);
  agent.start();
  agent.api.submit(DOCKER);
  await until("a claim is open", () => agent.api.claims.length > 0);
  assert.deepEqual(agent.api.claims[0].runners, ["subprocess"]);
  await until("the engine was tried again", () => agent.engine.requests.length >= 2);
  agent.engine.setDown(false);
  await agent.running();
  assert.deepEqual(agent.api.claims.at(-1)!.runners, ["docker", "subprocess"]);
  const warnings = agent.lines.filter((line) => line.includes("WARNING"));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /no Docker Engine answers at "http:\/\/localhost"/);
});

test("an engine that drops its streams loses no line and no run", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  agent.engine.print(id, "before");
  await until("the first line arrived", () => agent.api.api.logs.length === 1);
  agent.engine.setDown(true);
  agent.engine.print(id, "meanwhile");
  assert.equal(agent.api.stateOf(run), "PENDING");
  agent.engine.setDown(false);
  await until("the second line arrived", () => agent.api.api.logs.length === 2);
  agent.engine.print(id, "after");
  agent.engine.die(id, { exitCode: 1 });
  await agent.released(lease);
  assert.deepEqual(agent.api.api.messages(), ["before", "meanwhile", "after"]);
  assert.deepEqual(agent.printed, ["before", "meanwhile", "after"]);
});

test("a container that ended while the engine's events were away is closed when they are back", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  await until("the lease is started", () => lease.started);
  agent.engine.setDown(true);
  agent.engine.die(id, { exitCode: 9 });
  agent.engine.setDown(false);
  await agent.released(lease);
  assert.match(agent.api.messageOf(run), /exit code 9/);
});

test("an agent that comes back goes on with its container, and no line is lost or doubled", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  agent.engine.print(id, "one");
  await until("the first line arrived", () => agent.api.api.logs.length === 1);
  await agent.stop();
  assert.equal(agent.engine.find(id).status, "running", "containers outlive their agent");
  agent.engine.print(id, "two");
  agent.start();
  agent.engine.print(id, "three");
  await until("all lines arrived", () => agent.api.api.logs.length === 3);
  await agent.api.api.client.flowRuns.setState(run.id, { type: "COMPLETED" });
  agent.engine.die(id);
  await agent.released(lease);
  assert.deepEqual(agent.api.api.messages(), ["one", "two", "three"]);
  assert.equal(agent.api.stateOf(run), "COMPLETED");
  assert.equal(agent.engine.containers.size, 1);
});

test("a container that ended while its agent was away is closed, with its lines", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  await until("the lease is started", () => lease.started);
  await agent.stop();
  agent.engine.print(id, "last words");
  agent.engine.die(id, { exitCode: 5 });
  agent.start();
  await agent.released(lease);
  assert.equal(agent.api.messageOf(run), "Container ended with exit code 5\nlast words");
  assert.deepEqual(agent.api.api.messages(), ["last words"]);
});

test("a container that vanished while its agent was away makes its run Crashed", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  await until("the lease is started", () => lease.started);
  await agent.stop();
  agent.engine.containers.delete(id);
  agent.start();
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "CRASHED");
});

test("a container of ours without a lease is stopped, and one of another home is not touched", async () => {
  await using agent = new TestAgent().start();
  const { lease } = agent.api.submit(DOCKER);
  const ours = await agent.running();
  await until("the lease is started", () => lease.started);
  await agent.stop();
  const foreign = await agent.engine.fetch("http://localhost/containers/create?name=foreign", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...ours.options,
      Labels: { ...ours.options.Labels, "dev.flowctl.installation": "another", "dev.flowctl.lease": "x" },
    }),
  });
  const { Id } = await foreign.json();
  await agent.engine.fetch(`http://localhost/containers/${Id}/start`, { method: "POST" });
  agent.api.leases.delete(lease.id);
  agent.start();
  await until("ours has ended", () => ours.status === "exited");
  assert.equal(agent.engine.find(Id).status, "running");
});

test("a run that was claimed and not begun is given back by the agent that comes back", async () => {
  await using agent = new TestAgent();
  const { lease } = agent.api.submit(DOCKER);
  agent.api.waiting.length = 0;
  agent.api.leases.set(lease.id, lease);
  agent.start();
  await agent.released(lease);
  assert.equal(agent.engine.containers.size, 0);
});

test("while the API is away the agent warns once and waits, and a container's end is told when it is back", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  await until("the lease is started", () => lease.started);
  agent.api.isDown = true;
  agent.engine.print(id, "said in the dark");
  agent.engine.die(id, { exitCode: 2 });
  // Ends the open claim, whose successor finds nobody.
  agent.api.change();
  await until("the agent noticed", () => agent.engine.requests.filter(({ path }) => path.endsWith("/logs")).length > 1);
  agent.api.isDown = false;
  await agent.released(lease);
  assert.match(agent.api.messageOf(run), /exit code 2/);
  assert.deepEqual(agent.api.api.messages(), ["said in the dark"]);
});

test("an engine that goes away over a start is asked again, and the run goes on in the same container", async () => {
  await using agent = new TestAgent().start();
  agent.engine.failNext(/POST .*\/start/, "refuse");
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  await until("the lease is started", () => lease.started);
  assert.equal(agent.engine.requests.filter(({ path }) => path === "/containers/create").length, 1);
  assert.equal(agent.api.released.size, 0);
  agent.engine.die(id, { exitCode: 3 });
  await agent.released(lease);
  assert.match(agent.api.messageOf(run), /exit code 3/);
});

test("an engine that goes away over a creation is asked again, and there is one container", async () => {
  await using agent = new TestAgent().start();
  agent.engine.failNext("POST /containers/create", "refuse");
  const { lease } = agent.api.submit(DOCKER);
  await agent.running();
  await until("the lease is started", () => lease.started);
  assert.equal(agent.engine.containers.size, 1);
  assert.equal(agent.api.released.size, 0);
});

test("a creation whose answer was lost is found again by its lease", async () => {
  await using agent = new TestAgent();
  const { fetch } = agent.engine;
  let isLost = false;
  const docker = new Docker({
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      if (isLost || !/containers\/create/.test(String(input))) return answer;
      isLost = true;
      await answer.body?.cancel();
      throw new TypeError("the connection was closed");
    },
  });
  agent.start({ docker });
  const { lease } = agent.api.submit(DOCKER);
  const container = await agent.running();
  await until("the lease is started", () => lease.started);
  assert.equal(container.name, "heavy-parakeet");
  assert.equal(agent.engine.containers.size, 1);
});

test("a stop that the engine fails at is tried again", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const container = await agent.running();
  agent.engine.failNext(/POST .*\/stop/, { status: 500, message: "did not receive an exit event" });
  await agent.api.cancel(run);
  await agent.released(lease);
  assert.deepEqual(container.signals, ["SIGTERM"]);
  assert.equal(agent.api.stateOf(run), "CANCELLED");
});

test("an engine that fails while a run is taken over is asked again", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  await until("the lease is started", () => lease.started);
  await agent.stop();
  agent.engine.failNext(`GET /containers/${id}/json`, { status: 500 });
  agent.start();
  await until("it is followed again", () => agent.lines.some((line) => line.includes("Went on with flow run")));
  agent.engine.die(id, { exitCode: 3 });
  await agent.released(lease);
  assert.match(agent.api.messageOf(run), /exit code 3/);
});

test("an API that fails over the end of a run is told again", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  await until("the lease is started", () => lease.started);
  let failures = 2;
  agent.api.api.intercept = (method, path) =>
    method === "GET" && path.startsWith("/flow_runs/") && failures-- > 0
      ? { status: 500, body: { exception_message: "Internal Server Error", code: "internal" } }
      : undefined;
  agent.engine.die(id, { exitCode: 3 });
  await agent.released(lease);
  assert.match(agent.api.messageOf(run), /exit code 3/);
});

test("an agent that is stopped while the API is away leaves the end of a run, and its lines, to the next one", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit({ type: "docker", config: { auto_remove: true } });
  const { id } = await agent.running();
  await until("the lease is started", () => lease.started);
  agent.api.isDown = true;
  agent.engine.print(id, "said in the dark");
  agent.engine.die(id, { exitCode: 2 });
  await until("the line was shown", () => agent.printed.length === 1);
  await agent.stop();
  assert.ok(agent.engine.containers.has(id), "nobody has read it yet");
  agent.api.isDown = false;
  agent.start();
  await agent.released(lease);
  assert.match(agent.api.messageOf(run), /exit code 2/);
  assert.deepEqual(agent.api.api.messages(), ["said in the dark"]);
  await until("the container is gone", () => !agent.engine.containers.has(id));
});

test("lines that the engine can't read are warned of once, and the run ends nevertheless", async () => {
  await using agent = new TestAgent().start();
  agent.engine.failNext(/GET .*\/logs/, { status: 501, message: "the driver does not support reading" }, {
    times: 1000,
  });
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  await until(
    "it was asked twice",
    () => agent.engine.requests.filter(({ path }) => path.endsWith("/logs")).length > 1,
  );
  agent.engine.die(id, { exitCode: 4 });
  await agent.released(lease);
  assert.match(agent.api.messageOf(run), /exit code 4/);
  assert.equal(agent.lines.filter((line) => line.includes("does not support reading")).length, 1);
});

test("an engine that hangs without a word is noticed, and what ended meanwhile is closed when it answers again", async () => {
  const ticks: (() => void)[] = [];
  const clock = {
    now: () => Temporal.Now.instant(),
    // Pings and their patience pass when the test says so.
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = ms < 5000 ? setTimeout(resolve, 1) : undefined;
        if (ms === 30_000 || ms === 5000) ticks.push(resolve);
        signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
      }),
  };
  await using agent = new TestAgent({ clock }).start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  await until("the lease is started", () => lease.started);
  agent.engine.failNext("GET /_ping", "hang");
  const asked = () => agent.engine.requests.filter(({ path }) => path === "/events").length;
  assert.equal(asked(), 1);
  await until("the events are asked for anew", () => {
    ticks.splice(0).forEach((tick) => tick());
    return asked() > 1;
  });
  agent.engine.print(id, "after");
  agent.engine.die(id, { exitCode: 5 });
  await agent.released(lease);
  assert.match(agent.api.messageOf(run), /exit code 5\nafter/);
  assert.deepEqual(agent.printed, ["after"]);
});

test("two agents can't live in one home", async () => {
  await using agent = new TestAgent().start();
  await until("the first one claims", () => agent.api.claims.length > 0);
  await using other = new TestAgent();
  Object.defineProperty(other, "home", { value: agent.home });
  other.start();
  await assert.rejects(other.stop(), /one is running on/);
  Object.defineProperty(other, "stop", { value: () => Promise.resolve() });
});
