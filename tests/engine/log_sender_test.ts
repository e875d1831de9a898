import assert from "node:assert/strict";
import { LogSender } from "../../src/engine/log_sender.ts";
import { formatInstant } from "../../src/support/clock.ts";
import { FakeApi } from "../testing/fake_api.ts";
import { skippingClock } from "../testing/fake_clock.ts";
import { test } from "../testing/test.ts";

const record = (n: number, message = `line ${n}`) => ({
  name: "flowctl.t",
  level: 20,
  message,
  timestamp: formatInstant(Temporal.Instant.fromEpochMilliseconds(n)),
  flow_run_id: "00000000-0000-4000-8000-000000000000",
  key: `0:s${n}`,
});

/** An API whose answers to `POST /logs/` are counted and may be scripted. */
function setUp(options: { batch?: number; maxBytes?: number; graceMs?: number } = {}) {
  const clock = skippingClock();
  const api = new FakeApi(clock);
  return { api, clock, sender: new LogSender({ client: api.client, clock, ...options }) };
}

test("records that come one by one travel together", async () => {
  const { api, sender } = setUp();
  for (let n = 0; n < 40; n++) {
    sender.add(record(n));
    await Promise.resolve();
  }
  await sender.close();
  assert.deepEqual(api.messages(), Array.from({ length: 40 }, (_, n) => `line ${n}`));
  assert.equal(api.requests.length, 1);
});

test("a batch has at most its number of records, and order is kept", async () => {
  const { api, sender } = setUp({ batch: 10 });
  for (let n = 0; n < 25; n++) sender.add(record(n));
  await sender.close();
  assert.equal(api.requests.length, 3);
  assert.deepEqual(api.messages(), Array.from({ length: 25 }, (_, n) => `line ${n}`));
});

test("what waits while the API is away is sent when it is back, once", async () => {
  const { api, sender } = setUp();
  let isAway = true;
  let tries = 0;
  api.intercept = () => {
    if (++tries === 5) isAway = false;
    if (isAway) throw new TypeError("connection refused");
    return undefined;
  };
  for (let n = 0; n < 7; n++) sender.add(record(n));
  await sender.flush();
  assert.equal(api.logs.length, 7);
  assert.equal(sender.dropped, 0);
});

test("what waits is bounded by bytes, and what is dropped is counted", async () => {
  const { api, sender } = setUp({ maxBytes: 10_000 });
  for (let n = 0; n < 100; n++) sender.add(record(n, "x".repeat(700)));
  await sender.flush();
  assert.equal(api.logs.length, 10);
  assert.equal(sender.dropped, 90);
  sender.add(record(100));
  await sender.close();
  assert.equal(api.logs.length, 11);
});

test("a record that the API does not take costs no other", async () => {
  const { api, sender } = setUp();
  api.intercept = (_method, _path, body) =>
    (body as unknown as { message: string }[]).some(({ message }) => message === "line 5")
      ? { status: 422, body: { detail: "Invalid request received." } }
      : undefined;
  for (let n = 0; n < 10; n++) sender.add(record(n));
  await sender.close();
  assert.equal(api.logs.length, 9);
  assert.equal(sender.dropped, 1);
});

test("an API that fails takes the records when it is mended, each once", async () => {
  const { api, sender } = setUp();
  let failures = 3;
  api.intercept = () =>
    failures-- > 0
      ? { status: 500, body: { exception_message: "Internal Server Error", code: "internal" } }
      : undefined;
  for (let n = 0; n < 10; n++) sender.add(record(n));
  await sender.close();
  assert.deepEqual([api.logs.length, sender.dropped], [10, 0]);
});

test("an API that stays away is given up after the grace", async () => {
  const { api, sender } = setUp({ graceMs: 1000 });
  api.intercept = () => {
    throw new TypeError("connection refused");
  };
  sender.add(record(1));
  await sender.close();
  assert.equal(sender.dropped, 1);
});

test("a fenced attempt's records are not sent again", async () => {
  const { api, sender } = setUp();
  api.intercept = () => ({ status: 409, body: { detail: "Another attempt is current", code: "fenced" } });
  sender.add(record(1));
  await sender.flush();
  sender.add(record(2));
  await sender.close();
  assert.equal(api.requests.length, 1);
});
