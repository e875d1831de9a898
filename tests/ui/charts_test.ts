import fc from "fast-check";
import assert from "node:assert/strict";
import {
  edgeLabel,
  edgesOf,
  MOST_BARS,
  shortNumber,
  shownEdges,
  spanLabel,
  stepFor,
} from "../../src/ui/charts/intervals.ts";
import { test } from "../testing/test.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A moment of the zone that the test runs in. */
const local = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0) =>
  new Date(year, month, day, hour, minute, second).getTime();

test("a span is cut at round moments, and keeps its own ends", () => {
  const [from, to] = [local(2026, 10, 20, 22, 47, 13), local(2026, 10, 21, 22, 47, 13)];
  const edges = edgesOf(from, to);
  assert.equal(stepFor(from, to), 30 * MINUTE);
  assert.deepEqual([edges[0], edges.at(-1)], [from, to]);
  assert.equal(edges[1], local(2026, 10, 20, 23, 0));
  assert.equal(edges.at(-2), local(2026, 10, 21, 22, 30));
  assert.ok(edges.includes(local(2026, 10, 21)));
});

test("any span has at least one interval and at most so many, in order, within its ends", () => {
  const begin = local(2026, 0, 1);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 700 * DAY }), fc.integer({ min: -HOUR, max: 800 * DAY }), (a, length) => {
      const from = begin + a;
      const edges = edgesOf(from, from + length);
      assert.ok(edges.length >= 2 && edges.length <= MOST_BARS + 1, String(edges.length));
      assert.ok(edges.every((edge, i) => i === 0 || edges[i - 1] < edge));
      assert.equal(edges[0], from);
      assert.equal(edges.at(-1), Math.max(from + length, from + 1000));
    }),
  );
});

test("what was chosen by its bars is cut at its ends again, so that a link shows the same bars", () => {
  for (const length of [3 * MINUTE, HOUR, 24 * HOUR, 7 * DAY, 30 * DAY, 200 * DAY]) {
    const to = local(2026, 10, 21, 22, 47, 13);
    const edges = edgesOf(to - length, to);
    const [first, last] = [edges[Math.ceil(edges.length / 3)], edges[Math.floor(edges.length * 2 / 3)]];
    const chosen = edgesOf(first, last);
    for (const edge of edges.filter((one) => one > first && one < last)) {
      assert.ok(chosen.includes(edge), String(length));
    }
  }
});

test("days begin at midnight, also those of 23 and 25 hours", () => {
  for (let month = 0; month < 12; month++) {
    const edges = edgesOf(local(2026, month, 1), local(2026, month + 1, 1));
    // Where clocks go on at midnight a day begins at one.
    const begins = (at: number) => new Date(at - 1).getDate() !== new Date(at).getDate();
    for (const edge of edges) assert.ok(new Date(edge).getHours() % 12 === 0 || begins(edge), String(new Date(edge)));
    const days = new Set(edges.map((edge) => new Date(edge).toDateString()));
    assert.equal(days.size, new Date(2026, month + 1, 0).getDate() + 1);
  }
});

test("intervals and edges are said in few words", () => {
  const at = local(2026, 10, 21, 14, 0);
  assert.equal(spanLabel(at, at + 30 * MINUTE), "21 Nov, 14:00 to 14:30");
  assert.equal(spanLabel(at, at + 10 * HOUR), "21 Nov, 14:00 to 00:00");
  assert.equal(spanLabel(at, at + 12 * HOUR), "21 Nov, 14:00 to 22 Nov, 02:00");
  assert.equal(spanLabel(at + 1000, at + 6000), "21 Nov, 14:00:01 to 14:00:06");
  assert.equal(spanLabel(local(2026, 10, 21), local(2026, 10, 22)), "21 Nov");
  assert.equal(spanLabel(local(2026, 10, 21), local(2026, 10, 23)), "21 Nov to 22 Nov");
  assert.deepEqual([at, at + 5000, local(2026, 10, 21)].map(edgeLabel), ["14:00", "14:00:05", "21 Nov"]);
});

test("there is never a label more than there is room for, and always one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 10 * MINUTE, max: 400 * DAY }), fc.integer({ min: 1, max: 20 }), (length, room) => {
      const edges = edgesOf(local(2026, 2, 3, 4, 5, 6), local(2026, 2, 3, 4, 5, 6) + length);
      const shown = shownEdges(edges, room);
      assert.ok(shown.length >= 1 && shown.length <= room, `${shown.length} of ${room}`);
      assert.ok(shown.every((i) => i > 0 && i < edges.length - 1));
    }),
  );
});

test("numbers beside a chart are short", () => {
  assert.deepEqual([0, 12, 1500, 15_000, 20_000, 3_000_000].map(shortNumber), ["0", "12", "1500", "15k", "20k", "3M"]);
});
