/**
 * Things that go wrong around a run: servers that are killed, agents that are stopped, flows that misbehave.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { skip, test } from "../testing/test.ts";
import { counting, isComplete } from "./counting.ts";
import { dockerFlow, until, World } from "./support.ts";

/** For a flow: prints past the SDK, as another program would. */
const PRINT = `import process from "node:process";
const print = (what: string | Uint8Array) => new Promise<void>((done) => process.stdout.write(what, () => done()));`;

test("a server and agent killed in mid-run: the flow goes on, no line is lost or doubled, the run is Completed", async () => {
  await using world = new World();
  world.file("counts.ts", counting(world));
  await world.ok(["deployment", "create", "./counts.ts"]);
  const first = await world.server();
  const run = await world.createRun("counts/d");
  await until("ten lines have arrived", async () => (await world.messages(first.url, run.id)).includes("line 10"));
  await first.stop("SIGKILL");
  const [before] = await world.containers(run.id);
  assert.equal(before.State, "running");
  const second = await world.server();
  const seen = (await world.messages(second.url, run.id)).length;
  await until("lines arrive again", async () => (await world.messages(second.url, run.id)).length > seen + 20);
  world.file("enough", "");
  assert.equal((await world.finished(second.url, run.id)).state_type, "COMPLETED");
  await isComplete(world, second.url, run.id);
  assert.equal((await world.containers(run.id)).length, 1);
});

test("a server killed while its agent lives on: buffered lines arrive when it is back", async () => {
  await using world = new World();
  world.file("counts.ts", counting(world));
  await world.ok(["deployment", "create", "./counts.ts"]);
  const first = await world.server(["--no-agent"]);
  const port = new URL(first.url).port;
  const agent = world.start(["agent", "start"], { env: { FLOWCTL_API_URL: `${first.url}/api` } });
  const run = await world.createRun("counts/d");
  await until("ten lines have arrived", async () => (await world.messages(first.url, run.id)).includes("line 10"));
  await first.stop("SIGKILL");
  await agent.prints(/Trying again/);
  // The flow says its last line while nobody is there to hear it.
  world.file("enough", "");
  await agent.prints(/last \d+/);
  const second = await world.server(["--no-agent", "--port", port]);
  assert.equal((await world.finished(second.url, run.id)).state_type, "COMPLETED");
  await isComplete(world, second.url, run.id);
});

