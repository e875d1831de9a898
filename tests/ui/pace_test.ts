import assert from "node:assert/strict";
import { type PaceClock, paced } from "../../src/ui/live/pace.ts";
import { test } from "../testing/test.ts";

const none = new AbortController().signal;

test("a question waits four times as long as the last answer took, and the first one not at all", async () => {
  let now = 1000;
  const slept: number[] = [];
  const clock: PaceClock = {
    now: () => now,
    sleep(ms) {
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  const ask = paced(() => Promise.resolve(now += 100), clock);
  await ask(none);
  assert.deepEqual(slept, []);
  now += 150;
  await ask(none);
  assert.deepEqual(slept, [250]);
  now += 1000;
  await ask(none);
  assert.deepEqual(slept, [250]);
});

test("a question that nobody waits for any more is not asked", async () => {
  const over = new AbortController();
  let asked = 0;
  const ask = paced(() => Promise.resolve(++asked), { now: () => 0, sleep: () => Promise.resolve() });
  over.abort();
  await assert.rejects(ask(over.signal));
  assert.equal(asked, 0);
});
