/**
 * A JSON Schema as a tree of fields. Pure.
 *
 * @module
 */

import { isMap, type Json, type JsonMap } from "./json.ts";
import { bare, merged, resolve, typesOf } from "./schema.ts";

/** What every field has. */
export interface FieldNotes {
  label: string;
  description?: string;
  default?: Json;
  examples: readonly Json[];
  deprecated: boolean;
  readOnly: boolean;
}

/** How a text is typed in. */
export type TextFormat =
  | "plain"
  | "lines"
  | "date-time"
  | "date"
  | "time"
  | "duration"
  | "email"
  | "uri"
  | "uuid"
  | "password";

/** A property of an object. */
export interface Property {
  name: string;
  required: boolean;
  field: Field;
}

/** The kinds of fields. */
export type Field =
  & FieldNotes
  & (
    | { kind: "text"; format: TextFormat; pattern?: string; minLength?: number; maxLength?: number }
    | { kind: "number"; whole: boolean; min?: number; max?: number; step?: number }
    | { kind: "boolean" }
    | { kind: "choice"; values: readonly Json[]; names: readonly string[] }
    | { kind: "constant"; value: Json }
    | {
      kind: "object";
      properties: readonly Property[];
      /** Of names that are no properties and match. */
      patterns: readonly { pattern: RegExp; field: Field }[];
      /** Of all other names. */
      rest: Field;
      /** Whether names of one's own are invited. */
      open: boolean;
    }
    | { kind: "list"; first: readonly Field[]; items: Field; open: boolean; min: number; max?: number; unique: boolean }
    | { kind: "union"; variants: readonly Field[] }
    | { kind: "json" }
  );

/** One kind of fields. */
export type FieldOf<K extends Field["kind"]> = Extract<Field, { kind: K }>;

interface Context {
  root: JsonMap;
  seen: ReadonlySet<string>;
  depth: number;
  /** How many fields may still be made: a small schema can stand for very many. */
  budget: { left: number };
}

const DEEPEST = 12;
const MOST_FIELDS = 2000;

const FORMATS: Record<string, TextFormat> = {
  "date-time": "date-time",
  date: "date",
  time: "time",
  duration: "duration",
  email: "email",
  "idn-email": "email",
  uri: "uri",
  url: "uri",
  iri: "uri",
  "uri-reference": "uri",
  uuid: "uuid",
  uuid4: "uuid",
  password: "password",
  textarea: "lines",
  multiline: "lines",
  "multi-line": "lines",
  markdown: "lines",
};

/** A text that may be longer than this is given several lines. */
const LONG = 200;

/** The fields of a schema; without one, a field for JSON. */
export function fieldsOf(schema: unknown, label = "Parameters"): Field {
  const root = isMap(schema) ? schema : {};
  const context = { root, seen: new Set<string>(), depth: 0, budget: { left: MOST_FIELDS } };
  return fieldOf(schema as Json | undefined, label, context);
}

function fieldOf(given: Json | undefined, label: string, outer: Context): Field {
  const { schema, seen, broken } = resolve(given, outer.root, outer.seen);
  const context = { ...outer, seen, depth: outer.depth + 1 };
  const notes = notesOf(schema, label);
  if (broken || context.depth > DEEPEST || --context.budget.left < 0) return { ...notes, kind: "json" };
  if ("const" in schema) return { ...notes, kind: "constant", value: schema.const };
  if (Array.isArray(schema.enum) && schema.enum.length > 0) {
    return choiceOf(notes, schema.enum, schema.enum.map(shortText));
  }
  const options = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(options) && options.length > 0) {
    const base = bare(schema, schema.anyOf === options ? "anyOf" : "oneOf");
    return unionOf(notes, options.map((option) => variantOf(option, base, context)));
  }
  const types = typesOf(schema);
  if (types.length > 1) {
    return unionOf(
      notes,
      types.map((type) => fieldOf({ ...bare(schema, "nullable"), type }, TYPE_WORDS[type] ?? type, context)),
    );
  }
  switch (types[0]) {
    case "null":
      return { ...notes, kind: "constant", value: null };
    case "boolean":
      return { ...notes, kind: "boolean" };
    case "string":
      return textOf(notes, schema);
    case "integer":
    case "number":
      return numberOf(notes, schema, types[0] === "integer");
    case "array":
      return listOf(notes, schema, context);
    case "object":
      return objectOf(notes, schema, context);
    default:
      return { ...notes, kind: "json" };
  }
}

function notesOf(schema: JsonMap, label: string): FieldNotes {
  const { title, description, examples, example } = schema;
  return {
    label: typeof title === "string" && title.trim() !== "" ? title : label,
    ...(typeof description === "string" && description.trim() !== "" ? { description } : {}),
    ...("default" in schema ? { default: schema.default } : {}),
    examples: Array.isArray(examples) ? examples : example === undefined ? [] : [example],
    deprecated: schema.deprecated === true,
    readOnly: schema.readOnly === true,
  };
}

const numberIn = (schema: JsonMap, word: string): number | undefined =>
  typeof schema[word] === "number" ? schema[word] : undefined;

