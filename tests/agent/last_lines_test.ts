/**
 * When lines are at their end.
 *
 * @module
 */

import assert from "node:assert/strict";
import { untilSilent } from "../../src/agent/last_lines.ts";
import { systemClock } from "../../src/support/clock.ts";
import { skippingClock } from "../testing/fake_clock.ts";
import { test } from "../testing/test.ts";

const held = async function* (lines: string[]) {
  yield* lines;
  await new Promise(() => {});
};

test("lines that something holds open end with a silence after the attempt's end", async () => {
  const ended = AbortSignal.abort();
  const read: string[] = [];
  for await (const line of untilSilent(held(["a", "b"]), { ended, silenceMs: 10_000, clock: skippingClock() })) {
    read.push(line);
  }
  assert.deepEqual(read, ["a", "b"]);
});

test("a reader that takes its time loses no line", async () => {
  const read: string[] = [];
  const slow = async function* () {
    for (const line of ["a", "b", "c"]) yield line;
  };
  for await (const line of untilSilent(slow(), { ended: AbortSignal.abort(), silenceMs: 5, clock: systemClock })) {
    await systemClock.sleep(10);
    read.push(line);
  }
  assert.deepEqual(read, ["a", "b", "c"]);
});

test("before the end a silence is just a silence", async () => {
  const ended = new AbortController();
  const clock = { ...skippingClock(), sleep: () => Promise.reject(new Error("nobody waits")) };
  const lines = async function* () {
    yield "a";
    await systemClock.sleep(5);
    yield "b";
  };
  const read: string[] = [];
  for await (const line of untilSilent(lines(), { ended: ended.signal, silenceMs: 1, clock })) read.push(line);
  assert.deepEqual(read, ["a", "b"]);
});
