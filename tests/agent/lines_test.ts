/**
 * Shipping lines.
 *
 * @module
 */

import assert from "node:assert/strict";
import { shipLines, shipMarked, type ShipOptions } from "../../src/agent/lines.ts";
import { parseConsoleLine } from "../../src/agent/records.ts";
import { createClient } from "../../src/client/client.ts";
import { MAX_LOG_MESSAGE } from "../../src/domain/logs.ts";
import type { PrintedLine } from "../../src/runners/runner.ts";
import { markLine } from "../../src/support/log_marks.ts";
import { silentLog } from "../../src/support/log.ts";
import { FakeApi } from "../testing/fake_api.ts";
import { skippingClock } from "../testing/fake_clock.ts";
import { test } from "../testing/test.ts";

const RUN = "11111111-1111-4111-8111-111111111111";
const line = (text: string, n = 0, more: Partial<PrintedLine> = {}): PrintedLine => ({
  stream: "stdout",
  text,
  timestamp: `2026-11-21T22:33:58.${String(n).padStart(9, "0")}Z`,
  ordinal: 0,
  ...more,
});
const from = async function* (lines: PrintedLine[]) {
  yield* lines;
};

function shipping(api: FakeApi, more: Partial<ShipOptions> = {}): ShipOptions {
  return {
    client: createClient({ url: "http://fake/api", fetch: api.fetch, tries: 1, clock: skippingClock() }),
    flowRunId: RUN,
    attempt: 1,
    name: "flowctl.container",
    clock: skippingClock(),
    random: () => 0,
    log: silentLog,
    signal: new AbortController().signal,
    ...more,
  };
}

test("all unmarked lines arrive in their order, in few requests", async () => {
  const api = new FakeApi();
  const lines = Array.from({ length: 3000 }, (_, n) => line(`line ${n}`, n));
  const delivered: string[] = [];
  await shipLines(from(lines), shipping(api, { onDelivered: (time) => delivered.push(time) }));
  assert.deepEqual(api.messages(), lines.map(({ text }) => text));
  assert.ok(api.requests.length < 30, `${api.requests.length} requests`);
  assert.equal(delivered.at(-1), lines.at(-1)!.timestamp);
});

test("lines of one instant have keys of their own, and what is sent twice is there once", async () => {
  const api = new FakeApi();
  const lines = [line("a"), line("b", 0, { ordinal: 1 })];
  await shipLines(from(lines), shipping(api));
  await shipLines(from(lines), shipping(api));
  assert.deepEqual(api.messages(), ["a", "b"]);
});

test("an API that is away gets the lines when it is back", async () => {
  const api = new FakeApi();
  let failures = 3;
  api.intercept = () => {
    if (failures-- > 0) throw new TypeError("connection refused");
    return undefined;
  };
  await shipLines(from([line("a")]), shipping(api));
  assert.deepEqual(api.messages(), ["a"]);
});

test("a fenced attempt stops shipping, and its lines are still shown", async () => {
  const api = new FakeApi();
  api.intercept = () => ({ status: 409, body: { code: "fenced", detail: "stale" } });
  const shown: string[] = [];
  await shipLines(from([line("a"), line("b", 1)]), shipping(api, { print: ({ text }) => shown.push(text) }));
  assert.deepEqual([api.messages(), shown], [[], ["a", "b"]]);
});

test("a line longer than a record may be becomes several records", async () => {
  const api = new FakeApi();
  await shipLines(from([line("x".repeat(2 * MAX_LOG_MESSAGE + 1)), line("after", 1)]), shipping(api));
  assert.deepEqual(api.messages().map(({ length }) => length), [MAX_LOG_MESSAGE, MAX_LOG_MESSAGE, 1, 5]);
  assert.equal(new Set(api.logs.map(({ key }) => key)).size, 4);
});

test("what was given up is not called delivered, so that the next agent reads it again", async () => {
  const api = new FakeApi();
  const stop = new AbortController();
  api.intercept = () => {
    stop.abort();
    throw new TypeError("connection refused");
  };
  const delivered: string[] = [];
  const options = shipping(api, { signal: stop.signal, onDelivered: (time) => delivered.push(time) });
  const lines = [line("a"), line("b", 1), line(markLine("[t] INFO - a | c", { sequence: 1 }), 2)];
  assert.equal(await shipLines(from(lines), options), "abandoned");
  assert.deepEqual(delivered, []);
});