function textOf(notes: FieldNotes, schema: JsonMap): Field {
  const [minLength, maxLength] = [numberIn(schema, "minLength"), numberIn(schema, "maxLength")];
  const said = FORMATS[String(schema.format)];
  const format = said ??
    (schema.writeOnly === true
      ? "password"
      : (maxLength ?? 0) > LONG || "contentMediaType" in schema
      ? "lines"
      : "plain");
  return {
    ...notes,
    kind: "text",
    format,
    ...(typeof schema.pattern === "string" ? { pattern: schema.pattern } : {}),
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
}

function numberOf(notes: FieldNotes, schema: JsonMap, whole: boolean): Field {
  // Draft 4 says `exclusiveMinimum: true`; then the bound is `minimum`, and the server says what it excludes.
  const min = numberIn(schema, "minimum") ?? numberIn(schema, "exclusiveMinimum");
  const max = numberIn(schema, "maximum") ?? numberIn(schema, "exclusiveMaximum");
  const step = numberIn(schema, "multipleOf");
  // What zod says of every integer bounds nothing.
  const bound = (value: number | undefined) =>
    value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
  return {
    ...notes,
    kind: "number",
    whole,
    ...(bound(min) === undefined ? {} : { min }),
    ...(bound(max) === undefined ? {} : { max }),
    ...(step === undefined ? {} : { step }),
  };
}

function listOf(notes: FieldNotes, schema: JsonMap, context: Context): Field {
  const { prefixItems, items, additionalItems } = schema;
  // Drafts before 2020-12 have a list in `items`, and what follows it in `additionalItems`.
  const first = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  const rest = Array.isArray(items) ? additionalItems : items;
  const max = numberIn(schema, "maxItems");
  return {
    ...notes,
    kind: "list",
    first: first.map((item, i) => fieldOf(item, `Item ${i + 1}`, context)),
    items: fieldOf(rest === false ? {} : rest, "Item", context),
    open: rest !== false && !(first.length > 0 && rest === undefined),
    min: numberIn(schema, "minItems") ?? 0,
    ...(max === undefined ? {} : { max }),
    unique: schema.uniqueItems === true,
  };
}

function objectOf(notes: FieldNotes, schema: JsonMap, context: Context): Field {
  const { additionalProperties: rest } = schema;
  const given = Object.entries(isMap(schema.properties) ? schema.properties : {});
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const positions = given.map(([, property]) => isMap(property) ? numberIn(property, "position") : undefined);
  // Prefect numbers the parameters of a function; their order in the object is not always the function's.
  const ordered = given.length > 0 && positions.every((position) => position !== undefined)
    ? given.map((entry, i) => ({ entry, position: positions[i]! })).sort((a, b) => a.position - b.position)
      .map(({ entry }) => entry)
    : given;
  const patterns = Object.entries(isMap(schema.patternProperties) ? schema.patternProperties : {});
  return {
    ...notes,
    kind: "object",
    properties: ordered.map(([name, property]) => ({
      name,
      required: required.has(name),
      field: fieldOf(property, name, context),
    })),
    patterns: patterns.flatMap(([text, property]) => {
      const pattern = patternOf(text);
      return pattern === undefined ? [] : [{ pattern, field: fieldOf(property, "Value", context) }];
    }),
    rest: fieldOf(rest === false ? {} : rest, "Value", context),
    open: isMap(rest) || rest === true || patterns.length > 0 || (given.length === 0 && rest === undefined),
  };
}

/** A pattern of a schema; undefined when this browser can't read it. */
export function patternOf(text: string): RegExp | undefined {
  try {
    return new RegExp(text, "u");
  } catch {
    return undefined;
  }
}

/** One branch of a choice; the words beside `anyOf` hold for it too. */
function variantOf(option: Json, base: JsonMap, context: Context): Field {
  const { schema, seen, broken } = resolve(option, context.root, context.seen);
  if (broken) return fieldOf(option, "other", context);
  const field = fieldOf(merged(base, schema), "", { ...context, seen });
  return field.label === "" ? { ...field, label: variantLabel(field) } : field;
}

/** Several forms that a value may have; those in those are of the same list, and what has only one form is that. */
function unionOf(notes: FieldNotes, given: readonly Field[]): Field {
  const variants = given.flatMap((variant) => variant.kind === "union" ? variant.variants : [variant]);
  const constants = variants.filter((variant): variant is FieldOf<"constant"> => variant.kind === "constant");
  if (constants.length === variants.length) {
    return choiceOf(notes, constants.map(({ value }) => value), constants.map(({ label }) => label));
  }
  if (variants.length === 1) {
    return { ...variants[0], ...notes, description: notes.description ?? variants[0].description };
  }
  const times = (label: string, upTo: number) => variants.slice(0, upTo).filter((one) => one.label === label).length;
  const labels = variants.map((variant, i) => {
    const count = times(variant.label, variants.length);
    return count === 1 ? variant.label : `${variant.label} ${times(variant.label, i) + 1}`;
  });
  return { ...notes, kind: "union", variants: variants.map((variant, i) => ({ ...variant, label: labels[i] })) };
}

function choiceOf(notes: FieldNotes, values: readonly Json[], names: readonly string[]): Field {
  return values.length === 1
    ? { ...notes, kind: "constant", value: values[0] }
    : { ...notes, kind: "choice", values, names };
}

const TYPE_WORDS: Record<string, string> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "true or false",
  array: "list",
  object: "object",
  null: "none",
};

function variantLabel(field: Field): string {
  switch (field.kind) {
    case "object": {
      // Branches that are told apart by a constant are known by it.
      const tag = field.properties.find((property) => property.field.kind === "constant")?.field;
      return tag?.kind === "constant" ? shortText(tag.value) : "object";
    }
    case "text":
      return field.format === "plain" || field.format === "lines" ? "text" : field.format.replace("-", " ");
    case "number":
      return field.whole ? "whole number" : "number";
    case "boolean":
      return "true or false";
    case "constant":
      return shortText(field.value);
    case "choice":
      return "one of a few";
    case "list":
      return "list";
    default:
      return "anything";
  }
}

/** A value as a word: texts without quotes, null as "none". */
export const shortText = (value: Json): string =>
  value === null ? "none" : typeof value === "string" ? (value === "" ? '""' : value) : JSON.stringify(value);
