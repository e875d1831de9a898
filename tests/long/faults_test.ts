/**
 * Faults that take their time: graces, leases and silences that are as long as they are for users.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { EngineProxy } from "../e2e/engine_proxy.ts";
import { dockerFlow, until, World } from "../e2e/support.ts";
import { test } from "../testing/test.ts";

/** For a flow: prints past the SDK, as another program would. */
const PRINT = `import process from "node:process";
const print = (what: string | Uint8Array) => new Promise<void>((done) => process.stdout.write(what, () => done()));`;

const waitsFor = (world: World, name: string) =>
  dockerFlow(
    name,
    `  const { existsSync } = await import("node:fs");
  for (let n = 0; !existsSync("/work/enough"); n++) {
    console.log("line " + n);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  console.log("the end");`,
    `volumes: ["${world.work}:/work"]`,
  );

test("a flow that is cancelled and ignores SIGTERM is killed after 30 seconds and is Cancelled", async () => {
  await using world = new World();
  world.file(
    "stubborn.ts",
    dockerFlow(
      "stubborn",
      `  console.log("up");
  while (true) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);`,
    ),
  );
  await world.ok(["deployment", "create", "./stubborn.ts"]);
  const server = await world.server();
  const run = await world.createRun("stubborn/d");
  await server.prints(/ up$/m);
  const asked = Date.now();
  await world.ok(["flow-run", "cancel", run.id]);
  assert.equal((await world.finished(server.url, run.id)).state_type, "CANCELLED");
  const [container] = await world.containers(run.id);
  const { State } = await (await world.docker).getContainer(container.Id).inspect();
  assert.equal(State.ExitCode, 137);
  const seconds = (Date.parse(State.FinishedAt) - asked) / 1000;
  assert.ok(seconds > 29 && seconds < 40, `it ended after ${seconds} s`);
});

test("a server that is away longer than a lease finds its run going on, and it is Completed", async () => {
  await using world = new World();
  world.file("waits.ts", waitsFor(world, "waits"));
  await world.ok(["deployment", "create", "./waits.ts"]);
  const first = await world.server(["--no-agent"]);
  const port = new URL(first.url).port;
  const agent = world.start(["agent", "start"], { env: { FLOWCTL_API_URL: `${first.url}/api` } });
  const run = await world.createRun("waits/d");
  await until("it runs", async () => (await world.messages(first.url, run.id)).includes("line 3"));
  await first.stop("SIGKILL");
  // A lease lives for 30 seconds.
  await new Promise((resolve) => setTimeout(resolve, 35_000));
  const second = await world.server(["--no-agent", "--port", port]);
  // Long enough for the server to look through the leases before the agent's next heartbeat, or after it.
  const seen = (await world.messages(second.url, run.id)).length;
  await until("lines arrive again", async () => (await world.messages(second.url, run.id)).length > seen + 100, 60_000);
  world.file("enough", "");
  assert.equal((await world.finished(second.url, run.id)).state_type, "COMPLETED");
  await until("no line can come any more", () => world.client(second.url).flowRuns.settled(run.id, 5));
  const messages = await world.messages(second.url, run.id);
  const lines = messages.filter((message) => message.startsWith("line "));
  assert.deepEqual(lines, lines.map((_, n) => `line ${n}`));
  assert.equal((await world.containers(run.id)).length, 1);
  assert.equal(agent.output().match(/Lost the lease/g), null);
});

test("an engine that hangs in mid-run is noticed, and the end of its container is told when it goes on", async () => {
  await using world = new World();
  await using proxy = new EngineProxy(join(world.root, "engine.sock"));
  await proxy.open();
  world.file("waits.ts", waitsFor(world, "waits"));
  await world.ok(["deployment", "create", "./waits.ts"]);
  const server = await world.server([], { DOCKER_HOST: proxy.address });
  const run = await world.createRun("waits/d");
  await until("it runs", async () => (await world.messages(server.url, run.id)).includes("line 3"));
  proxy.hang();
  const [container] = await world.containers(run.id);
  await (await world.docker).getContainer(container.Id).kill();
  await server.prints(/did not answer in time/, 60_000);
  assert.equal((await world.client(server.url).flowRuns.read(run.id)).state_type, "RUNNING");
  proxy.goOn();
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "CRASHED");
  assert.match(done.state!.message!, /exit code 137/);
});

