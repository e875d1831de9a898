import assert from "node:assert/strict";
import { backoff, jitteredDelay, retryDelayFor } from "../../src/support/backoff.ts";
import { test } from "../testing/test.ts";

test("delays double up to the longest, and start again after a reset", () => {
  const delays = backoff({ baseMs: 100, maxMs: 500, random: () => 1 });
  assert.deepEqual(Array.from({ length: 5 }, () => delays.next()), [100, 200, 400, 500, 500]);
  assert.equal(delays.tries, 5);
  delays.reset();
  assert.equal(delays.next(), 100);
});

test("chance cuts a delay by at most its half", () => {
  assert.equal(backoff({ baseMs: 100, maxMs: 500, random: () => 0 }).next(), 50);
});

test("a thousand tries overflow nothing", () => {
  const delays = backoff({ baseMs: 1, maxMs: 60_000, random: () => 1 });
  for (let n = 0; n < 2000; n++) assert.ok(delays.next() <= 60_000);
});

test("a list of retry delays gives one per retry, the last one repeats", () => {
  assert.deepEqual([1, 2, 3, 4].map((runCount) => retryDelayFor(runCount, [5, 10, 20])), [5, 10, 20, 20]);
  assert.equal(retryDelayFor(3, 7), 7);
  assert.equal(retryDelayFor(1, []), 0);
  assert.equal(retryDelayFor(1, null), 0);
});

test("a jittered delay stays within the bounds of Prefect's", () => {
  // Prefect's clamped_poisson_interval(10, 0.5) with random.uniform at its ends and its middle.
  assert.deepEqual([0, 0.5, 1].map((r) => Number(jitteredDelay(10, 0.5, () => r).toFixed(6))), [
    6.293969,
    9.728038,
    15.0,
  ]);
  assert.equal(jitteredDelay(10, 0), 10);
});
