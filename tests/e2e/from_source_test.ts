/**
 * The same program from source: `deno run -A main.ts …`, and a flow file by itself with the project's import map.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { test } from "../testing/test.ts";
import { BINARY, EXAMPLE, World } from "./support.ts";

const ROOT = join(import.meta.dirname!, "../..");
const DENO = "Deno" in globalThis ? process.execPath : "deno";
const SOURCE = [DENO, "run", "-A", "--node-modules-dir=manual", join(ROOT, "main.ts")];
/** What `DENO_DIR` is when it is not said depends on HOME, which tests set anew: nothing must be fetched again. */
const ENV = { DENO_DIR: denoFolder(), NO_COLOR: "1" };

function denoFolder(): string {
  return JSON.parse(spawnSync(DENO, ["info", "--json"], { encoding: "utf8" }).stdout).denoDir;
}

const LOCAL = EXAMPLE.replaceAll("DockerFlowRunner", "SubprocessFlowRunner").replace("from Docker", "from source");

test("from source the walk is the same: create, start, run, look", async () => {
  await using world = new World(SOURCE, ENV);
  world.file("example-deployment.ts", LOCAL);
  const created = await world.ok(["deployment", "create", "./example-deployment.ts"]);
  assert.match(created, /Loading deployments from .*'example-deployment\.ts'\.\.\./);
  assert.match(created, /Created deployment 'example' for flow 'my-flow'/);
  const server = await world.server();
  assert.match(await world.ok(["deployment", "ls"]), /my-flow\/example/);
  const run = await world.createRun("my-flow/example");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.ok((await world.messages(server.url, run.id)).includes("Hello from source!"));
  assert.match(await world.ok(["flow-run", "logs", run.name]), /INFO - flowctl\.my-flow \| Hello from source!/);
  assert.equal((await server.stop("SIGTERM")).code, 0, server.output());
});

test("from source a file runs as the main module with its arguments", async () => {
  await using world = new World(SOURCE, ENV);
  world.file(
    "plain.ts",
    `import { flow } from "flowctl";
const f = flow("plain", ({ n }: { n: number }) => n * 2);
if (import.meta.main) console.log("result", await f({ n: Number(process.argv[2]) }));
`,
  );
  assert.match(await world.ok(["./plain.ts", "21"]), /result 42/);
});

test("a plain file run by Deno with the import map reports to the API in use", async () => {
  await using world = new World(
    [DENO, "run", "-A", "--config", join(ROOT, "deno.json"), "--node-modules-dir=manual"],
    ENV,
  );
  world.file(
    "plain.ts",
    `import process from "node:process";
import { flow, task } from "flowctl";
const twice = task("twice", (n: number) => n * 2);
const f = flow("by-deno", async ({ n }: { n: number }) => await twice(n));
if (import.meta.main) console.log("result", await f({ n: Number(process.argv[2]) }));
`,
  );
  await using binary = new World();
  const { url } = await binary.server(["--no-agent"]);
  const env = { FLOWCTL_API_URL: `${url}/api` };
  assert.match(await world.ok(["plain.ts", "21"], { env }), /result 42/);
  const [run] = await binary.client(url).flowRuns.list();
  assert.equal(run.state_type, "COMPLETED");
  assert.deepEqual(run.parameters, { n: 21 });
  assert.equal((await binary.client(url).taskRuns.list())[0].state_type, "COMPLETED");
  // Without an address it is the database of the home, which the binary reads too.
  assert.match(await world.ok(["plain.ts", "4"]), /result 8/);
  assert.match(
    await binary.ok(["flow-run", "ls", "--flow-name", "by-deno"], { env: { FLOWCTL_HOME: world.home } }),
    /Completed/,
  );
});

for (
  const { way, env } of [
    { way: "that FLOWCTL_LINUX_BINARY names", env: { FLOWCTL_LINUX_BINARY: BINARY } },
    { way: "in dist beside main.ts", env: {} },
  ]
) {
  test(`an agent from source starts containers with the binary ${way}`, async () => {
    await using world = new World(SOURCE, { ...ENV, ...env });
    world.file("example-deployment.ts", EXAMPLE);
    await world.ok(["deployment", "create", "./example-deployment.ts"]);
    const server = await world.server();
    const run = await world.createRun("my-flow/example");
    const done = await world.finished(server.url, run.id);
    assert.equal(done.state_type, "COMPLETED", `${done.state?.message}\n${server.output()}`);
    assert.ok((await world.messages(server.url, run.id)).includes("Hello from Docker!"));
    assert.equal((await world.containers(run.id)).length, 1);
  });
}
