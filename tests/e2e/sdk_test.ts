/**
 * The SDK of user files, seen from outside: which files load, what they import, parameters, results, logs.
 *
 * Runs go to the subprocess runner, which takes the same way as containers and starts faster.
 *
 * @module
 */

import assert from "node:assert/strict";
import { cpSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { FlowRun } from "../../src/domain/flow_runs.ts";
import type { Log } from "../../src/domain/logs.ts";
import type { TaskRun } from "../../src/domain/task_runs.ts";
import { runningProcesses } from "../../scripts/lib/leftovers.ts";
import { test } from "../testing/test.ts";
import { BINARY, type Result, until, World } from "./support.ts";

/** A flow file that deploys its flow `f` as `d` to the subprocess runner. */
const local = (body: string, head = ""): string =>
  `import { DeploymentSpec, flow, getRunLogger, SubprocessFlowRunner, task } from "flowctl";
${head}
${body}
new DeploymentSpec({ name: "d", flow: f, flowRunner: new SubprocessFlowRunner() });
`;

interface Ran {
  url: string;
  done: FlowRun;
  messages: string[];
}

/** Creates the deployment of a file, runs it, and waits for the end. */
async function ran(world: World, file: string, flow: string, args: string[] = []): Promise<Ran> {
  await world.ok(["deployment", "create", file]);
  const { url } = await world.server();
  return await again(world, url, flow, args);
}

async function again(world: World, url: string, flow: string, args: string[] = []): Promise<Ran> {
  const run = await world.createRun(`${flow}/d`, args);
  const done = await world.finished(url, run.id);
  return { url, done, messages: await world.messages(url, run.id) };
}

const tasksOf = ({ url, done }: Ran, world: World): Promise<TaskRun[]> =>
  world.client(url).taskRuns.list({ flow_runs: { id: { any_: [done.id] } } } as never);

const logsOf = ({ url, done }: Ran, world: World): Promise<Log[]> =>
  world.client(url).logs.list({ logs: { flow_run_id: { any_: [done.id] } }, limit: 200 } as never);

function assertCompleted({ done, messages }: Ran): void {
  assert.equal(done.state_type, "COMPLETED", `${done.state?.message}\n${messages.join("\n")}`);
}

function assertOneSentence({ code, stdout, stderr }: Result, pattern: RegExp): void {
  assert.ok(code !== 0 && code !== 70, `exit code ${code}:\n${stderr}`);
  assert.match(stderr, pattern);
  assert.doesNotMatch(stdout + stderr, /^\s+at .*[:(]\d+/m);
}

for (const extension of ["ts", "mts", "js", "mjs"]) {
  test(`a .${extension} file is a flow file: deployed, run, and run as the main module`, async () => {
    await using world = new World();
    const typed = extension.endsWith("ts") ? ": { who?: string }" : "";
    const name = `deep/down/flow.${extension}`;
    world.file(
      name,
      local(
        `const f = flow("by-extension", ({ who = "you" }${typed}) => console.log("hello " + who));`,
        `if (import.meta.main) console.log("is main");`,
      ) + `if (import.meta.main) await f({ who: "main" });\n`,
    );
    const result = await ran(world, `./${name}`, "by-extension", ["--param", "who=them"]);
    assertCompleted(result);
    assert.ok(result.messages.includes("hello them"));
    assert.ok(!result.messages.includes("is main"));
    const asMain = await world.ok([name]);
    assert.match(asMain, /is main/);
    assert.match(asMain, /INFO - flowctl\.by-extension \| hello main/);
  });
}

test("npm packages beside the file, JSON and text imports travel in the bundle", async () => {
  await using world = new World();
  world.file("node_modules/left/package.json", `{"name":"left","version":"1.0.0","main":"index.js"}`);
  world.file(
    "node_modules/left/index.js",
    `const { EOL } = require("node:os"); exports.left = (t) => "<" + t + EOL.length;`,
  );
  world.file("data/settings.json", `{"greeting":"salut"}`);
  world.file("data/words.txt", `three little words`);
  world.file("lib/helper.ts", `export enum Size { Small = 1, Big }\nexport const big: Size = Size.Big;\n`);
  world.file(
    "flow.ts",
    local(
      `const f = flow("imports", () => console.log([left("x"), settings.greeting, words.trim(), big].join("|")));`,
      `import { left } from "left";
import settings from "./data/settings.json" with { type: "json" };
import words from "./data/words.txt" with { type: "text" };
import { big } from "./lib/helper.ts";`,
    ),
  );
  await world.ok(["deployment", "create", "flow.ts"]);
  // The run must not need what lies beside the file, nor the file.
  for (const name of ["node_modules", "data", "lib", "flow.ts"]) rmSync(`${world.work}/${name}`, { recursive: true });
  const { url } = await world.server();
  const result = await again(world, url, "imports");
  assertCompleted(result);
  assert.ok(result.messages.includes("<x1|salut|three little words|2"));
});

test("a zod schema validates parameters, names the wrong one, and reaches the deployment as JSON Schema", async () => {
  await using world = new World();
  copyZod(world);
  world.file(
    "typed.ts",
    local(
      `const f = flow("typed", ({ count, when, names }) => console.log([count + 1, when.getUTCFullYear(), names.length].join(" ")), {
  parameters: z.object({
    count: z.number().int().positive(),
    when: z.coerce.date().default(new Date("2030-01-01")),
    names: z.array(z.string()).default([]),
  }),
});`,
      `import { z } from "zod";`,
    ).replace("new SubprocessFlowRunner()", "new SubprocessFlowRunner(), parameters: { names: ['a', 'b'] }"),
  );
  const first = await ran(world, "typed.ts", "typed", ["--param", "count=41"]);
  assertCompleted(first);
  assert.ok(first.messages.includes("42 2030 2"), first.messages.join("\n"));

  const deployment = JSON.parse(await world.ok(["deployment", "inspect", "typed/d", "-o", "json"]));
  assert.equal(deployment.parameter_openapi_schema.properties.count.type, "integer");
  assert.deepEqual(deployment.parameter_openapi_schema.required, ["count"]);
  assert.equal(deployment.enforce_parameter_schema, true);

  const refused = await world.run(["deployment", "run", "typed/d", "--param", "count=-1"]);
  assertOneSentence(refused, /count/);
  assert.equal(refused.code, 2);
  assertOneSentence(await world.run(["deployment", "run", "typed/d"]), /count/);

  // What JSON Schema can't say is found by the schema itself, in the run.
  const late = await again(world, first.url, "typed", ["--params", `{"count":1,"when":"no date"}`]);
  assert.equal(late.done.state_type, "FAILED");
  assert.match(late.done.state!.message!, /Parameter "when"/);
});

test("a deployment whose own parameters do not fit the schema is refused, naming the parameter", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `const f = flow("strict", (_: { n?: number }) => {}, {
  parameters: { type: "object", properties: { n: { type: "integer" } }, additionalProperties: false },
});`,
    ).replace("new SubprocessFlowRunner()", "new SubprocessFlowRunner(), parameters: { n: 'x' as never }"),
  );
  assertOneSentence(await world.run(["deployment", "create", "flow.ts"]), /"n"/);
});

