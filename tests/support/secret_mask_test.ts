import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { MASK, SecretMask, SHORTEST_MASKED } from "../../src/support/secret_mask.ts";
import { test } from "../testing/test.ts";

const VALUE = 'p"ss word/+\\$1';

for (
  const [what, text] of [
    ["itself", VALUE],
    ["JSON", JSON.stringify(VALUE).slice(1, -1)],
    ["an address", encodeURIComponent(VALUE)],
    ["base64", btoa(VALUE)],
    ["base64 of it with a line end, as echo makes it", btoa(`${VALUE}\n`)],
    ["base64 for addresses", Buffer.from(VALUE).toString("base64url")],
  ]
) {
  test(`a secret written as ${what} is hidden`, () => {
    const { hide } = new SecretMask([VALUE]);
    assert.equal(hide(`before ${text} after ${text}.`), `before ${MASK} after ${MASK}.`);
  });
}

test("of a secret with several lines each longer line is hidden by itself", () => {
  const { hide } = new SecretMask(["first line here\r\nx\nanother line\n"]);
  assert.equal(hide("> first line here\n> x\n> another line"), `> ${MASK}\n> x\n> ${MASK}`);
});

test("values shorter than four characters are left alone, and a mask of nothing changes nothing", () => {
  const mask = new SecretMask(["abc", " a \n", ""]);
  assert.equal(mask.hide("abc a"), "abc a");
  assert.equal(mask.longest, 0);
});

test("a secret that holds another is hidden whole, and what is added later is hidden too", () => {
  const mask = new SecretMask(["sesame"]);
  mask.add("open sesame now");
  assert.equal(mask.hide("open sesame now, sesame"), `${MASK}, ${MASK}`);
  assert.ok(mask.longest >= "open sesame now".length);
});

test("no text tells a secret, whatever the secret and whatever is around it", () => {
  const secret = fc.string({ minLength: SHORTEST_MASKED, maxLength: 40, unit: "grapheme" })
    .filter((text) => text.trim().length >= SHORTEST_MASKED && !text.includes("*"));
  fc.assert(fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
    assert.ok(!new SecretMask([value]).hide(`${before}${value}${after}`).includes(value));
  }));
});
