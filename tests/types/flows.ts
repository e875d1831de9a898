/**
 * Types of flows and tasks, checked by `deno check`: nothing here is run.
 *
 * @module
 */

import { z } from "zod";
import {
  cron,
  DeploymentSpec,
  DockerFlowRunner,
  flow,
  getRunContext,
  getRunLogger,
  SubprocessFlowRunner,
  task,
  type TaskFuture,
} from "../../src/mod/mod.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Equal<A, B> extends true ? [] : [never]): void {}

// Flows without parameters are called without arguments.
const plain = flow("plain", () => 1);
same<Awaited<ReturnType<typeof plain>>, number>();
void plain();
// @ts-expect-error -- it has no parameters
void plain({ typo: 1 });

// The parameters' type comes from the function.
const typed = flow(
  "typed",
  async ({ n, word = "x" }: { n: number; word?: string }) => await Promise.resolve(word.repeat(n)),
);
same<Awaited<ReturnType<typeof typed>>, string>();
void typed({ n: 1 });
// @ts-expect-error -- n is a number
void typed({ n: "1" });
// @ts-expect-error -- n is missing
void typed({});
// @ts-expect-error -- parameters are needed
void typed();
const optional = flow("optional", ({ n = 1 }: { n?: number }) => n);
void optional();

// … or from a Standard Schema: its input is what callers give, its output is what the function gets.
const checked = flow("checked", ({ day, count }, { signal, run }) => {
  same<typeof day, Date>();
  same<typeof count, number>();
  same<typeof signal, AbortSignal>();
  same<typeof run.name, string>();
  return { day, count };
}, { parameters: z.object({ day: z.string().transform((text) => new Date(text)), count: z.number().default(1) }) });
same<Awaited<ReturnType<typeof checked>>, { day: Date; count: number }>();
void checked({ day: "2026-11-21" });
// @ts-expect-error -- a text goes in, not a Date
void checked({ day: new Date() });

// A JSON Schema says nothing to the compiler; the function does.
const json = flow("json", ({ n }: { n: number }) => n, {
  parameters: { type: "object", properties: { n: { type: "number" } } },
});
void json({ n: 1 });
// @ts-expect-error -- an option that does not exist
flow("misspelt", () => 1, { retires: 1 });

// Tasks keep their arguments and results.
const double = task("double", (n: number) => n * 2, {
  cacheKey: (n) => `double-${n.toFixed()}`,
  retryDelaySeconds: [1, 2],
});
const sum = task(
  "sum",
  async (numbers: number[], label?: string) => await Promise.resolve(`${label}${numbers.length}`),
);
same<Awaited<ReturnType<typeof double>>, number>();
same<Awaited<ReturnType<typeof sum>>, string>();
// @ts-expect-error -- a number is wanted
void double("2");
// @ts-expect-error -- too many arguments
void double(1, 2);

void flow("uses", async () => {
  const future = double.submit(2);
  same<typeof future, TaskFuture<number>>();
  const futures = double.map([1, future]);
  same<typeof futures, TaskFuture<number>[]>();
  const total: string = await sum(futures, "n=");
  const one: number = await future.result();
  void sum.submit([1, future, 3]);
  // @ts-expect-error -- a future of a text is no future of a number
  void double(sum.submit([1]));
  // @ts-expect-error -- items are numbers
  double.map(["1"]);
  getRunLogger().info("%s", total, one);
  return getRunContext().flowRun.id;
});

// Registering takes its own options, and run() is the flow itself.
const registered: Promise<string> = typed.register({ project: "p", labels: ["x"], build: false, noUrl: true });
void registered;
void typed.run({ n: 1 });
// @ts-expect-error -- a project must be said
void typed.register({});
// @ts-expect-error -- n is a number
void typed.run({ n: "1" });

// Deployments know their flow's parameters.
new DeploymentSpec({
  name: "example",
  flow: typed,
  parameters: { n: 1 },
  flowRunner: new DockerFlowRunner({ image: "x", imagePullPolicy: "Never", memory: "512m" }),
  schedule: cron("0 0 * * *", { timezone: "Europe/London" }),
});
new DeploymentSpec({ name: "plain", flow: plain, flowRunner: new SubprocessFlowRunner({ cwd: "/" }) });
new DeploymentSpec({ name: "checked", flow: checked, parameters: { day: "2026-11-21" } });
// @ts-expect-error -- n is a number
new DeploymentSpec({ name: "wrong", flow: typed, parameters: { n: "1" } });
// @ts-expect-error -- there is no such parameter
new DeploymentSpec({ name: "wrong", flow: typed, parameters: { m: 1 } });
// @ts-expect-error -- not one of the three policies
new DockerFlowRunner({ imagePullPolicy: "Sometimes" });
// @ts-expect-error -- an option that does not exist
new SubprocessFlowRunner({ image: "x" });