test("without a schema nothing is validated", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(`const f = flow("free", (all: Record<string, unknown>) => console.log(JSON.stringify(all)));`),
  );
  const result = await ran(world, "flow.ts", "free", [
    "--params",
    `{"a":{"b":[1,null,"x"]}}`,
    "-p",
    "c=yes",
    "-p",
    "d=7",
  ]);
  assertCompleted(result);
  assert.ok(result.messages.includes(`{"a":{"b":[1,null,"x"]},"c":"yes","d":7}`), result.messages.join("\n"));
});

test("results of flows and tasks are in their states' data", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(
      `const double = task("double", (n: number) => ({ doubled: n * 2 }));
const f = flow("results", async () => ({ answer: (await double(21)).doubled, list: [1, "zwei", null] }));`,
    ),
  );
  const result = await ran(world, "flow.ts", "results");
  assertCompleted(result);
  const read = async (path: string) => await (await fetch(`${result.url}/api/${path}`)).json();
  const flowState = await read(`flow_run_states/${result.done.state_id}`);
  assert.deepEqual(valueOf(flowState.data), { answer: 42, list: [1, "zwei", null] });
  const [task] = await tasksOf(result, world);
  assert.deepEqual(valueOf((await read(`task_run_states/${task.state_id}`)).data), { doubled: 42 });
});

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
    () => runningProcesses(realpathSync(BINARY), "-").every(({ says }) => !says.includes(`execute ${result.done.id}`)),
  );
  const asMain = `${local(`const f = flow("forgetful", () => { setInterval(() => {}, 1000); });`)}await f();\n`;
  world.file(
    "plain.ts",
    asMain.replace("await f()", `if (import.meta.main) { await f(); console.log("over"); process.exit(0); }`),
  );
  assert.match(await world.ok(["plain.ts"]), /over/);
});

