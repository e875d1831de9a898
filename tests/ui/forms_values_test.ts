import fc from "fast-check";
import assert from "node:assert/strict";
import { isDate, isTime, localTextOf, momentOf } from "../../src/ui/forms/dates.ts";
import { atTouched, below, besides, textOfErrors } from "../../src/ui/forms/errors.ts";
import { type Field, type FieldOf, fieldsOf } from "../../src/ui/forms/fields.ts";
import { isMap, type Json, problemText, readJson, withName } from "../../src/ui/forms/json.ts";
import {
  blank,
  formOf,
  holds,
  itemField,
  numberText,
  readNumber,
  restField,
  restNames,
  shownAs,
  withDefaults,
} from "../../src/ui/forms/values.ts";
import { test } from "../testing/test.ts";

/** What the controls of a form hold of a value, read again, as the components do it. */
function throughControls(given: Field, value: Json): Json | undefined {
  const field = shownAs(given, value);
  switch (field.kind) {
    case "number":
      return value === "" ? "" : readNumber(numberText(value));
    case "object": {
      const map = value as { [name: string]: Json };
      const of = (name: string) =>
        field.properties.find((property) => property.name === name)?.field ?? restField(field, name);
      assert.deepEqual(
        [
          ...field.properties.map(({ name }) => name).filter((name) => Object.hasOwn(map, name)),
          ...restNames(field, map),
        ].sort(),
        Object.keys(map).sort(),
        "every name is shown",
      );
      return Object.fromEntries(Object.keys(map).map((name) => [name, throughControls(of(name), map[name])!]));
    }
    case "list":
      return (value as Json[]).map((item, i) => throughControls(itemField(field, i), item)!);
    case "union":
      return throughControls(field.variants[formOf(field, value)], value);
    case "json": {
      const read = readJson(JSON.stringify(value, undefined, 2));
      return read.problem === undefined ? read.value : undefined;
    }
    case "choice":
      return [...field.values, value].find((one) => JSON.stringify(one) === JSON.stringify(value));
    case "boolean":
      return [true, false].find((one) => one === value);
    case "constant":
      return field.value;
    case "text":
      assert.equal(typeof value, "string");
      assert.doesNotMatch(value as string, /\r/);
      return value;
  }
}

const schemas = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom({}, true, false, { type: "null" }, { type: "boolean" }, { type: "integer" }, { type: "string" }),
    fc.record({ type: fc.constant("number"), minimum: fc.integer() }, { requiredKeys: ["type"] }),
    fc.record({ type: fc.constant("string"), format: fc.constantFrom("date-time", "date", "time", "email", "x") }),
    fc.record({ enum: fc.array(fc.jsonValue({ maxDepth: 1 }), { minLength: 1, maxLength: 3 }) }),
    fc.record({ const: fc.jsonValue({ maxDepth: 1 }) }),
    fc.record({ type: fc.array(fc.constantFrom("string", "integer", "null", "object", "array"), { minLength: 1 }) }),
    fc.record({ type: fc.constant("array"), items: tie("schema") }),
    fc.record({ prefixItems: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }), items: tie("schema") }),
    fc.record({
      properties: fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__", "1"), tie("schema")),
      required: fc.subarray(["a", "b"]),
      additionalProperties: tie("schema"),
    }),
    fc.record({ patternProperties: fc.dictionary(fc.constantFrom("^a", "b$"), tie("schema")) }),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.constantFrom({ $ref: "#" }, { $ref: "#/$defs/D" }, { $ref: "#/none" }),
  ),
}));
const values = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__", "1", "ab"), fc.jsonValue({ maxDepth: 2 })),
  fc.array(
    fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.dictionary(fc.constantFrom("a", "b"), fc.integer())),
  ),
  fc.constantFrom("\r\n", "a\nb", "", "5", " 5", "1e3", 1e300, -0, "2026-03-29T02:30:00+02:00"),
);

test("every value that a form holds is the same JSON when it is read off its controls", () => {
  fc.assert(
    fc.property(schemas.schema, values, (schema, value) => {
      const root = isMap(schema)
        ? { ...schema, $defs: { D: { type: "object", properties: { d: { $ref: "#/$defs/D" } } } } }
        : schema;
      const json = JSON.parse(JSON.stringify(value)) as Json;
      assert.equal(JSON.stringify(throughControls(fieldsOf(root), json)), JSON.stringify(json));
    }),
    { numRuns: 2000 },
  );
});

test("what a field begins with is a value that it holds", () => {
  fc.assert(
    fc.property(schemas.schema, (schema) => {
      const field = fieldsOf(schema);
      assert.ok(holds(field, blank(field)), JSON.stringify([field, blank(field)]));
    }),
    { numRuns: 1000 },
  );
});

for (
  const [text, value] of [
    ["", undefined],
    [" 5 ", 5],
    ["-1.50", -1.5],
    ["1e3", 1000],
    [".5", 0.5],
    ["+2", 2],
    ["abc", "abc"],
    ["1e", "1e"],
    ["0x10", "0x10"],
    ["1e999", "1e999"],
    ["Infinity", "Infinity"],
  ] as const
) {
  test(`typed as a number, "${text}" is ${JSON.stringify(value)}`, () => assert.equal(readNumber(text), value));
}

