import assert from "node:assert/strict";
import fc from "fast-check";
import { harmless, harmlessLine, plural, relativeTime, truncate } from "../../src/support/text.ts";
import { test } from "../testing/test.ts";

for (
  const [what, given, shown] of [
    ["colour", "\x1b[1;31mred\x1b[0m", "red"],
    ["clearing the screen", "\x1b[2J\x1b[Hhi", "hi"],
    ["a title", "\x1b]0;evil\x07text", "text"],
    ["a link", "\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\", "click"],
    ["a device control string", "\x1bPq#0\x1b\\x", "x"],
    ["an eight-bit sequence", "\x9b31mred\x9d0;t\x9c.", "red."],
    ["a reset", "\x1bcx", "x"],
    ["a character set", "\x1b(0x", "x"],
    ["an unfinished title", "\x1b]0;the rest stays", "0;the rest stays"],
    ["an unfinished escape", "x\x1b", "x"],
    ["carriage return and backspace", "safe\rx\b", "safex"],
    ["bell and null", "a\x07\x00b", "ab"],
    ["direction marks", "abc\u202etxt\u2066.exe", "abctxt.exe"],
    ["half a character", "a\ud800b", "a\ufffdb"],
    ["tab and line feed", "a\tb\nc", "a\tb\nc"],
    ["other scripts", "日本 é 😀 عربي", "日本 é 😀 عربي"],
  ] as const
) test(`shown text is harmless: ${what}`, () => assert.equal(harmless(given), shown));

test("nothing that a terminal obeys is left of any text", () => {
  const unit = fc.constantFrom(
    "\x1b",
    "[",
    "]",
    "0",
    ";",
    "m",
    "\x07",
    "\\",
    "\x9b",
    "\x9d",
    "\x9c",
    "P",
    "a",
    "\n",
    " ",
  );
  fc.assert(fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(harmless(text), /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  }));
});

test("a long run of unfinished sequences is read in linear time", () => {
  assert.equal(harmless("\x1b]".repeat(20_000)).length, 0);
});

test("one line stays one line", () => {
  assert.equal(harmlessLine("a\r\nb\nc\rd\u2028e"), "a b c d e");
});

test("cutting counts characters and halves none", () => {
  assert.equal(truncate("abc", 3), "abc");
  assert.equal(truncate("abcd", 3), "ab…");
  assert.equal(truncate("😀😀😀", 3), "😀😀😀");
  assert.equal(truncate("😀😀😀😀", 2), "😀…");
  assert.equal(truncate("abc", 0), "");
});

test("numbers go with their nouns", () => {
  assert.deepEqual([plural(1, "run"), plural(0, "run"), plural(2, "entry", "entries")], [
    "1 run",
    "0 runs",
    "2 entries",
  ]);
});

test("times are told from now", () => {
  const now = Temporal.Instant.from("2026-11-21T12:00:00Z");
  for (
    const [seconds, words] of [
      [0.4, "now"],
      [1, "1 second ago"],
      [-59.9, "in 59 seconds"],
      [300, "5 minutes ago"],
      [-7200, "in 2 hours"],
      [86_400, "1 day ago"],
      [20 * 86_400, "2 weeks ago"],
      [400 * 86_400, "1 year ago"],
    ] as const
  ) assert.equal(relativeTime(now.subtract({ milliseconds: Math.round(seconds * 1000) }), now), words);
});