test("big parameters travel whole, a big result is not kept, and what is too big is one sentence", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(`const f = flow("big", ({ text, keep }: { text: string; keep: number }) => {
  console.log("length " + text.length);
  return text.slice(0, keep);
});`),
  );
  world.file("big.json", JSON.stringify({ text: "ß".repeat(300_000), keep: 30_000 }));
  const result = await ran(world, "flow.ts", "big", ["--params", "@big.json"]);
  assertCompleted(result);
  assert.ok(result.messages.includes("length 300000"));
  assert.equal(valueOf(result.done.state?.data), "ß".repeat(30_000));

  const more = await again(world, result.url, "big", ["--params", "@big.json", "-p", "keep=300000"]);
  assertCompleted(more);
  assert.equal(more.done.state?.data, null);

  world.file("huge.json", JSON.stringify({ text: "x".repeat(20_000_000), keep: 1 }));
  assertOneSentence(
    await world.run(["deployment", "run", "big/d", "--params", "@huge.json"]),
    /large|big|at most|limit/i,
  );
});

test("unicode names and messages travel whole", async () => {
  await using world = new World();
  world.file(
    "flöw ファイル.ts",
    local(
      `const grüßen = task("grüßen 🎉", (who: string) => console.log("Ünïcödé → " + who));
const f = flow("Übersicht 概要", async ({ who }: { who: string }) => await grüßen(who));`,
    ),
  );
  const result = await ran(world, "./flöw ファイル.ts", "Übersicht 概要", ["--param", "who=世界"]);
  assertCompleted(result);
  assert.ok(result.messages.includes("Ünïcödé → 世界"), result.messages.join("\n"));
  const [task] = await tasksOf(result, world);
  assert.match(task.name, /^grüßen 🎉/u);

  world.file(
    "flöw ファイル.ts",
    local(`const was = "größer"; class Größe extends Error {}
const f = flow("Übersicht 概要", () => { console.log(was); throw new Größe("Maß → 世界"); });`),
  );
  await world.ok(["deployment", "create", "./flöw ファイル.ts"]);
  const failed = await again(world, result.url, "Übersicht 概要");
  assert.match(failed.done.state!.message!, /Maß → 世界.*flöw ファイル\.ts:4/s);
});

test("a name with a character that addresses need is refused in one sentence", async () => {
  await using world = new World();
  for (const name of ["a/b", "50%", "a&b", "<x>"]) {
    world.file("flow.ts", local(`const f = flow(${JSON.stringify(name)}, () => {});`));
    const result = await world.run(["deployment", "create", "flow.ts"]);
    assertOneSentence(result, /cannot contain/);
    assert.ok(result.stderr.includes(name), result.stderr);
  }
  world.file("flow.ts", local(`const f = flow("fine", () => {});`).replace(`name: "d"`, `name: "d/e"`));
  assertOneSentence(await world.run(["deployment", "create", "flow.ts"]), /"d\/e".*cannot contain/);
});

