import assert from "node:assert/strict";
import { randomRunName } from "../../src/support/names.ts";
import { test } from "../testing/test.ts";

test("run names are an adjective and an animal", () => {
  for (const random of [Math.random, () => 0, () => 0.5, () => 0.9999999999999999, () => 1]) {
    assert.match(randomRunName(random), /^[a-z]+-[a-z]+$/);
  }
});

test("run names depend on chance alone", () => {
  assert.equal(randomRunName(() => 0.3), randomRunName(() => 0.3));
  assert.ok(new Set(Array.from({ length: 200 }, () => randomRunName())).size > 150);
});
