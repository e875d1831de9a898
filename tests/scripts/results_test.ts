/**
 * How the end of a test run reads.
 *
 * @module
 */

import assert from "node:assert/strict";
import { closingLine, duration, type Result, summary } from "../../scripts/lib/results.ts";
import { test } from "../testing/test.ts";

const passed: Result = { name: "a", outcome: "passed" };
const failed: Result = { name: "b", outcome: "failed", detail: "boo" };
const skipped: Result = { name: "c", outcome: "skipped", detail: "This machine runs no systemd" };

test("the closing line leaves skipped tests out when there are none", () => {
  assert.equal(closingLine([passed, passed, failed]), "2 passed, 1 failed");
  assert.equal(closingLine([passed, skipped]), "1 passed, 0 failed, 1 skipped");
  assert.equal(closingLine([]), "0 passed, 0 failed");
});

test("a summary names skipped tests with their reasons and failed ones, and ends in the closing line alone", () => {
  const text = summary([{ title: "unit", results: [passed, skipped] }, { title: "e2e", results: [failed] }]);
  assert.deepEqual(text.split("\n"), [
    "Skipped:",
    "  unit: c: This machine runs no systemd",
    "",
    "Failed:",
    "  e2e: b",
    "",
    "1 passed, 1 failed, 1 skipped",
  ]);
});

test("durations read as a person says them", () => {
  assert.deepEqual([12, 1_250, 59_940, 59_960, 125_000].map(duration), [
    "0.0 s",
    "1.3 s",
    "59.9 s",
    "1 min 0 s",
    "2 min 5 s",
  ]);
});
