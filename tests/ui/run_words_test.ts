/**
 * What is said about a run on its page.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonText, jsonWords } from "../../src/ui/json_text.ts";
import { againstUsual, exitCode, messageParts, resultOf, runCommand, stateLengths } from "../../src/ui/run_words.ts";
import { test } from "../testing/test.ts";

test("an exit code names its signal", () => {
  assert.deepEqual([0, 1, 137, 143, 200].map(exitCode), ["0", "1", "137 (SIGKILL)", "143 (SIGTERM)", "200"]);
});

test("the command that runs a flow again keeps its parameters, whatever is in them", () => {
  const command = runCommand("my flow", { n: 1, name: "it's", number: "1", list: [1, "a"], plain: "ada" });
  assert.equal(
    command,
    `flowctl run --path FILE --name 'my flow' --param n=1 --param 'name=it'\\''s' --param 'number="1"' ` +
      `--param 'list=[1,"a"]' --param plain=ada`,
  );
  assert.equal(
    runCommand("f", { long: "x".repeat(1000) }),
    "flowctl run --path FILE --name f --param-file parameters.json",
  );
});

test("a result is its value, nothing, or kept elsewhere", () => {
  for (
    const [data, expected] of [
      [null, { kind: "none" }],
      [{ type: "literal" }, { kind: "none" }],
      [{ type: "literal", value: null }, { kind: "value", value: null }],
      [[1], { kind: "value", value: [1] }],
      ["text", { kind: "value", value: "text" }],
      [{ type: "unpersisted", artifact_description: "A `Map`" }, { kind: "elsewhere", text: "A `Map`" }],
      [{ type: "reference", storage_key: "k" }, {
        kind: "elsewhere",
        text: "It is kept where the state says",
        data: { type: "reference", storage_key: "k" },
      }],
    ] as const
  ) assert.deepEqual(resultOf(data), expected);
});

test("a message is its first line and the rest", () => {
  assert.deepEqual(messageParts("boom"), { first: "boom", rest: "" });
  assert.deepEqual(messageParts("boom\n  at a\n  at b\n"), { first: "boom", rest: "  at a\n  at b" });
});

test("a state lasts until the next one; the last of a run that goes on has no end", () => {
  const times = ["2026-11-21T22:33:58.000000+00:00", "2026-11-21T22:33:59.500000+00:00"];
  assert.deepEqual(stateLengths(times, true), [1.5, 0]);
  assert.deepEqual(stateLengths(times, false), [1.5, undefined]);
  assert.deepEqual(stateLengths([], true), []);
});

test("a run is slower or faster than usual only when it shows", () => {
  assert.deepEqual(
    ([[10, 10], [16, 10], [4, 10], [0.3, 0.1], [2, 0.1]] as const).map(([now, usual]) => againstUsual(now, usual)),
    ["usual", "slower", "faster", "usual", "slower"],
  );
});

test("the words of JSON are its text, and keys are told from texts", () => {
  const kinds = jsonWords(`{"a": "b", "n": [-1.5e3, true, null]}`).filter(({ kind }) => kind !== "mark");
  assert.deepEqual(kinds.map(({ kind, text }) => `${kind} ${text}`), [
    'key "a"',
    'text "b"',
    'key "n"',
    "number -1.5e3",
    "word true",
    "word null",
  ]);
  fc.assert(fc.property(fc.jsonValue(), fc.nat(100), (value, most) => {
    const { text, isCut } = jsonText(value, most);
    assert.equal(jsonWords(text).map(({ text }) => text).join(""), text);
    assert.equal(isCut, JSON.stringify(value, null, 2).length > most);
  }));
});
