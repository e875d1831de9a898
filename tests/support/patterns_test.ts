import assert from "node:assert/strict";
import fc from "fast-check";
import { isFlowctlError } from "../../src/support/errors.ts";
import { validateJsonSchema } from "../../src/support/json_schema.ts";
import { loadPatterns, readPattern } from "../../src/support/patterns.ts";
import { startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

/** Longer than any of these may take on a slow machine, and far shorter than any of them takes when it goes back. */
const QUICK_MS = 5_000;

function quickly<T>(work: () => T): T {
  const before = performance.now();
  const result = work();
  assert.ok(performance.now() - before < QUICK_MS, `took ${performance.now() - before} ms`);
  return result;
}

test("patterns that make the runtime's own expressions hang are answered at once", async () => {
  const read = await loadPatterns();
  const text = `${"a".repeat(50_000)}!`;
  for (const pattern of ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*a){20}$", "(a*)*b", "^([a-z]+)*$", "^(\\w+\\s?)*$"]) {
    assert.equal(quickly(() => read(pattern).test(text)), false, pattern);
  }
});

/** Texts and patterns of few letters, so that many match. */
const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", "\n", "é", "😀"), maxLength: 8 });
const patterns = fc.letrec((tie) => ({
  pattern: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\w", "\\d", "^", "$", "\\b", "c?", "😀"),
    fc.tuple(tie("pattern"), tie("pattern")).map(([one, other]) => `${one}${other}`),
    fc.tuple(tie("pattern"), tie("pattern")).map(([one, other]) => `(${one}|${other})`),
    fc.tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{0,3}", "+?")).map(([one, how]) =>
      `(?:${one})${how}`
    ),
    fc.tuple(tie("pattern"), tie("pattern"), fc.constantFrom("=", "!")).map(([one, two, how]) =>
      `^(?${how}${one})(?:${two})`
    )
      .filter((text) => text.lastIndexOf("(?=") <= 1 && text.lastIndexOf("(?!") <= 1),
  ),
})).pattern as fc.Arbitrary<string>;

test("a pattern matches what the runtime's own expression matches", async () => {
  const read = await loadPatterns();
  let compared = 0;
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => {
      // Lookaround in the middle is refused; that is another test's fact.
      if (/.\(\?[=!]/.test(pattern.replace(/^\^\(\?[=!]/, ""))) return;
      compared++;
      assert.equal(read(pattern).test(text), new RegExp(pattern, "u").test(text), pattern);
    }),
    { numRuns: 1000 },
  );
  assert.ok(compared > 500);
});

test("lookahead at the beginning works as libraries write it for addresses", async () => {
  // As zod 4.0 writes it for z.email().
  const pattern =
    "^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_'+\\-\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$";
  const schema = { properties: { to: { type: "string", pattern } } };
  assert.deepEqual(await validateJsonSchema(schema, { to: "me@flows.example" }), []);
  for (const to of [".me@flows.example", "a..b@flows.example", "me"]) {
    assert.equal((await validateJsonSchema(schema, { to })).length > 0, true, to);
  }
  const both = await readPattern("^(?=.{3,5}$)(?!ab[)|(]\\))[a-z]+");
  assert.deepEqual(["abc", "ab", "abcdef"].map((text) => both.test(text)), [true, false, false]);
});

for (
  const [pattern, why] of [
    ["(a)\\1", /references to groups and lookaround are not supported/],
    ["(?<=a)b", /lookaround/],
    ["a(?!b)", /lookaround/],
    ["^(?!a)b|c", /lookaround/],
    ["^(?=a", /lookaround/],
    ["(", /missing closing/],
    ["[z-a]", /range/],
    ["((a{100}){100}){100}", /repeat/],
    ["a{1000}".repeat(40), /stands for too much/],
    ["a".repeat(2001), /more than 2000 characters/],
  ] as const
) {
  test(`the pattern ${pattern.slice(0, 30)} is refused in one sentence`, async () => {
    const error = await readPattern(pattern).then(() => undefined, (error) => error);
    assert.ok(isFlowctlError(error, "invalid"));
    assert.match(error.message, /^Cannot use pattern "/);
    assert.match(error.message, why);
    assert.ok(!error.message.includes("\n") && error.message.length < 300);
  });
}

test("a text that is too long for a large pattern is refused before it is looked at", async () => {
  const large = await readPattern(`(.{0,900}){1}a(.{0,90}b){10}$`);
  assert.throws(
    () => quickly(() => large.test("ab".repeat(1_000_000))),
    (error) => isFlowctlError(error, "invalid") && /to be compared with it are too long/.test(error.message),
  );
});

test("a deployment's schema can't hang the server by a pattern, of values or of names", async () => {
  await using server = await startTestServer();
  const value = `${"a".repeat(50_000)}!`;
  const many = Array.from({ length: 4_000 }, () => "ab".repeat(400));
  const object = (rest: Record<string, unknown>) => ({ type: "object", ...rest });
  const slow = "(.{0,900}){1}a(.{0,90}b){10}$";
  const schemas = [
    [object({ properties: { x: { type: "string", pattern: "^(a+)+$" } } }), { x: value }, 409],
    [object({ patternProperties: { "^(a+)+$": {} }, additionalProperties: false }), { [value]: "" }, 409],
    [object({ properties: { x: { items: { type: "string", pattern: slow } } } }), { x: many }, 422],
  ] as const;
  for (const [i, [schema, parameters, status]] of schemas.entries()) {
    const deployment = await server.aDeployment({
      name: `d${i}`,
      parameter_openapi_schema: schema as never,
      enforce_parameter_schema: true,
    });
    const before = performance.now();
    const answer = await server.send("POST", `/api/deployments/${deployment.id}/create_flow_run`, { parameters });
    assert.ok(performance.now() - before < QUICK_MS);
    assert.equal(answer.status, status);
  }
});

test("a deployment whose schema has a pattern that must go back is refused", async () => {
  await using server = await startTestServer();
  const flow = await server.aFlow();
  const schema = { type: "object", properties: { x: { type: "string", pattern: "(a)\\1" } } };
  const answer = await server.send("POST", "/api/deployments/", {
    name: "d",
    flow_id: flow.id,
    parameter_openapi_schema: schema,
    enforce_parameter_schema: true,
  });
  assert.equal(answer.status, 422);
  assert.match(answer.body.detail, /Cannot use pattern "\(a\)\\1": references to groups/);
});

test("a schema whose many patterns are large together is refused", async () => {
  const patternProperties = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`^a{900}${i}$`, {}]));
  await assert.rejects(
    validateJsonSchema({ type: "object", patternProperties }, {}),
    (error) => isFlowctlError(error, "invalid") && /its patterns together stand for too much/.test(error.message),
  );
});

test("a search with many wildcards is answered at once", async () => {
  await using server = await startTestServer();
  await server.aFlow({ name: "a".repeat(500) });
  for (const like_ of ["a%".repeat(1_500) + "b", "%a_".repeat(1_000) + "b", "_%".repeat(2_000) + "b"]) {
    const before = performance.now();
    assert.deepEqual((await server.send("POST", "/api/flows/filter", { flows: { name: { like_ } } })).body, []);
    assert.ok(performance.now() - before < QUICK_MS, `${like_.slice(0, 6)} took ${performance.now() - before} ms`);
  }
});
