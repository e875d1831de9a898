/**
 * `deno task quickstart` as a newcomer runs it: with an engine, without one, and stopped in the middle. Nothing stays behind.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { engineHost, parseHost, ping } from "../../scripts/lib/engine_api.ts";
import { inEngine, runningProcesses } from "../../scripts/lib/leftovers.ts";
import { needsEngine, test } from "../testing/test.ts";

const ROOT = join(import.meta.dirname!, "../..");
const DENO = "Deno" in globalThis ? process.execPath : "deno";
let runs = 0;

interface Quickstart {
  code: number | null;
  output: string;
  /** Names of files that are left in its TMPDIR. */
  files: string[];
  /** Processes that are left. */
  processes: string[];
}

/** Runs the task; `stopAt` presses Ctrl-C (a signal to the whole group, as a terminal sends it) when the output has it. */
async function quickstart(env: Record<string, string>, stopAt?: RegExp): Promise<Quickstart> {
  const folder = mkdtempSync(join(tmpdir(), "quickstart-"));
  const mark = `${process.pid}-${++runs}`;
  try {
    const child = spawn(DENO, ["task", "quickstart"], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: "1", TMPDIR: folder, FLOWCTL_QUICKSTART_TEST: mark, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "", isStopped = false;
    const take = (text: string) => {
      output += text;
      if (isStopped || stopAt === undefined || !stopAt.test(output)) return;
      isStopped = true;
      process.kill(-child.pid!, "SIGINT");
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    if (stopAt !== undefined) assert.ok(isStopped, `it never printed ${stopAt}:\n${output}`);
    const processes = runningProcesses(`FLOWCTL_QUICKSTART_TEST=${mark}`).map(({ says }) => says);
    return { code, output, files: readdirSync(folder), processes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function assertNothingLeft({ output, files, processes }: Quickstart): void {
  assert.deepEqual(files, [], output);
  assert.deepEqual(processes, [], output);
}

async function things(): Promise<string[]> {
  const endpoint = parseHost(engineHost());
  return endpoint && await ping(endpoint) ? [...(await inEngine(endpoint)).keys()] : [];
}

test("the quickstart runs the example in a container, shows each step's time, and leaves nothing", async () => {
  needsEngine();
  const before = await things();
  const result = await quickstart({});
  assert.equal(result.code, 0, result.output);
  assert.match(result.output, /Created deployment 'example' for flow 'my-flow'/);
  const [, name] = result.output.match(/Created flow run '([a-z-]+)'/)!;
  assert.match(result.output, new RegExp(`container ${name}, image flowctl/flowctl:`));
  assert.match(result.output, /INFO - flowctl\.my-flow \| Hello from Docker!/);
  assert.match(result.output, new RegExp(`${name} +Completed`));
  assert.match(result.output, /^ +\d+\.\d s {2}Compile the binary$/m);
  assertNothingLeft(result);
  assert.deepEqual((await things()).filter((one) => !before.includes(one)), []);
});

test("without an engine the quickstart says so in one sentence and runs the example in a process", async () => {
  const result = await quickstart({ DOCKER_HOST: "unix:///nowhere.sock" });
  assert.equal(result.code, 0, result.output);
  assert.match(result.output, /^No Docker Engine answers at "unix:\/\/\/nowhere\.sock": .+$/m);
  assert.match(result.output, /INFO - flowctl\.my-flow \| Hello from a process!/);
  assert.match(result.output, /Completed/);
  assertNothingLeft(result);
});

for (
  const { when, at } of [
    { when: "while it compiles", at: /== Compile the binary/ },
    { when: "while the server starts", at: /== flowctl orion start/ },
    { when: "while the flow is submitted", at: /Submitting flow run/ },
  ]
) {
  test(`Ctrl-C ${when} ends the quickstart with an error, and nothing stays`, async () => {
    const before = await things();
    const result = await quickstart({}, at);
    assert.ok(result.code !== 0, result.output);
    assert.match(result.output, /Quickstart failed at ".+": stopped by SIGINT/);
    assert.doesNotMatch(result.output, /^\s+at /m);
    assertNothingLeft(result);
    assert.deepEqual((await things()).filter((one) => !before.includes(one)), []);
    assert.deepEqual(readdirSync(join(ROOT, "dist")).filter((name) => name.startsWith(".compile-")), []);
  });
}
