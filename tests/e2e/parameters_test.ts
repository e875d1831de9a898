/**
 * Parameters and results: schemas, what they refuse, how they travel.
 *
 * @module
 */

import assert from "node:assert/strict";
import { cpSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { test } from "../testing/test.ts";
import { again, assertCompleted, assertOneSentence, local, ran, tasksOf, valueOf } from "./local_flows.ts";
import { World } from "./support.ts";

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

function copyZod(world: World): void {
  cpSync(realpathSync(join(import.meta.dirname!, "../../node_modules/zod")), `${world.work}/node_modules/zod`, {
    recursive: true,
    filter: (path) => !path.endsWith("/src"),
  });
}
