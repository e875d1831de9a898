/**
 * Terminal colours as pieces of lines.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { ansiLines, type Piece } from "../../src/ui/ansi.ts";
import { test } from "../testing/test.ts";

const plain = (pieces: Piece[]) => pieces.map(({ text }) => text).join("");
const given = (piece: Piece) => Object.fromEntries(Object.entries(piece).filter(([, value]) => value !== undefined));

const LINES: [text: string, expected: Record<string, unknown>[]][] = [
  ["plain", [{ text: "plain" }]],
  ["", []],
  ["\x1b[31mred\x1b[0m plain", [{ text: "red", colour: "red" }, { text: " plain" }]],
  ["\x1b[1;32mboth\x1b[22mgreen\x1b[39mnone", [
    { text: "both", bold: true, colour: "green" },
    { text: "green", colour: "green" },
    { text: "none" },
  ]],
  ["\x1b[94mbright\x1b[mplain", [{ text: "bright", colour: "blue" }, { text: "plain" }]],
  ["\x1b[38;5;1mnamed\x1b[38;5;200mother\x1b[48;5;3mbehind", [
    { text: "named", colour: "red" },
    { text: "other" },
    { text: "behind" },
  ]],
  ["\x1b[38;2;1;2;3;1mtrue", [{ text: "true", bold: true }]],
  ["\x1b[4mlined\x1b[24m\x1b[3mslanted", [{ text: "lined", underline: true }, { text: "slanted", italic: true }]],
  ["10 %\r50 %\r100 %", [{ text: "100 %" }]],
  ["line of windows\r", [{ text: "line of windows" }]],
  ["\x1b[2Kcleared\x1b[1A\x07", [{ text: "cleared" }]],
  ["\x1b]0;title\x07shown\x1b]8;;http://x\x1b\\link", [{ text: "shown" }, { text: "link" }]],
  ["\x1b_fc7\x1b\\", []],
];

for (const [text, expected] of LINES) {
  test(`a line ${JSON.stringify(text)} is shown in its pieces`, () => {
    const [line] = ansiLines(text);
    assert.deepEqual(line.map(given), expected);
  });
}

test("a look goes on in the next line, and a last newline makes no line", () => {
  const lines = ansiLines("\x1b[31mone\ntwo\x1b[0m\n");
  assert.deepEqual(lines.map((line) => line.map(given)), [[{ text: "one", colour: "red" }], [
    { text: "two", colour: "red" },
  ]]);
});

test("whatever is printed, nothing that controls a terminal is left and no other text is lost", () => {
  const word = fc.stringMatching(/^[a-z ]{0,8}$/);
  const code = fc.constantFrom("\x1b[31m", "\x1b[0m", "\x1b[1;4m", "\x1b[2J", "\x1b[38;5;9m", "\x07", "\x1b(B");
  fc.assert(fc.property(fc.array(fc.tuple(word, code)), (parts) => {
    const text = ansiLines(parts.flat().join("")).map(plain).join("");
    assert.equal(text, parts.map(([word]) => word).join(""));
  }));
  fc.assert(fc.property(fc.string(), (text) => {
    // deno-lint-ignore no-control-regex -- that is what must not be left
    assert.doesNotMatch(ansiLines(text).map(plain).join("\n"), /[\x00-\x08\x0b-\x1f\x7f]/);
  }));
});
