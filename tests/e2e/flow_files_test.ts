/**
 * Flow files as their authors write them: extensions, imports, names, options, schedules.
 *
 * @module
 */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "../testing/test.ts";
import { again, assertCompleted, assertOneSentence, local, ran, tasksOf } from "./local_flows.ts";
import { World } from "./support.ts";

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
