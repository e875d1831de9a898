/**
 * Marks on printed lines.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { type LogMark, markLine, readMark } from "../../src/support/log_marks.ts";
import { harmless } from "../../src/support/text.ts";
import { test } from "../testing/test.ts";

const marks = fc.record<LogMark>({
  sequence: fc.nat({ max: 1e9 }),
  continues: fc.constant(true),
  isUnsent: fc.constant(true),
  flowRunId: fc.uuid(),
}, { requiredKeys: ["sequence"], noNullPrototype: true });

test("a marked line gives back its text and its mark, whatever the text is", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), marks, (text, mark) => {
    assert.deepEqual(readMark(markLine(text, mark)), { text, mark });
  }));
});

test("a terminal is shown nothing of a mark", () => {
  fc.assert(fc.property(marks, (mark) => assert.equal(harmless(markLine("hello", mark)), "hello")));
});

test("a text that was made harmless bears no mark of its own", () => {
  fc.assert(fc.property(marks, (mark) => {
    assert.deepEqual(readMark(harmless(markLine("imitated", mark))), { text: "imitated" });
  }));
});
