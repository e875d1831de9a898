/**
 * Small programs that are asked one question.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { captureOutput } from "../../src/support/capture.ts";
import { test } from "../testing/test.ts";

const ask = (
  script: string,
  more: { input?: string; timeoutMs?: number; maxBytes?: number; signal?: AbortSignal } = {},
) => captureOutput({ command: ["/bin/sh", "-c", script], input: "", env: process.env, timeoutMs: 20_000, ...more });

test("a program reads its input and answers with output and exit code", async () => {
  assert.deepEqual(await ask("cat; echo nobody reads this >&2; exit 3", { input: "ä b" }), { code: 3, stdout: "ä b" });
  assert.deepEqual(await ask("exit 0", { input: "x".repeat(1_000_000) }), { code: 0, stdout: "" });
});

test("a program that takes too long is killed with what it started", async () => {
  const begun = Date.now();
  await assert.rejects(ask("sleep 60 & sleep 60", { timeoutMs: 50 }), { code: "timeout" });
  await assert.rejects(ask("sleep 60 & exit 0", { timeoutMs: 50 }), { code: "timeout" }, "something holds its output");
  assert.ok(Date.now() - begun < 10_000);
});

test("a program that says too much, or is wanted no longer, is killed", async () => {
  await assert.rejects(ask("yes", { maxBytes: 1000 }), { code: "too_large" });
  const gone = new AbortController();
  const asked = ask("sleep 60", { signal: gone.signal });
  gone.abort();
  await assert.rejects(asked, { code: "cancelled" });
  await assert.rejects(ask("exit 0", { signal: gone.signal }), { code: "cancelled" });
});

test("a program that is not there is named", async () => {
  const command = ["flowctl-nobody"];
  await assert.rejects(
    captureOutput({ command, input: "", env: process.env, timeoutMs: 1000 }),
    /Cannot run "flowctl-nobody": there is no such program on the PATH/,
  );
});
