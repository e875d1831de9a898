import assert from "node:assert/strict";
import { startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const check = async (schema: unknown, parameters: unknown, more: Record<string, unknown> = {}) => {
  await using server = await startTestServer();
  const { id } = await server.aDeployment({ parameter_openapi_schema: schema as never, ...more });
  return await server.client.deployments.validateParameters(id, { parameters: parameters as never });
};

const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: "object",
  properties,
  ...more,
});
const NAMED = {
  $defs: { A: object({ kind: { const: "a" }, n: { type: "integer", minimum: 1 } }, { required: ["kind", "n"] }) },
};

for (
  const [what, schema, parameters, expected] of [
    ["fits", object({ a: { type: "integer" } }), { a: 1 }, []],
    ["small", object({ a: { type: "integer", minimum: 1 } }), { a: 0 }, ["a must be at least 1"]],
    ["large", object({ a: { type: "number", exclusiveMaximum: 5 } }), { a: 5 }, ["a must be less than 5"]],
    ["step", object({ a: { type: "number", multipleOf: 5 } }), { a: 7 }, ["a must be a multiple of 5"]],
    ["type", object({ a: { type: "integer" } }), { a: "x" }, ["a must be a whole number"]],
    ["types", object({ a: { type: ["integer", "null"] } }), { a: "x" }, ["a must be a whole number or none"]],
    ["required", object({ a: {} }, { required: ["a"] }), {}, ["a is required"]],
    ["unknown", object({}, { additionalProperties: false }), { b: 1 }, ["b is not a known name"]],
    ["short", object({ a: { type: "string", minLength: 2 } }), { a: "x" }, ["a must have at least 2 characters"]],
    ["pattern", object({ a: { type: "string", pattern: "^b" } }), { a: "x" }, ["a must match the pattern ^b"]],
    ["enum", object({ a: { enum: ["x", 1] } }), { a: 2 }, ['a must be "x" or 1']],
    ["item", object({ a: { type: "array", items: { type: "boolean" } } }), { a: [true, 1] }, [
      "a.1 must be true or false",
    ]],
    ["digits as a name", object({ a: { additionalProperties: { type: "string" } } }), { a: { 0: 1 } }, [
      "a.0 must be a text",
    ]],
    ["few", object({ a: { type: "array", minItems: 1 } }), { a: [] }, ["a must have at least 1 item"]],
    ["twice", object({ a: { type: "array", uniqueItems: true } }), { a: [1, 2, 1] }, [
      "a must not hold the same twice: items 1 and 3 are equal",
    ]],
    ["choice", object({ a: { anyOf: [{ type: "integer" }, { type: "null" }] } }), { a: "x" }, [
      "a must be a whole number or none",
    ]],
    ["branch", object({ a: { anyOf: [{ type: "integer", minimum: 3 }, { type: "null" }] } }), { a: 1 }, [
      "a must be at least 3",
    ]],
    [
      "branch behind a reference",
      { ...object({ a: { oneOf: [{ $ref: "#/$defs/A" }, { type: "null" }] } }), ...NAMED },
      { a: { kind: "a", n: 0 } },
      ["a.n must be at least 1"],
    ],
    [
      "branch by its constant",
      {
        ...object({ a: { oneOf: [{ $ref: "#/$defs/A" }, object({ kind: { const: "b" }, m: { type: "string" } })] } }),
        ...NAMED,
      },
      { a: { kind: "b", m: 1 } },
      ["a.m must be a text"],
    ],
    ["two", object({ a: { type: "integer" }, b: { type: "string" } }), { a: "x", b: 1 }, [
      "a must be a whole number",
      "b must be a text",
    ]],
    ["no schema", null, { a: 1 }, []],
  ] as const
) {
  test(`parameters are checked, errors are at their places: ${what}`, async () => {
    const { valid, errors } = await check(schema, parameters);
    assert.deepEqual(errors.map(({ path, message }) => `${path.join(".")} ${message}`), expected);
    assert.equal(valid, expected.length === 0);
  });
}

test("given parameters lie over the deployment's, defaults need not be complete, and it is said whether it is enforced", async () => {
  await using server = await startTestServer();
  const schema = object({ a: { type: "integer" }, b: { type: "integer" } }, { required: ["a", "b"] });
  const { id } = await server.aDeployment({
    parameter_openapi_schema: schema as never,
    parameters: { a: 1 },
    enforce_parameter_schema: true,
  });
  const { validateParameters } = server.client.deployments;
  assert.deepEqual(await validateParameters(id, { parameters: { b: 2 } }), { valid: true, enforced: true, errors: [] });
  assert.deepEqual((await validateParameters(id, { parameters: {} })).errors, [{
    path: ["b"],
    message: "is required",
  }]);
  assert.equal((await validateParameters(id, { parameters: {}, as: "defaults" })).valid, true);
  assert.equal((await validateParameters(id, { parameters: { a: "x" }, as: "defaults" })).valid, false);
});

test("what the check lets pass is run, and what it refuses is refused", async () => {
  await using server = await startTestServer();
  const { id } = await server.aDeployment({
    parameter_openapi_schema: object({ a: { type: "integer", minimum: 1 } }) as never,
    enforce_parameter_schema: true,
  });
  for (const a of [1, 0, "1", null, 1.5]) {
    const { valid } = await server.client.deployments.validateParameters(id, { parameters: { a } });
    const { status } = await server.send("POST", `/api/deployments/${id}/create_flow_run`, { parameters: { a } });
    assert.equal(status, valid ? 201 : 409, String(a));
  }
});

test("of a schema that can't be used it is said why", async () => {
  await using server = await startTestServer();
  const { id } = await server.aDeployment({ parameter_openapi_schema: { type: "nonsense" } as never });
  const answer = await server.send("POST", `/api/deployments/${id}/validate_parameters`, { parameters: {} });
  assert.equal(answer.status, 422);
  assert.match(answer.body.detail, /Cannot use JSON schema/);
});
