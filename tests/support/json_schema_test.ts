import assert from "node:assert/strict";
import { isFlowctlError } from "../../src/support/errors.ts";
import { validateJsonSchema } from "../../src/support/json_schema.ts";
import { test } from "../testing/test.ts";

const texts = async (schema: Record<string, unknown>, value: unknown) =>
  (await validateJsonSchema(schema, value)).map(({ path, message }) => `${path}: ${message}`);

test("a value is checked against a schema, problems carry their path", async () => {
  const schema = {
    type: "object",
    properties: {
      list: { type: "array", items: { type: "object", properties: { "a/b": { type: "number" } } } },
      kind: { enum: ["x"] },
      name: {},
    },
    required: ["name"],
    additionalProperties: false,
  };
  assert.deepEqual(await texts(schema, { list: [{}, { "a/b": "no" }], kind: "y", more: 1 }), [
    "name: is required",
    "more: is not a known name",
    "list[1].a/b: must be number",
    'kind: must be one of "x"',
  ]);
  assert.deepEqual(await texts(schema, { name: 1, list: [] }), []);
  assert.deepEqual(await texts({ type: "object" }, 5), [": must be object"]);
});

test("drafts 2020-12 and 07 are both read", async () => {
  const tuple = { prefixItems: [{ type: "string" }] };
  assert.deepEqual(await texts(tuple, [5]), ["[0]: must be string"]);
  const old = { $schema: "http://json-schema.org/draft-07/schema#", items: [{ type: "string" }] };
  assert.deepEqual(await texts(old, [5]), ["[0]: must be string"]);
  const older = { $schema: "http://json-schema.org/draft-04/schema#", type: "string" };
  assert.deepEqual(await texts(older, 5), [": must be string"]);
});

test("pydantic's schemas with definitions and formats are read", async () => {
  const schema = {
    title: "Parameters",
    type: "object",
    properties: { when: { type: "string", format: "date-time", position: 0 }, who: { $ref: "#/definitions/Who" } },
    definitions: { Who: { type: "object", properties: { id: { type: "integer" } } } },
  };
  assert.deepEqual(await texts(schema, { when: "x", who: { id: "1" } }), ["who.id: must be integer"]);
});

test("two schemas of one $id are two schemas", async () => {
  assert.deepEqual(await texts({ $id: "https://example.com/same", type: "string" }, 1), [": must be string"]);
  assert.deepEqual(await texts({ $id: "https://example.com/same", type: "number" }, "1"), [": must be number"]);
});

test("a schema that is wrong, or looks elsewhere, is refused", async () => {
  for (
    const schema of [{ type: "nothing" }, { $ref: "https://example.com/x.json" }, { properties: 5 }, { pattern: "(" }]
  ) {
    await assert.rejects(
      validateJsonSchema(schema, "x"),
      (error) => isFlowctlError(error, "invalid") && error.message.startsWith("Cannot use JSON schema: "),
      JSON.stringify(schema),
    );
  }
});
