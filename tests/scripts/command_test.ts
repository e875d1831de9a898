/**
 * Programs are run to their end, and nothing of them lives on.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { plain, run } from "../../scripts/lib/command.ts";
import { runningProcesses } from "../../scripts/lib/leftovers.ts";
import { test } from "../testing/test.ts";

test("a program's exit code and both outputs are told, and characters are never cut", async () => {
  const { code, stdout, output } = await run("sh", [
    "-c",
    "printf 'h\\303'; sleep 0.02; printf '\\244'; echo oh >&2; exit 3",
  ]);
  assert.equal(code, 3);
  assert.equal(stdout, "hä");
  assert.ok(output.includes("hä") && output.includes("oh\n"), output);
});

test("a program that does not exist ends with 127 and its name", async () => {
  const { code, output } = await run("no-such-program", []);
  assert.equal(code, 127);
  assert.match(output, /^Cannot start "no-such-program"/);
});

test("a variable can be given and taken away", async () => {
  process.env.FLOWCTL_GONE = "1";
  try {
    const env = { FLOWCTL_GIVEN: "2", FLOWCTL_GONE: undefined };
    const { stdout } = await run("sh", ["-c", 'echo "$FLOWCTL_GIVEN:$FLOWCTL_GONE:"'], { env });
    assert.equal(stdout, "2::\n");
  } finally {
    delete process.env.FLOWCTL_GONE;
  }
});

test("the time limit also ends what a program started, and a mark in the environment finds what runs", async () => {
  const mark = `FLOWCTL_TEST_MARK=${process.pid}-${performance.now()}`;
  const [name, value] = mark.split("=");
  const running = run("sh", ["-c", "sleep 60 & wait"], { env: { [name]: value }, timeoutMs: 100 });
  while (runningProcesses(mark).length < 2) await new Promise((resolve) => setImmediate(resolve));
  const { timedOut, code } = await running;
  assert.equal(timedOut, true);
  assert.equal(code, null);
  assert.deepEqual(runningProcesses(mark), []);
});

test("colours are taken out of text", () => {
  assert.equal(plain("\x1b[0m\x1b[1m\x1b[31merror\x1b[0m: x"), "error: x");
});
