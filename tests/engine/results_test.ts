import assert from "node:assert/strict";
import fc from "fast-check";
import { isJson, jsonable, MAX_LITERAL, readResult, resultData } from "../../src/engine/results.ts";
import { test } from "../testing/test.ts";

test("a JSON value comes back from a state's data as it was", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    if (!isJson(value)) return;
    const data = JSON.parse(JSON.stringify(resultData(value)));
    assert.deepEqual(readResult(data), value);
  }));
  assert.equal(readResult(JSON.parse(JSON.stringify(resultData(undefined)))), undefined);
});

test("what would change on the way is not kept, and named by its type", () => {
  class Mine {}
  for (
    const [value, type] of [[new Date(0), "Date"], [new Map(), "Map"], [new Mine(), "Mine"], [1n, "bigint"], [
      NaN,
      "number",
    ], [
      { deep: [undefined] },
      "Object",
    ]] as const
  ) {
    assert.deepEqual(resultData(value), {
      type: "unpersisted",
      artifact_type: "result",
      artifact_description: `Unpersisted result of type \`${type}\``,
    });
  }
  assert.equal(resultData("x".repeat(MAX_LITERAL)).type, "unpersisted");
});

test("parameters become JSON, and what has none is named by its type", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  assert.deepEqual(jsonable({ at: new Date(0), n: 1n, fn: () => 1, none: undefined, cycle, list: [1] }), {
    at: "1970-01-01T00:00:00.000Z",
    n: "<bigint>",
    fn: "<function>",
    cycle: "<Object>",
    list: [1],
  });
});