test("a value's form is the one that fits it best, and the chosen one as long as it can hold it", () => {
  const union = (variants: unknown[]) => fieldsOf({ anyOf: variants }) as FieldOf<"union">;
  const types = union([{ type: "string" }, { type: "integer" }, { type: "null" }]);
  assert.deepEqual(["x", 1, null, undefined, true].map((value) => formOf(types, value)), [0, 1, 2, -1, -1]);
  assert.equal(formOf(types, "x", 1), 1, "a number that is half typed");
  assert.equal(formOf(types, undefined, 1), 1);
  assert.equal(formOf(types, null, 1), 2);
  const shapes = union([
    { properties: { kind: { const: "a" }, x: { type: "string" } }, required: ["kind"] },
    { properties: { kind: { const: "b" }, x: { type: "integer" } }, required: ["kind"] },
  ]);
  assert.equal(formOf(shapes, { kind: "b", x: "not yet" }), 1);
  assert.equal(formOf(shapes, { x: 1 }), 1);
  const texts = union([{ type: "string", pattern: "^a" }, { type: "string", pattern: "^b" }]);
  assert.equal(formOf(texts, "beta"), 1);
});

test("defaults are filled in where nothing is, and what is unknown stays", () => {
  const field = fieldsOf({
    properties: {
      a: { default: 1 },
      b: { default: 2 },
      c: { type: "object", properties: { d: { default: 3 } } },
      e: {},
    },
    required: ["c"],
  });
  assert.deepEqual(withDefaults(field, { extra: 1, b: null }), { a: 1, b: null, c: { d: 3 }, extra: 1 });
});

test("a name is set at its place and taken away", () => {
  const map = JSON.parse('{"a":1,"__proto__":2,"b":3}');
  assert.equal(JSON.stringify(withName(map, "__proto__", 5)), '{"a":1,"__proto__":5,"b":3}');
  assert.equal(JSON.stringify(withName(map, "__proto__", undefined)), '{"a":1,"b":3}');
  assert.equal(JSON.stringify(withName(map, "c", null)), '{"a":1,"__proto__":2,"b":3,"c":null}');
});

for (
  const [text, problem] of [
    ["", "Line 1, column 1: a value is missing"],
    ['{\n  "a": 1,\n}', 'Line 3, column 1: "," may not stand before "}"'],
    ['{"a" 1}', 'Line 1, column 6: ":" is expected here'],
    ["{a: 1}", "Line 1, column 2: a name in double quotes is expected here"],
    ["[1 2]", 'Line 1, column 4: "," or "]" is expected here'],
    ["[1,\n 2", 'Line 2, column 3: "]" is missing'],
    ["{\"a\": 'x'}", "Line 1, column 7: texts stand in double quotes"],
    ['["x]\n', "Line 1, column 2: this text is not closed"],
    ['["\\q"]', "Line 1, column 2: this text holds what must be written with a backslash"],
    ["[01]", 'Line 1, column 3: "," or "]" is expected here'],
    ["{} {}", "Line 1, column 4: nothing may follow here"],
    ["[True]", "Line 1, column 2: a value is expected here"],
  ] as const
) {
  test(`of ${JSON.stringify(text)} it is said where it is no JSON`, () => {
    const read = readJson(text);
    assert.equal(read.problem && problemText(read.problem), problem);
  });
}

test("our place of a mistake is within the text, and there is one exactly where there is no JSON", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (json, at, junk) => {
      const place = at % (json.length + 1);
      const text = json.slice(0, place) + junk + json.slice(place);
      const read = readJson(text);
      if (read.problem === undefined) assert.deepEqual(read.value, JSON.parse(text));
      else {
        assert.throws(() => JSON.parse(text));
        assert.notEqual(read.problem.message, "this is no JSON");
      }
    }),
  );
});

test("a moment keeps its instant through the viewer's clock", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000_000, max: 4_000_000_000 }), (seconds) => {
      const moment = new Date(seconds * 1000).toISOString();
      const local = localTextOf(moment)!;
      const again = momentOf(local)!;
      assert.equal(localTextOf(again), local);
      // Of an hour that comes twice the control can't say which.
      assert.ok(
        [0, 3_600_000].includes(Date.parse(moment) - Date.parse(again)) ||
          Math.abs(Date.parse(again) - Date.parse(moment)) <= 7_200_000,
      );
      assert.match(again, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
    }),
  );
  assert.equal(localTextOf("2026-01-01"), undefined);
  assert.equal(localTextOf("2026-01-01T10:00:00"), undefined);
  assert.equal(momentOf("2026-01-01T10:00", (text) => text.endsWith("Z"))!.at(-1), "Z");
  assert.equal(momentOf("2026-13-01T10:00"), undefined);
  assert.deepEqual(["2026-02-28", "2026-02-30", "x"].map(isDate), [true, false, false]);
  assert.deepEqual(["09:00", "09:00:01.5", "25:00", "09:00Z"].map(isTime), [true, true, false, false]);
});

test("errors come to the field they are about, and those without one to what is around it", () => {
  const errors = [
    { path: ["a", 0, "b"], message: "must be a text" },
    { path: ["c"], message: "is required" },
    { path: [], message: "must have at least 1 entry" },
  ];
  assert.deepEqual(below(errors, "a"), [{ path: [0, "b"], message: "must be a text" }]);
  assert.equal(textOfErrors(besides(errors, ["a"])), '"c" is required. Must have at least 1 entry');
  assert.equal(textOfErrors(below(errors, "a")), 'Item 1, "b" must be a text');
  assert.equal(textOfErrors([], "x"), undefined);
  assert.deepEqual(atTouched(errors, new Set([JSON.stringify(["a", 0])])), [errors[0]]);
});
