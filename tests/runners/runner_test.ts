/**
 * What runners share.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ToldLines } from "../../src/runners/docker_attempt.ts";
import { LastLines } from "../../src/runners/runner.ts";
import { test } from "../testing/test.ts";

const line = (text: string) => ({ stream: "stdout" as const, text, timestamp: "2026-11-21T22:33:58Z", ordinal: 0 });

test("of many lines the last ones are kept, and of long ones fewer", () => {
  const short = new LastLines(3);
  for (const text of ["a", "b", "c", "d"]) short.add(line(text));
  assert.deepEqual(short.last(2).map(({ text }) => text), ["c", "d"]);
  const long = new LastLines(5000);
  for (let n = 0; n < 100; n++) long.add(line(`${n}`.padEnd(1_000_000)));
  assert.deepEqual(long.last(5000).map(({ text }) => text.trim()).at(-1), "99");
  assert.ok(long.last(5000).length <= 16);
});

test("a single line that is longer than all that may be kept is kept", () => {
  const kept = new LastLines(10);
  kept.add(line("x".repeat(17_000_000)));
  assert.equal(kept.last(10).length, 1);
});

test("what is read again is not told again, however much was printed in the last second", () => {
  const told = new ToldLines();
  const start = Temporal.Instant.from("2026-11-21T22:33:58Z");
  const times = Array.from({ length: 40_000 }, (_, n) => start.add({ microseconds: n * 20 }).toString());
  assert.ok(times.every((time) => told.isNew(time, 0)));
  assert.ok(times.every((time) => !told.isNew(time, 0)));
  assert.ok(told.isNew(times[0], 1), "another line of the same time is another line");
});

test("what can't be read again is forgotten", () => {
  const told = new ToldLines();
  const start = Temporal.Instant.from("2026-11-21T22:33:58Z");
  for (let n = 0; n < 100_000; n++) told.isNew(start.add({ milliseconds: n }).toString(), 0);
  assert.ok(told.size < 25_000, `${told.size} are remembered`);
});
