/**
 * Flows and tasks while they run, seen from outside: logs, futures, retries, limits, ends.
 *
 * @module
 */

import assert from "node:assert/strict";
import { runningProcesses } from "../../scripts/lib/leftovers.ts";
import { test } from "../testing/test.ts";
import { assertCompleted, local, logsOf, ran, tasksOf } from "./local_flows.ts";
import { until, World } from "./support.ts";

test("console and getRunLogger write records of flow and task run, at their levels", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `const talk = task("talk", () => {
  getRunLogger().warning("task %s", "warns");
  console.log("task prints %d", 1);
});
const f = flow("talks", async () => {
  const log = getRunLogger();
  log.debug("D"); log.info("I"); log.warning("W"); log.error("E"); log.critical("C");
  console.debug("cd"); console.log("cl"); console.info("ci"); console.warn("cw"); console.error("ce");
  await talk();
});`,
    ),
  );
  const result = await ran(world, "flow.ts", "talks");
  assertCompleted(result);
  const logs = await logsOf(result, world);
  const level = (message: string) => logs.find((log) => log.message === message)?.level;
  assert.deepEqual(["D", "I", "W", "E", "C"].map(level), [10, 20, 30, 40, 50]);
  assert.deepEqual(["cd", "cl", "ci", "cw", "ce"].map(level), [10, 20, 20, 30, 40]);
  const [task] = await tasksOf(result, world);
  for (const message of ["task warns", "task prints 1"]) {
    assert.equal(logs.find((log) => log.message === message)?.task_run_id, task.id, message);
  }
  assert.equal(logs.find((log) => log.message === "cl")!.task_run_id, null);
});

test("process.stdout.write and lines of child processes reach the run's logs", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `const f = flow("raw", () => {
  process.stdout.write("half ");
  process.stdout.write("and half\\n");
  process.stderr.write("to the other stream\\n");
  spawnSync("sh", ["-c", "echo from a child"], { stdio: "inherit" });
  process.stdout.write("no newline at the end");
});`,
      `import { spawnSync } from "node:child_process";\nimport process from "node:process";`,
    ),
  );
  const result = await ran(world, "flow.ts", "raw");
  assertCompleted(result);
  for (const line of ["half and half", "to the other stream", "from a child", "no newline at the end"]) {
    await until(
      `"${line}" has arrived`,
      async () => (await world.messages(result.url, result.done.id)).some((message) => message.includes(line)),
    );
  }
});

test("submit, map, tags and a sub-flow are linked as Prefect links them", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `const add = task("add", (a: number, b: number) => a + b, { tags: ["maths"] });
const child = flow("child", async ({ n }: { n: number }) => await add(n, 1), { tags: ["inner"] });
const f = flow("linked", async () => {
  const first = add.submit(1, 2);
  const sums = add.map([1, first], 10);
  const all = await Promise.all(sums.map((sum) => sum.result()));
  console.log("child says " + await child({ n: all[0] + all[1] }));
}, { tags: ["outer"] });`,
    ),
  );
  const result = await ran(world, "flow.ts", "linked", ["--tag", "asked"]);
  assertCompleted(result);
  assert.ok(result.messages.includes("child says 25"), result.messages.join("\n"));
  assert.ok(result.done.tags.includes("asked"));
  const tasks = await tasksOf(result, world);
  assert.equal(tasks.filter((task) => task.tags.includes("maths")).length, 3);
  const client = world.client(result.url);
  const [child] = await client.flowRuns.list(
    { flow_runs: { parent_flow_run_id: { any_: [result.done.id] } } } as never,
  );
  assert.ok(child.tags.includes("inner"));
  assert.deepEqual(child.parameters, { n: 24 });
  const dummy = tasks.find((task) => task.id === child.parent_task_run_id);
  assert.ok(dummy, "the sub-flow is linked to a task run of the parent");
  assert.equal(dummy.state_type, "COMPLETED");
});

test("retries wait their listed delays, and a run that used them up is Failed with the last error", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `let tries = 0;
const shaky = task("shaky", () => {
  getRunLogger().info("try " + ++tries + " at " + Date.now());
  throw new Error("error " + tries);
}, { retries: 3, retryDelaySeconds: [0.1, 0.4] });
const f = flow("delays", async () => await shaky());`,
    ),
  );
  const result = await ran(world, "flow.ts", "delays");
  assert.equal(result.done.state_type, "FAILED");
  assert.match(result.done.state!.message!, /error 4/);
  const [task] = await tasksOf(result, world);
  assert.equal(task.run_count, 4);
  const times = result.messages.flatMap((line) => line.match(/^try \d at (\d+)$/)?.[1] ?? []).map(Number).sort();
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  assert.equal(gaps.length, 3);
  // The last delay of the list repeats. Only "not earlier" is certain on a loaded machine.
  assert.ok(gaps[0] >= 95 && gaps[1] >= 395 && gaps[2] >= 395, gaps.join(" "));
});

test("a flow that takes too long is Failed as TimedOut, and its signal is aborted", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `const f = flow("slow", async (_: object, { signal }) => {
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  console.log("signal heard");
}, { timeoutSeconds: 0.3 });`,
    ),
  );
  const result = await ran(world, "flow.ts", "slow");
  assert.equal(result.done.state_name, "TimedOut");
  assert.equal(result.done.state_type, "FAILED");
  assert.match(result.done.state!.message!, /0\.3/);
  assert.ok(result.messages.includes("signal heard"), result.messages.join("\n"));
});

test("a rejection that nobody handles makes the flow Failed with the error and the line", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `const f = flow("lost", async () => {
  void Promise.reject(new Error("nobody caught me"));
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});`,
    ),
  );
  const result = await ran(world, "flow.ts", "lost");
  assert.equal(result.done.state_type, "FAILED");
  assert.match(result.done.state!.message!, /nobody caught me.*flow\.ts:4/s);
});

test("process.exit(0) in the middle of a flow makes it Crashed and says so, for the flow did not end", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(`const f = flow("leaves", () => process.exit(0));`, `import process from "node:process";`),
  );
  const result = await ran(world, "flow.ts", "leaves");
  assert.equal(result.done.state_type, "CRASHED");
  assert.match(result.done.state!.message!, /exit code 0/);
});

test("a flow that forgets a timer, a socket and a child's pipe still ends", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `const f = flow("forgetful", () => {
  setInterval(() => {}, 1000);
  createServer().listen(0, "127.0.0.1");
  return "done";
});`,
      `import { createServer } from "node:net";`,
    ),
  );
  const result = await ran(world, "flow.ts", "forgetful");
  assertCompleted(result);
  await until(
    "the run's process is gone",
    () => runningProcesses(`FLOWCTL_FLOW_RUN_ID=${result.done.id}`).length === 0,
  );
  const asMain = `${local(`const f = flow("forgetful", () => { setInterval(() => {}, 1000); });`)}await f();\n`;
  world.file(
    "plain.ts",
    asMain.replace("await f()", `if (import.meta.main) { await f(); console.log("over"); process.exit(0); }`),
  );
  assert.match(await world.ok(["plain.ts"]), /over/);
});
