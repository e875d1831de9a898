/**
 * `flowctl flow-run execute`, which is what runs in containers and subprocesses, called by hand; and files run as the main module.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { symlinkSync } from "node:fs";
import { test } from "../testing/test.ts";
import { assertOneSentence, local } from "./local_flows.ts";
import { until, World } from "./support.ts";

const HELLO = local(`const say = task("say", () => console.log("hello"));
const f = flow("hello", async ({ fail = false }: { fail?: boolean }) => {
  await say();
  if (fail) throw new Error("as asked");
});`);

test("execute runs a run in this process, prints it in the console's shape, and exits by its end", async () => {
  await using world = new World();
  world.file("flow.ts", HELLO);
  await world.ok(["deployment", "create", "flow.ts"]);
  const good = await world.createRun("hello/d");
  const printed = await world.ok(["flow-run", "execute", good.id]);
  const lines = printed.trimEnd().split("\n");
  for (const line of lines) {
    assert.match(
      line,
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+0000\] (DEBUG|INFO|WARNING|ERROR|CRITICAL) - flowctl\.\S+ \| /,
    );
  }
  assert.match(lines[0], /INFO - flowctl\.FlowRunner \| Beginning Flow run for 'hello'$/);
  assert.ok(lines.some((line) => / INFO - flowctl\.say \| hello$/.test(line)), printed);
  assert.match(lines.at(-1)!, /Flow run SUCCESS/);
  assert.match(await world.ok(["flow-run", "inspect", good.id]), /Completed/);
  assert.match(await world.ok(["flow-run", "execute", good.id]), /is Completed already/);

  const bad = await world.createRun("hello/d", ["-p", "fail=true"]);
  const failed = await world.run(["flow-run", "execute"], { env: { FLOWCTL_FLOW_RUN_ID: bad.id } });
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /ERROR - flowctl\.\S+ \| .*as asked/);
  assert.match(await world.ok(["flow-run", "inspect", bad.id]), /Failed/);
});

test("execute without an id, with a wrong one, and of a run without code is one sentence", async () => {
  await using world = new World();
  assertOneSentence(await world.run(["flow-run", "execute"]), /no id was given/);
  assertOneSentence(await world.run(["flow-run", "execute", "heavy-parakeet"]), /not a whole id/);
  const nobody = await world.run(["flow-run", "execute", "00000000-0000-4000-8000-000000000000"]);
  assertOneSentence(nobody, /00000000-0000-4000-8000-000000000000/);
  assert.equal(nobody.code, 3);
  const { url } = await world.server(["--no-agent"]);
  const flow = await world.client(url).flows.create({ name: "bare" });
  const run = await world.client(url).flowRuns.create({ flow_id: flow.id });
  const bare = await world.run(["flow-run", "execute", run.id]);
  assert.equal(bare.code, 1);
  assert.match(bare.stdout, /has no deployment, so there is no code to load/);
  assert.equal((await world.client(url).flowRuns.read(run.id)).state_type, "CRASHED");
});

test("a run executed by hand that SIGTERM or Ctrl-C stops is Crashed, and Completed when it ends well all the same", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(`const f = flow("patient", async ({ ends }: { ends?: boolean }, { signal }) => {
  console.log("up");
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  console.log("told");
  if (!ends) signal.throwIfAborted();
});`),
  );
  await world.ok(["deployment", "create", "flow.ts"]);
  const { url } = await world.server(["--no-agent"]);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    for (
      const { ends, state, exit } of [{ ends: false, state: "CRASHED", exit: 1 }, {
        ends: true,
        state: "COMPLETED",
        exit: 0,
      }]
    ) {
      const run = await world.createRun("patient/d", ["-p", `ends=${ends}`]);
      const running = world.start(["flow-run", "execute", run.id]);
      await running.prints(/\| up/);
      const { code, stdout } = await running.stop(signal);
      assert.match(stdout, /\| told/);
      assert.equal((await world.finished(url, run.id)).state_type, state);
      assert.equal(code, exit);
    }
  }
});

test("a bundle is stored under its own hash, and read back it is what was hashed", async () => {
  await using world = new World();
  world.file("flow.ts", HELLO);
  await world.ok(["deployment", "create", "flow.ts"]);
  const { url } = await world.server(["--no-agent"]);
  const { bundle_hash } = JSON.parse(await world.ok(["deployment", "inspect", "hello/d", "-o", "json"]));
  const text = await (await fetch(`${url}/api/bundles/${bundle_hash}`)).text();
  assert.equal(createHash("sha256").update(text).digest("hex"), bundle_hash);
  const wrong = await fetch(`${url}/api/bundles/${"0".repeat(64)}`, { method: "PUT", body: text });
  await wrong.body?.cancel();
  assert.ok(wrong.status >= 400 && wrong.status < 500, String(wrong.status));
});

test("a file that is the main module has its own arguments, input, exit code and link", async () => {
  await using world = new World();
  world.file(
    "a file.ts",
    `import process from "node:process";
import { flow } from "flowctl";
const f = flow("main", () => "ran");
if (import.meta.main) {
  console.log(JSON.stringify(process.argv.slice(2)), await f());
  process.exitCode = 7;
}
`,
  );
  symlinkSync("a file.ts", `${world.work}/link.ts`);
  for (const name of ["a file.ts", "link.ts"]) {
    const { code, stdout } = await world.run([name, "--help", "-o", "json", "--", "x y"]);
    assert.match(stdout, /^\["--help","-o","json","--","x y"\] ran$/m);
    assert.equal(code, 7);
  }
});

test("a file run as the main module that fails is one sentence with its line, and the run is Failed", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    `import { flow } from "flowctl";\nconst f = flow("main", () => {\n  throw new Error("no luck");\n});\nawait f();\n`,
  );
  const { url } = await world.server(["--no-agent"]);
  const result = await world.run(["flow.ts"]);
  assert.equal(result.code, 1);
  assertOneSentence(result, /no luck.*flow\.ts:3/);
  const [run] = await world.client(url).flowRuns.list();
  assert.equal(run.state_type, "FAILED");
  const unreachable = await world.run(["flow.ts"], { env: { FLOWCTL_API_URL: "http://127.0.0.1:1/api" } });
  assertOneSentence(unreachable, /127\.0\.0\.1:1/);
});

test("a task called outside of a flow, and a flow in a task, are one sentence", async () => {
  await using world = new World();
  world.file("task.ts", `import { task } from "flowctl";\nconst t = task("alone", () => 1);\nawait t();\n`);
  assertOneSentence(await world.run(["task.ts"]), /alone/);
  world.file(
    "flow.ts",
    `import { flow, task } from "flowctl";
const inner = flow("inner", () => 1);
const t = task("outer-task", async () => await inner());
const f = flow("outer", async () => await t());
await f();
`,
  );
  assertOneSentence(await world.run(["flow.ts"]), /inner/);
});

test("fifty flows at once in one plain file, without a server, are all recorded", async () => {
  await using world = new World();
  world.file(
    "many.ts",
    `import { flow, task } from "flowctl";
const t = task("t", (n: number) => n);
const f = flow("many", async ({ n }: { n: number }) => await t(n));
const all = await Promise.all(Array.from({ length: 50 }, (_, n) => f({ n })));
console.log("sum", all.reduce((a, b) => a + b));
`,
  );
  assert.match(await world.ok(["many.ts"]), /sum 1225/);
  const runs = JSON.parse(await world.ok(["flow-run", "ls", "--limit", "100", "-o", "json"]));
  assert.equal(runs.length, 50);
  assert.ok(runs.every((run: { state_type: string }) => run.state_type === "COMPLETED"));
});

test("Ctrl-C in a plain file aborts the flow's signal, ends the process, and the run does not stay Running", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    `import { flow } from "flowctl";
const f = flow("endless", async (_: object, { signal }) => {
  console.log("up");
  await new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
});
await f({});
`,
  );
  const { url } = await world.server(["--no-agent"]);
  const running = world.start(["flow.ts"]);
  await running.prints(/\| up/);
  const { code } = await running.stop("SIGINT");
  assert.notEqual(code, 0);
  const [run] = await world.client(url).flowRuns.list();
  assert.equal(
    (await until("the run ends", async () => {
      const seen = await world.client(url).flowRuns.read(run.id);
      return seen.state_type === "RUNNING" ? undefined : seen;
    })).state_type,
    "CRASHED",
  );
});

test("a flow that prints much and calls process.exit loses no line", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `const f = flow("torrent", () => {
  for (let n = 0; n < 3000; n++) console.log("line " + n + " " + "x".repeat(100));
  process.exit(3);
});`,
      `import process from "node:process";`,
    ),
  );
  await world.ok(["deployment", "create", "flow.ts"]);
  const { url } = await world.server();
  const run = await world.createRun("torrent/d");
  const done = await world.finished(url, run.id);
  assert.equal(done.state_type, "CRASHED");
  assert.match(done.state!.message!, /exit code 3/);
  const numbers = async () =>
    (await world.messages(url, run.id)).flatMap((line) => line.match(/^line (\d+) x/)?.[1] ?? []).map(Number);
  await until("the last line has arrived", async () => (await numbers()).includes(2999));
  assert.deepEqual((await numbers()).sort((a, b) => a - b), Array.from({ length: 3000 }, (_, n) => n));
});

test("a subprocess has its runner's environment and folder, and not the agent's secrets", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `const f = flow("where", () => console.log([process.cwd(), process.env.MINE, process.env.FLOWCTL_API_KEY].join("|")));`,
    )
      .replace(
        "new SubprocessFlowRunner()",
        `new SubprocessFlowRunner({ env: { MINE: "yes" }, cwd: ${JSON.stringify(world.root)} })`,
      ),
  );
  await world.ok(["deployment", "create", "flow.ts"]);
  const { url } = await world.server([], { FLOWCTL_API_KEY: "secret-key" });
  const run = await world.createRun("where/d");
  await world.finished(url, run.id);
  const messages = await world.messages(url, run.id);
  assert.ok(messages.includes(`${world.root}|yes|`), messages.join("\n"));
});
