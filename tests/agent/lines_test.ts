/**
 * Shipping lines.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseConsoleLine, shipLines, shipMarked, type ShipOptions } from "../../src/agent/lines.ts";
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
  await shipLines(from([line("a"), line("b", 1)]), shipping(api, { print: (text) => shown.push(text) }));
  assert.deepEqual([api.messages(), shown], [[], ["a", "b"]]);
});

test("a line longer than a record may be is cut", async () => {
  const api = new FakeApi();
  await shipLines(from([line("x".repeat(MAX_LOG_MESSAGE + 1))]), shipping(api));
  assert.equal(api.messages()[0].length, MAX_LOG_MESSAGE);
});

test("marked lines are left to the SDK, until they are asked for", async () => {
  const api = new FakeApi();
  const lines = [line(markLine("[t] WARNING - a.b | hm | so", 4)), line("raw", 1)];
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
  const lines = [line(markLine(`half a line${record}`, 1)), line(markLine(record, 2), 1), line("whole", 2)];
  await shipLines(from(lines), shipping(api));
  assert.deepEqual(api.messages(), ["half a line", "whole"]);
});
