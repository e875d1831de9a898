import assert from "node:assert/strict";
import { z } from "zod";
import { type Field, fieldsOf } from "../../src/ui/forms/fields.ts";
import { test } from "../testing/test.ts";

/** A field in a few words: `text`, `whole 1..5`, `{a!: text, b: boolean}`, `[number]`, `text | none`. */
function words(field: Field): string {
  switch (field.kind) {
    case "text":
      return field.format === "plain" ? "text" : field.format;
    case "number": {
      const range = field.min === undefined && field.max === undefined ? "" : ` ${field.min ?? ""}..${field.max ?? ""}`;
      return `${field.whole ? "whole" : "number"}${range}${field.step === undefined ? "" : ` by ${field.step}`}`;
    }
    case "choice":
      return `choice ${field.names.join("/")}`;
    case "constant":
      return `= ${JSON.stringify(field.value)}`;
    case "object": {
      const all = field.properties.map(({ name, required, field }) => `${name}${required ? "!" : ""}: ${words(field)}`);
      for (const { pattern, field: inner } of field.patterns) all.push(`/${pattern.source}/: ${words(inner)}`);
      return `{${[...all, ...field.open ? [`…: ${words(field.rest)}`] : []].join(", ")}}`;
    }
    case "list":
      return `[${[...field.first.map(words), ...field.open ? [`…${words(field.items)}`] : []].join(", ")}]`;
    case "union":
      return field.variants.map((variant) => `${variant.label}: ${words(variant)}`).join(" | ");
    default:
      return field.kind;
  }
}

for (
  const [schema, expected] of [
    [undefined, "json"],
    [true, "json"],
    [false, "json"],
    [{}, "json"],
    [{ type: "string" }, "text"],
    [{ minLength: 2 }, "text"],
    [{ type: "string", maxLength: 1000 }, "lines"],
    [{ type: "string", format: "date-time" }, "date-time"],
    [{ type: "string", format: "date" }, "date"],
    [{ type: "string", format: "time" }, "time"],
    [{ type: "string", format: "duration" }, "duration"],
    [{ type: "string", format: "email" }, "email"],
    [{ type: "string", format: "uri" }, "uri"],
    [{ type: "string", format: "uuid" }, "uuid"],
    [{ type: "string", format: "password" }, "password"],
    [{ type: "string", format: "ipv4" }, "text"],
    [{ type: "integer", minimum: 1, maximum: 5 }, "whole 1..5"],
    [{ type: "number", exclusiveMinimum: 0, multipleOf: 0.5 }, "number 0.. by 0.5"],
    [{ type: "boolean" }, "boolean"],
    [{ type: "null" }, "= null"],
    [{ const: 5 }, "= 5"],
    [{ enum: ["a", "b", null, 1] }, "choice a/b/none/1"],
    [{ enum: ["a"] }, '= "a"'],
    [{ type: ["integer", "null"] }, "whole number: whole | none: = null"],
    [{ type: "string", nullable: true }, "text: text | none: = null"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "text: text | none: = null"],
    [{ anyOf: [{ type: "string" }] }, "text"],
    [{ oneOf: [{ const: "x", title: "Ex" }, { const: "y" }] }, "choice Ex/y"],
    [
      { anyOf: [{ type: "string" }, { type: "string", format: "date" }, { type: "string" }] },
      "text 1: text | date: date | text 2: text",
    ],
    [{ type: "array", items: { type: "string" } }, "[…text]"],
    [{ type: "array" }, "[…json]"],
    [{ type: "array", prefixItems: [{ type: "string" }, {}] }, "[text, json]"],
    [{ prefixItems: [{ type: "string" }], items: { type: "integer" } }, "[text, …whole]"],
    [{ items: [{ type: "string" }], additionalItems: { type: "boolean" } }, "[text, …boolean]"],
    [{ prefixItems: [{ type: "string" }], items: false }, "[text]"],
    [{ type: "object" }, "{…: json}"],
    [{ type: "object", properties: { a: { type: "string" }, b: true }, required: ["a"] }, "{a!: text, b: json}"],
    [{ additionalProperties: { type: "number" } }, "{…: number}"],
    [{ properties: { a: {} }, additionalProperties: false }, "{a: json}"],
    [{ patternProperties: { "^x": { type: "boolean" } }, additionalProperties: false }, "{/^x/: boolean, …: json}"],
    [
      { allOf: [{ properties: { a: { type: "string" } } }, { properties: { b: {} }, required: ["b"] }] },
      "{a: text, b!: json}",
    ],
    [{ allOf: [{ type: "integer", minimum: 1 }, { minimum: 3 }] }, "whole 3.."],
    [{ type: "object", properties: { b: { position: 1 }, a: { position: 0 } } }, "{a: json, b: json}"],
    [{ $ref: "#/definitions/A", definitions: { A: { type: "string" } } }, "text"],
    [{ properties: { a: { $ref: "#/$defs/A~1B%20c" } }, $defs: { "A/B c": { type: "boolean" } } }, "{a: boolean}"],
    [{ $ref: "#/nowhere" }, "json"],
    [{ $ref: "https://example.com/x" }, "json"],
    [{ properties: { a: { $ref: "#" } } }, "{a: {a: json}}"],
    [
      { $ref: "#/$defs/T", $defs: { T: { properties: { t: { items: { $ref: "#/$defs/T" } } } } } },
      "{t: […json]}",
    ],
    [
      {
        properties: { kind: {} },
        oneOf: [{ properties: { kind: { const: "a" }, x: {} } }, { properties: { kind: { const: "b" } } }],
      },
      'a: {kind: = "a", x: json} | b: {kind: = "b"}',
    ],
  ] as const
) {
  test(`the fields of ${JSON.stringify(schema)} are ${expected}`, () => {
    const field = fieldsOf(schema);
    assert.equal(words(field), expected);
  });
}

