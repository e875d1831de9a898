import assert from "node:assert/strict";
import fc from "fast-check";
import { findTokenByText, hashOf, insertToken, isSameHash, newTokenText } from "../../src/store/tokens.ts";
import { startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

test("two hashes are the same when their texts are", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (one, other) => {
    assert.equal(isSameHash(hashOf(one), hashOf(other)), one === other);
    assert.ok(isSameHash(hashOf(one), hashOf(one)));
    assert.ok(!isSameHash(hashOf(one), hashOf(one).slice(1)));
  }));
});

test("a token is found by its whole text and by nothing else, least of all by its hash", async () => {
  await using server = await startTestServer();
  const now = server.clock.now();
  const { text, token } = await server.store.write((tx) => insertToken(tx, { name: "t", scope: "USER" }, now));
  const find = (one: string) => findTokenByText(server.store.read, one);
  assert.deepEqual(await find(text), token);
  for (const other of [text.slice(0, -1), `${text} `, text.toLowerCase(), hashOf(text), "", newTokenText()]) {
    assert.equal(await find(other), undefined, other);
  }
});

test("no two tokens are alike", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newTokenText)).size, 1000);
});