test("while the API is away no more is read than a few megabytes", async () => {
  const api = new FakeApi();
  const stop = new AbortController();
  let read = 0, tries = 0;
  api.intercept = () => {
    if (++tries === 200) stop.abort();
    throw new TypeError("connection refused");
  };
  const endless = async function* () {
    for (; !stop.signal.aborted && read < 1000; read++) yield line("x".repeat(1_000_000), read);
  };
  await shipLines(endless(), shipping(api, { signal: stop.signal }));
  assert.ok(read < 12, `${read} lines of a megabyte were read`);
});

test("a line that the API does not take costs no other", async () => {
  const api = new FakeApi();
  api.intercept = (_method, _path, body) =>
    (body as unknown as { message: string }[]).some(({ message }) => message === "line 5")
      ? { status: 413, body: { detail: "too large" } }
      : undefined;
  const lines = Array.from({ length: 10 }, (_, n) => line(`line ${n}`, n));
  await shipLines(from(lines), shipping(api));
  assert.deepEqual(api.messages(), lines.map(({ text }) => text).filter((text) => text !== "line 5"));
});

test("a record of several lines that the SDK could not send is shipped at once and whole", async () => {
  const api = new FakeApi();
  const lines = [
    line(markLine("[t] ERROR - a | first", { sequence: 9, continues: true, isUnsent: true })),
    line("raw", 1),
    line(markLine("second", { sequence: 9, isUnsent: true }), 2),
  ];
  await shipLines(from(lines), shipping(api));
  const sent = api.logs.map(({ key, message, level }) => ({ key, message, level }));
  assert.deepEqual(sent.toSorted((a, b) => a.key! < b.key! ? 1 : -1), [
    { key: "1:s9", message: "first\nsecond", level: 40 },
    { key: `1:c${lines[1].timestamp}:0`, message: "raw", level: 20 },
  ]);
});

test("after an abrupt end a record keeps all its lines, and one of a sub-flow goes to the sub-flow's run", async () => {
  const api = new FakeApi();
  const sub = "22222222-2222-4222-8222-222222222222";
  await shipMarked([
    line(markLine("[t] INFO - a | one", { sequence: 1, continues: true })),
    line(markLine("two", { sequence: 1 }), 1),
    line(markLine("[t] INFO - a | theirs", { sequence: 2, flowRunId: sub }), 2),
  ], shipping(api));
  assert.deepEqual(api.logs.map(({ flow_run_id, key, message }) => [flow_run_id, key, message]), [
    [RUN, "1:s1", "one\ntwo"],
    [sub, "1:s2", "theirs"],
  ]);
});

test("marked lines are left to the SDK, until they are asked for", async () => {
  const api = new FakeApi();
  const lines = [line(markLine("[t] WARNING - a.b | hm | so", { sequence: 4 })), line("raw", 1)];
  await shipLines(from(lines), shipping(api));
  assert.deepEqual(api.messages(), ["raw"]);
  await shipMarked(lines, shipping(api));
  const [, marked] = api.logs;
  assert.deepEqual([marked.key, marked.level, marked.name, marked.message], ["1:s4", 30, "a.b", "hm | so"]);
});

test("a line in another shape is all message", () => {
  assert.deepEqual(parseConsoleLine("[x] hello").message, "[x] hello");
});

test("what was printed without a newline before a record is shipped, and the record is not", async () => {
  const api = new FakeApi();
  const record = "[2026-11-21 22:33:58+0000] INFO - flowctl.f | said [2026-11-21 22:33:58+0000] INFO - flowctl.x";
  const lines = [
    line(markLine(`half a line${record}`, { sequence: 1 })),
    line(markLine(record, { sequence: 2 }), 1),
    line("whole", 2),
  ];
  await shipLines(from(lines), shipping(api));
  assert.deepEqual(api.messages(), ["half a line", "whole"]);
});
