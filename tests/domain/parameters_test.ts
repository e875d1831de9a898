import assert from "node:assert/strict";
import {
  checkParameters,
  coerceParameter,
  coerceParameters,
  overlayParameters,
  parameterSchema,
} from "../../src/domain/parameters.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

test("given parameters replace the deployment's, whole values at a time", () => {
  assert.deepEqual(overlayParameters({ a: 1, b: { x: 1 } }, { b: { y: 2 }, c: null }), { a: 1, b: { y: 2 }, c: null });
  assert.deepEqual(overlayParameters({ a: 1 }, undefined), { a: 1 });
});

for (
  const [text, schema, value] of [
    ["42", undefined, 42],
    ["[1, 2]", undefined, [1, 2]],
    ["plain text", undefined, "plain text"],
    ["{broken", undefined, "{broken"],
    ["", undefined, ""],
    ["42", { type: "string" }, "42"],
    ["01234", { type: "string" }, "01234"],
    ["true", { type: "string" }, "true"],
    ['"quoted"', { type: "string" }, "quoted"],
    ["True", { type: "boolean" }, true],
    ["no", { type: "boolean" }, false],
    ["007", { type: "integer" }, 7],
    [".5", { type: "number" }, 0.5],
    ["1.5", { type: "integer" }, 1.5],
    ["None", { anyOf: [{ type: "integer" }, { type: "null" }] }, null],
    ["5", { anyOf: [{ type: "integer" }, { type: "string" }] }, 5],
    ["null", { type: ["string", "null"] }, null],
    ["3", { enum: ["1", "2", "3"] }, "3"],
    ["many", { type: "integer" }, "many"],
  ] as const
) {
  test(`the command line's ${text || "nothing"} is ${JSON.stringify(value)} for ${JSON.stringify(schema) ?? "any schema"}`, () => {
    assert.deepEqual(coerceParameter(text, schema as never), value);
  });
}

const schema = {
  type: "object",
  properties: { name: { type: "string" }, size: { $ref: "#/definitions/Size" } },
  required: ["name"],
  definitions: { Size: { type: "integer", minimum: 1 } },
};

test("a parameter's schema is found through a reference", () => {
  assert.deepEqual(parameterSchema(schema, "size"), { type: "integer", minimum: 1 });
  assert.equal(parameterSchema(schema, "constructor"), undefined);
  assert.deepEqual(coerceParameters({ name: "7", size: "7" }, schema), { name: "7", size: 7 });
});

test("a reference to itself ends", () => {
  const loop = { properties: { a: { $ref: "#/properties/a" } } };
  assert.ok(parameterSchema(loop, "a"));
});

test("each thing that is wrong with parameters is one sentence", async () => {
  assert.deepEqual(await checkParameters({ name: "x", size: 2 }, schema), []);
  assert.deepEqual(await checkParameters({ size: 0 }, schema), [
    'Parameter "name" is required',
    'Parameter "size" must be >= 1',
  ]);
  assert.deepEqual(await checkParameters({ anything: 1 }, null), []);
  assert.deepEqual(await checkParameters({ anything: 1 }, {}), []);
});

test("a wrong schema is an error of the schema", async () => {
  await assert.rejects(checkParameters({}, { type: "nothing" }), (error) => isFlowctlError(error, "invalid"));
});