test("labels, tags, project, version and description of a deployment reach the API and its runs", async () => {
  await using world = new World();
  world.file(
    "flow.ts",
    local(`const f = flow("labelled", () => {});`).replace(
      "new SubprocessFlowRunner()",
      `new SubprocessFlowRunner(), project: "etl", labels: ["gpu"], tags: ["nightly"], version: "7", description: "Does it"`,
    ),
  );
  await world.ok(["deployment", "create", "flow.ts"]);
  const { url } = await world.server();
  const deployment = JSON.parse(await world.ok(["deployment", "inspect", "etl/labelled/d", "-o", "json"]));
  assert.deepEqual(
    [deployment.project, deployment.labels, deployment.tags, deployment.version, deployment.description],
    ["etl", ["gpu"], ["nightly"], "7", "Does it"],
  );
  assert.equal((await world.run(["deployment", "inspect", "labelled/d"])).code, 3);

  // The server's own agent has no labels: the run is one for another agent.
  const run = await world.createRun("etl/labelled/d");
  const agent = world.start(["agent", "start", "--label", "gpu", "--name", "gpu-agent"], {
    env: { FLOWCTL_API_URL: `${url}/api`, FLOWCTL_HOME: `${world.root}/other` },
  });
  const done = await world.finished(url, run.id);
  assert.equal(done.state_type, "COMPLETED");
  assert.deepEqual([done.project, done.labels], ["etl", ["gpu"]]);
  assert.ok(done.tags.includes("nightly"));
  await agent.prints(new RegExp(run.name));
});

test("cron, interval and RRULE schedules are visible, and those that can't run are refused in one sentence", async () => {
  await using world = new World();
  const file = (schedule: string) =>
    local(`const f = flow("timed", () => {});`, `import { cron, interval, rrule } from "flowctl";`)
      .replace("new SubprocessFlowRunner()", `new SubprocessFlowRunner(), ${schedule}`);
  world.file(
    "flow.ts",
    file(`schedules: [
      cron("30 2 * * mon", { timezone: "Europe/Berlin" }),
      interval("90m"),
      rrule("FREQ=WEEKLY;BYDAY=TU;BYHOUR=9"),
    ]`),
  );
  await world.ok(["deployment", "create", "flow.ts"]);
  const text = await world.ok(["deployment", "inspect", "timed/d"]);
  assert.match(text, /cron 30 2 \* \* mon \(Europe\/Berlin\)/);
  assert.match(text, /every 1h30m|every 90m/);
  assert.match(text, /rrule .*FREQ=WEEKLY;BYDAY=TU;BYHOUR=9/);
  const { schedules } = JSON.parse(await world.ok(["deployment", "inspect", "timed/d", "-o", "json"]));
  assert.deepEqual(schedules.map((one: { active: boolean }) => one.active), [true, true, true]);

  for (
    const { schedule, says } of [
      { schedule: `cron("61 * * * *")`, says: /61 \* \* \* \*/ },
      { schedule: `cron("0 0 31 2 *")`, says: /0 0 31 2 \*/ },
      { schedule: `cron("0 0 * * *", { timezone: "Mars/Olympus" })`, says: /Mars\/Olympus/ },
      { schedule: `interval(0)`, says: /"0"/ },
      { schedule: `interval("soon")`, says: /"soon"/ },
      { schedule: `rrule("FREQ=SOMETIMES")`, says: /SOMETIMES/ },
    ]
  ) {
    world.file("flow.ts", file(`schedule: ${schedule}`));
    assertOneSentence(await world.run(["deployment", "create", "flow.ts"]), says);
  }
});

/** The value that a state's data holds. */
function valueOf(data: unknown): unknown {
  assert.equal((data as { type?: string } | null)?.type, "literal", JSON.stringify(data));
  return (data as { value?: unknown }).value;
}

function copyZod(world: World): void {
  cpSync(realpathSync(join(import.meta.dirname!, "../../node_modules/zod")), `${world.work}/node_modules/zod`, {
    recursive: true,
    filter: (path) => !path.endsWith("/src"),
  });
}
