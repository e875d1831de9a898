import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../src/support/durations.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

for (
  const [text, seconds] of [
    ["30s", 30],
    ["5m", 300],
    ["1h30m", 5400],
    ["1h 30m", 5400],
    ["1.5h", 5400],
    ["500ms", 0.5],
    ["1m500ms", 60.5],
    ["2d", 172_800],
    ["1w", 604_800],
    ["90", 90],
    [" 0.25 ", 0.25],
    [90, 90],
    ["PT5M", 300],
    ["pt0.5s", 0.5],
    ["P1DT2H", 93_600],
    ["P2W", 1_209_600],
    ["0", 0],
  ] as const
) test(`${JSON.stringify(text)} is ${seconds} seconds`, () => assert.equal(parseDuration(text), seconds));

test("what is no duration is refused by its name", () => {
  for (
    const value of [
      "",
      "soon",
      "5 parsecs",
      "-5s",
      "P1M",
      "P1Y",
      "P",
      "PT",
      "1e9999",
      "m",
      "5mm",
      NaN,
      -1,
      Infinity,
      1e15,
    ]
  ) {
    assert.throws(
      () => parseDuration(value),
      (error) => isFlowctlError(error, "invalid") && error.message.includes(`"${value}"`),
      String(value),
    );
  }
});

test("a written duration reads back as itself", () => {
  assert.equal(formatDuration(5400), "1h30m");
  assert.equal(formatDuration(0.25), "250ms");
  assert.equal(formatDuration(0), "0s");
  assert.equal(formatDuration(-90), "-1m30s");
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => {
    assert.equal(parseDuration(formatDuration(ms / 1000)), ms / 1000);
  }));
});