test("SIGTERM answers open polls and running requests before the server ends", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "f" });
  const run = await client.flowRuns.create({ flow_id: flow.id, state: { type: "PENDING" } });
  const polls = Array.from(
    { length: 5 },
    () => fetch(`${server.url}/api/flow_runs/${run.id}/wait?state_id=${run.state_id}`),
  );
  const writes: Promise<Response>[] = [];
  for (let n = 0; n < 50; n++) {
    writes.push(fetch(`${server.url}/api/logs/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([{
        name: "t",
        level: 20,
        message: `m${n}`,
        timestamp: "2026-11-21T00:00:00Z",
        flow_run_id: run.id,
      }]),
    }));
  }
  await Promise.race(writes);
  const ended = server.stop("SIGTERM");
  const answers = await Promise.allSettled(writes);
  const stored = answers.filter((one) => one.status === "fulfilled" && one.value.status === 201).length;
  for (const answer of answers) if (answer.status === "fulfilled") await answer.value.body?.cancel();
  for (const poll of await Promise.all(polls)) {
    assert.equal(poll.status, 200);
    assert.equal((await poll.json()).id, run.id);
  }
  const { code, stderr } = await ended;
  assert.equal(code, 0, stderr);
  const again = await world.server(["--no-agent"]);
  assert.equal(
    (await world.messages(again.url, run.id)).length,
    stored,
    "what was acknowledged is there, and nothing else",
  );
});

test("a stopped agent leaves its containers running, and so does one that is told twice", async () => {
  await using world = new World();
  world.file("counts.ts", counting(world));
  await world.ok(["deployment", "create", "./counts.ts"]);
  const server = await world.server();
  const run = await world.createRun("counts/d");
  await until("it runs", async () => (await world.messages(server.url, run.id)).includes("line 3"));
  server.child.kill("SIGINT");
  await server.prints(/Stopping/);
  server.child.kill("SIGINT");
  await server.exited;
  const [container] = await world.containers(run.id);
  assert.equal(container.State, "running");
  const again = await world.server();
  world.file("enough", "");
  assert.equal((await world.finished(again.url, run.id)).state_type, "COMPLETED");
  await isComplete(world, again.url, run.id);
});

test("a run that is deleted while it runs ends its container", async () => {
  await using world = new World();
  world.file("counts.ts", counting(world));
  await world.ok(["deployment", "create", "./counts.ts"]);
  const server = await world.server();
  const run = await world.createRun("counts/d");
  await until("it runs", async () => (await world.messages(server.url, run.id)).includes("line 3"));
  await world.ok(["flow-run", "delete", run.id, "--yes"]);
  await until("its container has ended", async () => {
    const [container] = await world.containers(run.id);
    return container === undefined || container.State === "exited";
  });
});

test("agents of different homes on one engine leave each other's containers alone", async () => {
  await using one = new World();
  await using other = new World();
  for (const world of [one, other]) {
    world.file("counts.ts", counting(world));
    await world.ok(["deployment", "create", "./counts.ts"]);
  }
  const first = await one.server();
  const run = await one.createRun("counts/d");
  await until("it runs", async () => (await one.messages(first.url, run.id)).includes("line 3"));
  const second = await other.server();
  const theirs = await other.createRun("counts/d");
  await until("theirs runs", async () => (await other.messages(second.url, theirs.id)).includes("line 3"));
  await second.stop("SIGKILL");
  const third = await other.server();
  other.file("enough", "");
  assert.equal((await other.finished(third.url, theirs.id)).state_type, "COMPLETED");
  assert.equal((await one.containers(run.id))[0].State, "running");
  one.file("enough", "");
  assert.equal((await one.finished(first.url, run.id)).state_type, "COMPLETED");
  await isComplete(one, first.url, run.id);
});

test("a second agent on a home is refused in one sentence, and does not say that it started", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const first = world.start(["agent", "start"], { env: { FLOWCTL_API_URL: `${server.url}/api` } });
  await first.prints(/Agent started!/);
  const { code, stdout, stderr } = await world.run(["agent", "start"], {
    env: { FLOWCTL_API_URL: `${server.url}/api` },
  });
  assert.equal(code, 5);
  assert.match(stderr, /^Error: Cannot start an agent: one is running on "[^"]+" already\nHint: /);
  assert.doesNotMatch(stdout, /Agent started/);
});

test("lines of megabytes, binary garbage, escape sequences and imitated marks arrive once and are harmless on a terminal", async () => {
  await using world = new World();
  world.file(
    "odd.ts",
    dockerFlow(
      "odd",
      `  await print("y".repeat(2_500_000) + "\\n");
  console.log("z".repeat(5_000_000));
  console.log("ü".repeat(900_000));
  await print(Buffer.from([0xff, 0xfe, 0x00, 0x01, 0x62, 0x69, 0x6e, 10]));
  console.log("\\u001b[31mred\\u001b[0m \\u001b]0;title\\u0007done");
  console.log("imitated by console\\u001b_fc3\\u001b\\\\");
  console.log("first\\nsecond");
  writeSync(2, "to stderr\\r\\n");
  console.log("the end");`,
      "",
      `${PRINT}\nimport { writeSync } from "node:fs";\nimport { Buffer } from "node:buffer";`,
    ),
  );
  await world.ok(["deployment", "create", "./odd.ts"]);
  const server = await world.server();
  const run = await world.createRun("odd/d");
  await until("no line can come any more", () => world.client(server.url).flowRuns.settled(run.id, 5));
  const messages = await world.messages(server.url, run.id);
  const short = messages.filter(({ length }) => length < 500).filter((text) => !/^(Beginning|Flow run)/.test(text));
  const long = messages.filter(({ length }) => length >= 500).map((text) => `${text[0]}${text.length}`);
  assert.deepEqual(long.toSorted(), ["y1000000", "y1000000", "y500000", "z1000000", "ü900000"]);
  assert.deepEqual(
    short.toSorted(),
    [
      "first\nsecond",
      "imitated by console\u001b_fc3\u001b\\",
      "the end",
      "to stderr",
      "\u001b[31mred\u001b[0m \u001b]0;title\u0007done",
      "\ufffd\ufffd\u0000\u0001bin",
    ].toSorted(),
  );
  await server.prints(/the end/);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(server.output(), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  const shown = await world.ok(["flow-run", "logs", run.id]);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(shown, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
});

test("a flow with a sub-flow that is killed has each line once, in the run that it belongs to", async () => {
  await using world = new World();
  world.file(
    "nested.ts",
    dockerFlow(
      "nested",
      `  console.log("above");
  await below({});`,
      `volumes: ["${world.work}:/work"]`,
      `import process from "node:process";
const below = flow("below", async () => {
  for (let n = 0; n < 20; n++) console.log("below " + n);
  await new Promise((resolve) => setTimeout(resolve, 500));
  console.log("last\\nwords");
  process.kill(process.pid, "SIGKILL");
});`,
    ),
  );
  await world.ok(["deployment", "create", "./nested.ts"]);
  const server = await world.server();
  const run = await world.createRun("nested/d");
  const client = world.client(server.url);
  await until("no line can come any more", () => client.flowRuns.settled(run.id, 5));
  assert.equal((await client.flowRuns.read(run.id)).state_type, "CRASHED");
  const own = await world.messages(server.url, run.id);
  assert.deepEqual(own.filter((line) => /below|last/.test(line) && !/flow 'below'/.test(line)), []);
  assert.equal(own.filter((line) => line === "above").length, 1);
  const [sub] = (await client.flowRuns.list()).filter(({ id }) => id !== run.id);
  const theirs = await world.messages(server.url, sub.id);
  assert.deepEqual(
    theirs.filter((line) => line.startsWith("below ")),
    Array.from({ length: 20 }, (_, n) => `below ${n}`),
  );
  assert.equal(theirs.filter((line) => line === "last\nwords").length, 1);
});

test("what an older attempt writes is answered 409", async () => {
  await using world = new World();
  world.file("hello.ts", dockerFlow("hello", `  console.log("hello");`));
  await world.ok(["deployment", "create", "./hello.ts"]);
  const server = await world.server(["--no-agent"]);
  const { agents, flowRuns } = world.client(server.url);
  const run = await world.createRun("hello/d");
  const id = crypto.randomUUID();
  await agents.create({ id, name: "a" });
  const [{ lease }] = (await agents.claim(id, { slots: 1 })).claims;
  await agents.release(lease.id);
  assert.equal((await flowRuns.read(run.id)).state_type, "SCHEDULED");
  const [next] = (await agents.claim(id, { slots: 1 })).claims;
  assert.equal(next.lease.attempt, 2);
  const send = (path: string, body: unknown) =>
    fetch(`${server.url}/api${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-flowctl-lease": lease.token },
      body: JSON.stringify(body),
    });
  const record = { name: "t", level: 20, message: "m", timestamp: "2026-11-21T00:00:00Z", flow_run_id: run.id };
  for (
    const answer of [
      await send(`/flow_runs/${run.id}/set_state`, { state: { type: "RUNNING" } }),
      await send("/logs/", [record]),
    ]
  ) {
    assert.equal(answer.status, 409);
    assert.equal((await answer.json()).code, "fenced");
  }
  assert.deepEqual(await world.messages(server.url, run.id), []);
});

