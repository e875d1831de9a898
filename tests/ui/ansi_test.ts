/**
 * Terminal colours as lines of pieces; how a single message is read is in `logs_text_test.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { ansiLines, lookClasses, type Stretch } from "../../src/ui/ansi.ts";
import { test } from "../testing/test.ts";

const plain = (line: Stretch[]) => line.map(({ text }) => text).join("");

test("a look goes on in the next line, and a last newline makes no line", () => {
  const red = { color: 1 };
  assert.deepEqual(ansiLines("\x1b[31mone\n\ntwo\x1b[0m plain\n"), [
    [{ text: "one", look: red }],
    [],
    [{ text: "two", look: red }, { text: " plain", look: undefined }],
  ]);
  assert.deepEqual(ansiLines(""), [[]]);
});

test("of a progress bar its last words are shown, in each line", () => {
  assert.deepEqual(ansiLines("10 %\r50 %\r100 %\r\nnext\r\n").map(plain), ["100 %", "next"]);
});

test("looks are classes, and nothing is invisible", () => {
  assert.equal(lookClasses({ color: 9, bold: true }), "ansi-bold ansi-9");
  assert.equal(lookClasses({ color: 1, back: 4 }), "ansi-back-4");
  assert.equal(lookClasses({ inverse: true }), "ansi-back-7");
  assert.equal(lookClasses({ faint: true, underline: true }), "ansi-faint ansi-underline");
});

test("whatever is printed, nothing that controls a terminal is left and no other text is lost", () => {
  const word = fc.stringMatching(/^[a-z ]{0,8}$/);
  const code = fc.constantFrom("\x1b[31m", "\x1b[0m", "\x1b[1;4m", "\x1b[2J", "\x1b[38;5;9m", "\x1b(B", "\n");
  fc.assert(fc.property(fc.array(fc.tuple(word, code)), (parts) => {
    const text = ansiLines(`${parts.flat().join("")}.`).map(plain).join("\n");
    assert.equal(text, `${parts.map(([word, code]) => word + (code === "\n" ? code : "")).join("")}.`);
  }));
  fc.assert(fc.property(fc.string(), (text) => {
    // deno-lint-ignore no-control-regex -- that is what must not be left
    assert.doesNotMatch(ansiLines(text).map(plain).join("\n"), /[\x00-\x08\x0b-\x1f\x7f]/);
  }));
});
