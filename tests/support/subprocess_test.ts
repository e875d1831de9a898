/**
 * Child processes in groups of their own.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { hasEnded } from "../testing/processes.ts";
import { childEnvironment, startProcess } from "../../src/support/subprocess.ts";
import { test } from "../testing/test.ts";

const env = { PATH: process.env.PATH };

test("both streams come as lines, and the end as a code", async () => {
  const child = await startProcess({ command: ["sh", "-c", "echo out; echo err >&2; printf rest; exit 3"], env });
  const lines = await Array.fromAsync(child.lines);
  assert.deepEqual(lines.filter(({ stream }) => stream === "stdout").map(({ text }) => text), ["out", "rest"]);
  assert.deepEqual(lines.filter(({ stream }) => stream === "stderr").map(({ text }) => text), ["err"]);
  assert.deepEqual(await child.exited, { code: 3, signal: null });
});

test("a signal reaches what the process started, and nothing of it outlives it", async () => {
  const child = await startProcess({ command: ["sh", "-c", "sleep 1000 & echo $!; wait"], env });
  const lines = child.lines[Symbol.asyncIterator]();
  const grandchild = Number((await lines.next()).value!.text);
  child.kill("SIGTERM");
  assert.equal((await child.exited).signal, "SIGTERM");
  assert.equal((await lines.next()).done, true);
  while (!hasEnded(grandchild)) await new Promise((resolve) => setTimeout(resolve, 1));
  child.kill("SIGKILL");
});

test("a program that is not there is an error with its name", async () => {
  await assert.rejects(startProcess({ command: ["/no/such/program"], env }), /Cannot start "\/no\/such\/program"/);
});

test("children get no variable that turns a Bun binary into something else", () => {
  const given = childEnvironment({ A: "1", BUN_OPTIONS: "x", C: undefined }, { A: "2", BUN_BE_BUN: "1" });
  assert.deepEqual(given, { A: "2" });
});
