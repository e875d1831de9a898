/**
 * What flows can do, seen from outside: tasks, futures, sub-flows, retries, timeouts, parameters, plain files.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { dockerFlow, World } from "./support.ts";

test("tasks, futures, maps and sub-flows of a container are recorded", async () => {
  await using world = new World();
  world.file(
    "rich.ts",
    dockerFlow(
      "rich",
      `  const a = await add(1, 2);
  const [b, c] = await Promise.all([add(a, 10), add(a, 20)]);
  const future = add.submit(b, c);
  const doubled = await Promise.all(double.map([1, 2, 3]).map((f) => f.result()));
  const inner = await child({ by: await future.result() });
  console.log("answer " + inner + " " + doubled.join("+"));
  return inner;`,
      "",
      `const add = task("add", (a: number, b: number) => a + b);
const double = task("double", (n: number) => n * 2, { tags: ["twice"] });
const child = flow("child", async ({ by }: { by: number }) => await add(by, 1));`,
    ),
  );
  await world.ok(["deployment", "create", "./rich.ts"]);
  const server = await world.server();
  const run = await world.createRun("rich/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.ok((await world.messages(server.url, run.id)).includes("answer 37 2+4+6"));

  const client = world.client(server.url);
  const tasks = await client.taskRuns.list({ flow_runs: { id: { any_: [run.id] } } } as never);
  assert.equal(tasks.filter((t) => t.name.startsWith("add")).length, 4);
  assert.equal(tasks.filter((t) => t.tags.includes("twice")).length, 3);
  assert.ok(tasks.every((t) => t.state_type === "COMPLETED"));
  const children = await client.flowRuns.list({ flow_runs: { parent_flow_run_id: { any_: [run.id] } } } as never);
  assert.equal(children.length, 1);
  assert.equal(children[0].state_type, "COMPLETED");
  assert.ok(tasks.some((t) => t.id === children[0].parent_task_run_id));
});

test("a task is tried again after its delay, and a flow too", async () => {
  await using world = new World();
  world.file(
    "again.ts",
    `import { DeploymentSpec, flow, SubprocessFlowRunner, task } from "flowctl";
let tasks = 0, flows = 0;
const shaky = task("shaky", () => {
  if (++tasks < 3) throw new Error("not yet " + tasks);
  return tasks;
}, { retries: 2, retryDelaySeconds: 0.05 });
const again = flow("again", async () => {
  if (++flows < 2) throw new Error("flow not yet");
  return await shaky();
}, { retries: 1, retryDelaySeconds: 0 });
new DeploymentSpec({ name: "d", flow: again, flowRunner: new SubprocessFlowRunner() });
`,
  );
  await world.ok(["deployment", "create", "./again.ts"]);
  const server = await world.server();
  const run = await world.createRun("again/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.equal(done.run_count, 2);
  const [task] = await world.client(server.url).taskRuns.list({ flow_runs: { id: { any_: [run.id] } } } as never);
  assert.equal(task.run_count, 3);
});

test("a task that takes too long is Failed as TimedOut", async () => {
  await using world = new World();
  world.file(
    "slow.ts",
    `import { DeploymentSpec, flow, SubprocessFlowRunner, task } from "flowctl";
const slow = task("slow", () => new Promise<void>((resolve) => setTimeout(resolve, 60_000)), { timeoutSeconds: 0.2 });
const f = flow("slow-flow", async () => await slow());
new DeploymentSpec({ name: "d", flow: f, flowRunner: new SubprocessFlowRunner() });
`,
  );
  await world.ok(["deployment", "create", "./slow.ts"]);
  const server = await world.server();
  const run = await world.createRun("slow-flow/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "FAILED");
  const [task] = await world.client(server.url).taskRuns.list({ flow_runs: { id: { any_: [run.id] } } } as never);
  assert.equal(task.state_name, "TimedOut");
});

test("parameters are coerced by the schema, validated, and reach the flow", async () => {
  await using world = new World();
  world.file(
    "params.ts",
    `import { DeploymentSpec, flow, SubprocessFlowRunner } from "flowctl";
const f = flow("params", ({ who, times }) => console.log(\`\${who} \${times} \${typeof who}\`), {
  parameters: {
    type: "object",
    properties: { who: { type: "string" }, times: { type: "integer", minimum: 1 } },
    required: ["who", "times"],
    additionalProperties: false,
  },
});
new DeploymentSpec({ name: "d", flow: f, flowRunner: new SubprocessFlowRunner(), parameters: { times: 2 } });
`,
  );
  await world.ok(["deployment", "create", "./params.ts"]);
  const server = await world.server();
  const run = await world.createRun("params/d", ["--param", "who=42"]);
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  assert.ok((await world.messages(server.url, run.id)).includes("42 2 string"));
  const refused = await world.run(["deployment", "run", "params/d", "--param", "who=x", "--param", "times=0"]);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /times/);
});

test("a plain file runs as the main module and is reported to the API in use", async () => {
  await using world = new World();
  world.file(
    "plain.ts",
    `import { flow, task } from "flowctl";
const twice = task("twice", (n: number) => n * 2);
const plain = flow("plain", async ({ n }: { n: number }) => await twice(n));
if (import.meta.main) console.log("result", await plain({ n: Number(process.argv[2]) }));
`,
  );
  const server = await world.server(["--no-agent"]);
  assert.match(await world.ok(["./plain.ts", "21"]), /result 42/);
  const [run] = await world.client(server.url).flowRuns.list();
  assert.equal(run.state_type, "COMPLETED");
  assert.deepEqual(run.parameters, { n: 21 });
  const [task] = await world.client(server.url).taskRuns.list();
  assert.equal(task.state_type, "COMPLETED");
});

test("--watch follows a run's lines and exits by its final state", async () => {
  await using world = new World();
  world.file(
    "good.ts",
    dockerFlow("good", `  console.log("all is well");`).replaceAll("DockerFlowRunner", "SubprocessFlowRunner"),
  );
  world.file(
    "bad.ts",
    dockerFlow("bad", `  throw new Error("oh no");`).replaceAll("DockerFlowRunner", "SubprocessFlowRunner"),
  );
  for (const name of ["good", "bad"]) await world.ok(["deployment", "create", `./${name}.ts`]);
  await world.server();
  const good = await world.run(["deployment", "run", "good/d", "--watch"]);
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout + good.stderr, /INFO - flowctl\.good \| all is well/);
  const bad = await world.run(["deployment", "run", "bad/d", "--watch"]);
  assert.equal(bad.code, 1);
  assert.match(bad.stdout + bad.stderr, /oh no/);
});

test("an interval schedule makes runs, and they run", async () => {
  await using world = new World();
  world.file(
    "often.ts",
    `import { DeploymentSpec, flow, interval, SubprocessFlowRunner } from "flowctl";
const f = flow("often", () => console.log("tick"));
new DeploymentSpec({ name: "d", flow: f, flowRunner: new SubprocessFlowRunner(), schedule: interval(2) });
`,
  );
  await world.ok(["deployment", "create", "./often.ts"]);
  const server = await world.server();
  const client = world.client(server.url);
  const [first] = await (await import("./support.ts")).until("a scheduled run is Completed", async () => {
    const runs = await client.flowRuns.list({ flow_runs: { state: { type: { any_: ["COMPLETED"] } } } } as never);
    return runs.length > 0 ? runs : undefined;
  });
  assert.equal(first.auto_scheduled, true);
  assert.ok(first.tags.includes("auto-scheduled"));
  await world.ok(["deployment", "pause", "often/d"]);
  const left = await client.flowRuns.count({ flow_runs: { state: { type: { any_: ["SCHEDULED"] } } } } as never);
  assert.equal(left, 0);
});