test("a request of a container that is answered late is not cut off by its run's socket", async () => {
  await using world = new World();
  world.file(
    "patient.ts",
    dockerFlow(
      "patient",
      `  const id = process.env.FLOWCTL_FLOW_RUN_ID;
  const ask = (path: string) =>
    fetch("http://localhost/api/flow_runs/" + id + path, { unix: "/.flowctl-run/api.sock" } as RequestInit);
  const run = await (await ask("")).json();
  const answer = await ask("/wait?wait_seconds=15&state_id=" + run.state_id);
  console.log("answered " + answer.status);`,
      "",
      `import process from "node:process";`,
    ),
  );
  await world.ok(["deployment", "create", "./patient.ts"]);
  const server = await world.server();
  const run = await world.createRun("patient/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.ok((await world.messages(server.url, run.id)).includes("answered 200"));
});

test("an engine that starts late and drops its connections again and again costs no run", async () => {
  await using world = new World();
  await using proxy = new EngineProxy(join(world.root, "engine.sock"));
  world.file("hello.ts", dockerFlow("hello", `  console.log("hello");`, "autoRemove: true"));
  await world.ok(["deployment", "create", "./hello.ts"]);
  const server = await world.server(["--no-agent"]);
  const agent = world.start(["agent", "start", "--limit", "8", "--base-url", proxy.address], {
    env: { FLOWCTL_API_URL: `${server.url}/api` },
  });
  const client = world.client(server.url);
  const deployment = await client.deployments.readByName("hello", "d");
  const runs = await Promise.all(Array.from({ length: 30 }, () => client.deployments.createRun(deployment.id)));
  await proxy.open();
  const isDone = async () => await client.flowRuns.count({ flow_runs: { state: { type: { any_: ["COMPLETED"] } } } });
  for (const n of [5, 10, 15]) {
    await until(`${n} runs are Completed`, async () => await isDone() >= n, 120_000);
    proxy.dropConnections();
  }
  await until("all runs are Completed", async () => await isDone() === runs.length, 180_000).catch(async (error) => {
    const states = await client.flowRuns.list({ limit: 200 });
    const told = states.map(({ name, state }) => `${name} ${state?.name}: ${state?.message}`).join("\n");
    throw new Error(`${(error as Error).message}\n${told}\n${agent.output()}`);
  });
  await until("all containers are removed", async () => {
    const filters = { label: [`dev.flowctl.installation=${world.installation()}`] };
    return (await (await world.docker).listContainers({ all: true, filters })).length === 0;
  });
});

test("a flow that prints 100,000 records and 100,000 raw lines as fast as it can loses and doubles none of them", async () => {
  await using world = new World();
  world.file(
    "fast.ts",
    dockerFlow(
      "fast",
      `  for (let n = 0; n < 100_000; n++) console.log("line " + n + " " + "x".repeat(60));
  await print(Array.from({ length: 100_000 }, (_, n) => "raw " + n + "\\n").join(""));`,
      "streamOutput: false",
      PRINT,
    ),
  );
  await world.ok(["deployment", "create", "./fast.ts"]);
  const server = await world.server(["--no-agent"]);
  const agent = world.start(["agent", "start"], { env: { FLOWCTL_API_URL: `${server.url}/api` } });
  const run = await world.createRun("fast/d");
  const memory = { server: 0, agent: 0 };
  const client = world.client(server.url);
  await until("no line can come any more", async () => {
    memory.server = Math.max(memory.server, residentMegabytes(server.child.pid!));
    memory.agent = Math.max(memory.agent, residentMegabytes(agent.child.pid!));
    return await client.flowRuns.settled(run.id, 0);
  }, 120_000);
  assert.equal((await client.flowRuns.read(run.id)).state_type, "COMPLETED");
  const database = new DatabaseSync(join(world.home, "flowctl.db"), { readOnly: true });
  const count = (pattern: string) =>
    database.prepare("SELECT count(*) AS all_, count(DISTINCT message) AS distinct_ FROM log WHERE message LIKE ?")
      .get(pattern) as { all_: number; distinct_: number };
  try {
    assert.deepEqual({ ...count("line %") }, { all_: 100_000, distinct_: 100_000 });
    assert.deepEqual({ ...count("raw %") }, { all_: 100_000, distinct_: 100_000 });
    assert.equal(count("%\u001b%").all_, 0, "no mark is in a record");
  } finally {
    database.close();
  }
  assert.ok(memory.agent < 400 && memory.server < 400, `agent ${memory.agent} MB, server ${memory.server} MB`);
});

/** How much memory a process has now. */
function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
}