test("a field has its schema's words", () => {
  const [{ field }] = (fieldsOf({
    properties: {
      a: { title: "Size", description: "How big", default: 3, examples: [1, 2], deprecated: true, readOnly: true },
    },
  }) as Extract<Field, { kind: "object" }>).properties;
  assert.deepEqual(field, {
    kind: "json",
    label: "Size",
    description: "How big",
    default: 3,
    examples: [1, 2],
    deprecated: true,
    readOnly: true,
  });
});

test("what zod writes becomes fields", () => {
  const schema = z.object({
    name: z.string(),
    size: z.number().int().min(1).default(3),
    when: z.iso.datetime(),
    mode: z.enum(["fast", "slow"]),
    maybe: z.number().nullable(),
    list: z.array(z.object({ x: z.number() })).optional(),
    more: z.record(z.string(), z.boolean()),
    tuple: z.tuple([z.string(), z.number()]),
    shape: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("circle"), r: z.number() }),
      z.object({ kind: z.literal("square"), side: z.number() }),
    ]),
  });
  assert.equal(
    words(fieldsOf(z.toJSONSchema(schema, { io: "input" }))),
    "{name!: text, size: whole 1.., when!: date-time, mode!: choice fast/slow, maybe!: number: number | none: = null, " +
      "list: […{x!: number}], more!: {…: boolean}, tuple!: [text, number], " +
      'shape!: circle: {kind!: = "circle", r!: number} | square: {kind!: = "square", side!: number}}',
  );
});

test("what Prefect writes of a Python function becomes fields in the function's order", () => {
  assert.equal(
    words(fieldsOf({
      title: "Parameters",
      type: "object",
      properties: {
        options: { title: "options", position: 1, default: {}, allOf: [{ $ref: "#/definitions/Options" }] },
        name: { title: "name", position: 0, type: "string" },
      },
      required: ["name"],
      definitions: {
        Options: { title: "Options", type: "object", properties: { n: { title: "N", type: "integer" } } },
      },
    })),
    "{name!: text, options: {n: whole}}",
  );
});

test("a small schema that stands for very many fields ends", () => {
  const $defs: Record<string, unknown> = { L0: { type: "string" } };
  for (let n = 1; n < 30; n++) {
    $defs[`L${n}`] = { properties: { a: { $ref: `#/$defs/L${n - 1}` }, b: { $ref: `#/$defs/L${n - 1}` } } };
  }
  assert.equal(fieldsOf({ $ref: "#/$defs/L29", $defs }).kind, "object");
});
