import assert from "node:assert/strict";
import { z } from "zod";
import { isFlowctlError } from "../../src/support/errors.ts";
import {
  cron,
  DeploymentSpec,
  DockerFlowRunner,
  flow,
  getRunContext,
  getRunLogger,
  interval,
  SubprocessFlowRunner,
  task,
} from "../../src/mod/mod.ts";
import { test } from "../testing/test.ts";
import { useFakeApi } from "./helpers.ts";

test("a flow called in a plain file runs here and is reported", async () => {
  await using fake = useFakeApi();
  const double = task("double", (n: number) => n * 2);
  const total = flow("total", async ({ n }: { n: number }) => {
    getRunLogger().info("n is %d", n);
    return await double(n) + 1;
  }, { tags: ["t"], version: "7" });
  assert.equal(await total({ n: 2 }), 5);
  const [run] = fake.api.flowRuns;
  assert.equal(run.state_name, "Completed");
  assert.deepEqual([run.parameters, run.tags, run.flow_version], [{ n: 2 }, ["t"], "7"]);
  assert.deepEqual(fake.api.messages("flowctl.total"), ["n is 2"]);
});

test("a flow rejects with the very error that its function threw", async () => {
  await using fake = useFakeApi();
  class Mine extends Error {}
  const error = new Mine("mine");
  const broken = flow("broken", () => {
    throw error;
  });
  await assert.rejects(broken(), (thrown) => thrown === error);
  assert.equal(fake.api.flowRuns[0].state_name, "Failed");
});

test("submit and map give futures, whose results are arguments and inputs of other tasks", async () => {
  await using fake = useFakeApi();
  const double = task("double", (n: number) => n * 2);
  const sum = task("sum", (numbers: number[]) => numbers.reduce((a, b) => a + b, 0));
  const total = flow("total", async () => {
    const futures = double.map([1, 2, double.submit(2)]);
    const total = sum.submit(futures);
    assert.equal((await total.wait())?.type, "COMPLETED");
    return [await total.result(), await futures[2].result()];
  });
  assert.deepEqual(await total(), [14, 8]);
  const sumRun = fake.api.taskRuns.find((run) => run.task_key.startsWith("sum-"))!;
  const ids = fake.api.taskRuns.filter((run) => run.task_key.startsWith("double-")).slice(1).map((run) => run.id);
  assert.deepEqual(sumRun.task_inputs["0"].map((input: { id: string }) => input.id).toSorted(), ids.toSorted());
});

test("a task whose input failed is NotReady, and a failure that nobody asked about fails the flow", async () => {
  await using fake = useFakeApi();
  const fail = task("fail", (): number => {
    throw new Error("no input");
  });
  const use = task("use", (n: number) => n);
  await assert.rejects(flow("f", () => void use.submit(fail.submit()))(), /1 of 2 task runs failed: 'use'/);
  const [failed, notReady] = fake.api.taskRuns;
  assert.deepEqual([failed.state_name, notReady.state_name], ["Failed", "NotReady"]);
  assert.equal(notReady.state.message, `Upstream task run '${failed.id}' did not reach a 'COMPLETED' state.`);
});

test("a flow that looks after its futures decides itself", async () => {
  await using fake = useFakeApi();
  const fail = task("fail", () => {
    throw new Error("expected");
  });
  assert.equal(await flow("f", async () => (await fail.submit().wait())?.type)(), "FAILED");
  assert.equal(fake.api.flowRuns[0].state_name, "Completed");
});

test("forty tasks at once keep their contexts apart", async () => {
  await using fake = useFakeApi();
  const say = task("say", async (n: number) => {
    await new Promise((resolve) => setTimeout(resolve, n % 3));
    console.log(`${n} ${getRunContext().taskRun!.name}`);
  });
  await flow("f", async () => void await Promise.all(Array.from({ length: 40 }, (_, n) => say(n))))();
  const said = fake.api.logs.filter((log) => log.name === "flowctl.say");
  assert.equal(said.length, 40);
  for (const log of said) {
    const name = fake.api.taskRuns.find((run) => run.id === log.task_run_id)!.name;
    assert.equal(log.message, `${name.split("-")[1]} ${name}`);
  }
});

