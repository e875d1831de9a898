import assert from "node:assert/strict";
import fc from "fast-check";
import { isEnough, TOKEN_BYTES, TOKEN_SCOPES, tokenText, withoutTokens } from "../../src/domain/tokens.ts";
import { test } from "../testing/test.ts";

const bytes = fc.uint8Array({ minLength: TOKEN_BYTES, maxLength: TOKEN_BYTES });

test("a token is its prefix and its 256 bits, and two of them are equal only when these are", () => {
  fc.assert(fc.property(bytes, bytes, (one, other) => {
    assert.match(tokenText(one), /^fct_[A-Za-z0-9_-]{43}$/);
    assert.equal(tokenText(one) === tokenText(other), one.every((byte, i) => byte === other[i]));
  }));
});

test("a token is taken out of any text that holds it", () => {
  fc.assert(fc.property(bytes, fc.string(), fc.string(), (random, before, after) => {
    const token = tokenText(random);
    const text = `${before} "${token}" ${after}`;
    assert.ok(!withoutTokens(text).includes(token.slice(4)));
  }));
  assert.equal(withoutTokens("fct_short and nothing else"), "fct_short and nothing else");
});

test("each scope includes those below it", () => {
  const table = TOKEN_SCOPES.map((scope) => TOKEN_SCOPES.map((needed) => isEnough(scope, needed)));
  assert.deepEqual(table, [[true, true, true], [false, true, true], [false, false, true]]);
});
