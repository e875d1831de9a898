import assert from "node:assert/strict";
import fc from "fast-check";
import { isFlowctlError } from "../../src/support/errors.ts";
import { parseYaml, stringifyYaml } from "../../src/support/yaml.ts";
import { test } from "../testing/test.ts";

test("a YAML file is read by the core schema: yes and on are words", () => {
  assert.deepEqual(parseYaml("a: yes\nb: on\nc: true\nd: 0o17\ne: null\nf: 1.5\n<<: {x: 1}"), {
    a: "yes",
    b: "on",
    c: true,
    d: 15,
    e: null,
    f: 1.5,
    "<<": { x: 1 },
  });
  assert.equal(parseYaml(""), null);
  assert.deepEqual(parseYaml('{"json": [1]}'), { json: [1] });
});

for (
  const [what, text, place, reason] of [
    ["a doubled key", "a: 1\nb: 2\na: 3\n", "f.yaml:3:1", /unique/i],
    ["a tag of one's own", "a: !python/object:os.system x\n", "f.yaml:1:4", /tag/i],
    ["a binary tag", "a: !!binary aGk=\n", "f.yaml:1:4", /tag/i],
    ["bad indentation", "a:\n  - 1\n - 2\n", "f.yaml:3", /./],
    ["an open bracket", "a: [1, 2\n", "f.yaml:2:1", /./],
    ["two documents", "a: 1\n---\nb: 2\n", "f.yaml:2:1", /multiple documents/i],
    ["an alias without anchor", "a: *nobody\n", "f.yaml:1:", /alias/i],
  ] as const
) {
  test(`YAML is refused with its place: ${what}`, () => {
    assert.throws(() => parseYaml(text, { path: "f.yaml" }), (error) => {
      assert.ok(isFlowctlError(error, "invalid"));
      assert.ok(error.message.startsWith(`Cannot read ${place}`), error.message);
      assert.match(error.message, reason);
      assert.doesNotMatch(error.message, /\n|\.$/);
      return true;
    });
  });
}

test("a file of aliases of aliases is refused before it fills the memory", () => {
  let text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (let n = 1; n < 12; n++) text += `a${n}: &a${n} [${Array(10).fill(`*a${n - 1}`).join(", ")}]\n`;
  assert.throws(() => parseYaml(text), (error) => isFlowctlError(error, "invalid") && /alias/i.test(error.message));
});

test("a key named __proto__ is only a key", () => {
  const value = parseYaml("__proto__: {polluted: true}") as object;
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

test("any JSON value is written so that it reads back", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const plain = JSON.parse(JSON.stringify(value));
    assert.deepEqual(parseYaml(stringifyYaml(plain)), plain);
  }));
});