test("a flow called in a flow is a sub-flow; one called in a task is refused", async () => {
  await using fake = useFakeApi();
  const child = flow("child", ({ n }: { n: number }) => n + 1);
  assert.equal(await flow("parent", async () => await child({ n: 1 }))(), 2);
  assert.equal(fake.api.flowRuns[1].parent_task_run_id, fake.api.taskRuns[0].id);
  const bad = task("bad", () => child({ n: 1 }));
  await assert.rejects(flow("parent", async () => await bad())(), /Cannot run flow "child" in task "bad"/);
});

test("a Standard Schema validates parameters and fills in defaults", async () => {
  await using fake = useFakeApi();
  const schema = z.object({ n: z.number(), word: z.string().default("x") });
  const checked = flow("checked", (parameters) => parameters, { parameters: schema });
  assert.deepEqual(await checked({ n: 1 }), { n: 1, word: "x" });
  await assert.rejects(
    checked({ n: "1" as never }),
    /^FlowctlError: Cannot run flow "checked": Parameter "n": .*expected number/,
  );
  assert.equal(fake.api.flowRuns[1].state_name, "Failed");
  const { properties, required } = checked.parameterSchema as { properties: object; required: string[] };
  assert.deepEqual(Object.keys(properties), ["n", "word"]);
  assert.deepEqual(required, ["n"]);
});

test("a JSON Schema validates parameters", async () => {
  await using _fake = useFakeApi();
  const parameters = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  const checked = flow("checked", ({ n }: { n: number }) => n, { parameters });
  assert.equal(await checked({ n: 1 }), 1);
  await assert.rejects(checked({ n: 1.5 }), /Cannot run flow "checked": Parameter "n" must be integer/);
  assert.deepEqual(checked.parameterSchema, parameters);
});

test("unknown options, bad names and bad values are refused by name", () => {
  const refusals: [() => unknown, RegExp, RegExp?][] = [
    [
      () => flow("f", () => 1, { retires: 1 } as never),
      /Cannot make flow "f": it has no option "retires"/,
      /"retries"/,
    ],
    [() => flow("a/b", () => 1), /Cannot make flow "a\/b": a name cannot contain/],
    [() => flow("f", () => 1, { retries: -1 }), /retries is -1/],
    [() => task("t", () => 1, { timeout: 1 } as never), /Cannot make task "t": it has no option "timeout"/],
    [
      () => new DockerFlowRunner({ memmory: "1g" } as never),
      /Cannot make DockerFlowRunner: it has no option "memmory"/,
      /"memory"/,
    ],
    [() => new DockerFlowRunner({ stream_output: true } as never), /no option "stream_output"/, /"streamOutput"/],
    [() => new DockerFlowRunner({ volumes: ["/data"] }), /volumes\.0: Invalid volume specification/],
    [() => new SubprocessFlowRunner({ cwd: "" }), /cwd/],
    [() => cron("61 * * * *"), /Cannot make schedule "61 \* \* \* \*"/],
    [() => interval(0), /at least 1 second/],
    [() => new DeploymentSpec({ name: "d", flow: (() => 1) as never }), /its flow is not made by flow\(\)/],
  ];
  for (const [make, says, hint] of refusals) {
    assert.throws(make, (error) => {
      assert(isFlowctlError(error, "invalid"));
      assert.match(error.message, says);
      if (hint !== undefined) assert.match(error.hint ?? "", hint);
      return true;
    });
  }
});

test("runners have the wire's names", () => {
  assert.deepEqual(
    new DockerFlowRunner({ networkMode: "none", autoRemove: true, imagePullPolicy: "Never", streamOutput: false })
      .toSpec(),
    {
      type: "docker",
      config: { network_mode: "none", auto_remove: true, image_pull_policy: "Never", stream_output: false },
    },
  );
  assert.deepEqual(new SubprocessFlowRunner().toSpec(), { type: "subprocess", config: {} });
});