test("a full disk is one sentence, what was acknowledged survives, and the server goes on when there is room", async () => {
  await using world = new World();
  const home = join(world.root, "small");
  mkdirSync(home);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs", home]).status !== 0) {
    skip("This user may not mount a tmpfs");
  }
  try {
    Object.defineProperty(world, "home", { value: home });
    const server = await world.server(["--no-agent"]);
    const send = (message: string) =>
      fetch(`${server.url}/api/logs/`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify([{ name: "t", level: 20, message, timestamp: "2026-11-21T00:00:00Z" }]),
      });
    let stored = 0;
    const refused = await until("the disk is full", async () => {
      const answer = await send("x".repeat(20_000));
      if (answer.status === 201) stored++;
      const body = await answer.text();
      return answer.status === 201 ? undefined : { status: answer.status, body };
    });
    assert.equal(refused.status, 503);
    assert.match(refused.body, /Cannot write to the database: the disk is full/);
    assert.equal(await world.client(server.url).admin.health(), true);
    const printed = server.output();
    assert.doesNotMatch(printed, /\n\s+at /, printed);
    assert.equal((await server.stop()).code, 0, server.output());
    spawnSync("mount", ["-o", "remount,size=20m", home]);
    const again = await world.server(["--no-agent"]);
    const kept = await world.client(again.url).logs.list({ limit: 200 });
    assert.equal(kept.length, Math.min(200, stored));
    const after = await fetch(`${again.url}/api/logs/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([{ name: "t", level: 20, message: "room again", timestamp: "2026-11-21T00:00:01Z" }]),
    });
    assert.equal(after.status, 201);
    await after.body?.cancel();
    await again.stop();
  } finally {
    spawnSync("umount", ["-l", home]);
  }
});
