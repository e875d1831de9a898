/**
 * JSON Schema brought into a shape that fields can be made of: references followed, `allOf` merged. Pure.
 *
 * Nothing is checked here: the server does that. What can't be understood becomes a field for JSON.
 *
 * @module
 */

import { isMap, type Json, type JsonMap } from "./json.ts";

/** A schema and the references that led to it. */
export interface Resolved {
  schema: JsonMap;
  /** The references on the way; one that comes again is a recursion. */
  seen: ReadonlySet<string>;
  /** Whether it leads back to itself or nowhere. */
  broken: boolean;
}

/** Follows `$ref` and merges `allOf`. @param root The whole schema, into which references point. */
export function resolve(given: Json | undefined, root: JsonMap, seen: ReadonlySet<string>): Resolved {
  if (!isMap(given)) return { schema: given === false ? { not: {} } : {}, seen, broken: false };
  let { $ref, allOf, ...schema } = given;
  let broken = false;
  let before = seen;
  if (typeof $ref === "string") {
    const target = pointed(root, $ref);
    if (seen.has($ref) || target === undefined) return { schema, seen, broken: true };
    const found = resolve(target, root, new Set([...seen, $ref]));
    broken ||= found.broken;
    before = found.seen;
    schema = merged(found.schema, schema);
  }
  if (Array.isArray(allOf)) {
    const own = schema;
    let all: JsonMap = {};
    for (const part of allOf) {
      const found = resolve(part, root, before);
      broken ||= found.broken;
      before = new Set([...before, ...found.seen]);
      all = merged(all, found.schema);
    }
    schema = merged(all, own);
  }
  return { schema, seen: before, broken };
}

/** What a reference within the schema points to. */
function pointed(root: JsonMap, reference: string): Json | undefined {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  let found: Json | undefined = root;
  for (const part of reference.slice(2).split("/")) {
    let name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    try {
      name = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    } catch {
      // A name with a percent sign of its own.
    }
    if (Array.isArray(found)) found = found[Number(name)];
    else found = isMap(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** Two schemas that both hold. Where both say the same word, bounds are joined and of the rest the second counts. */
export function merged(a: JsonMap, b: JsonMap): JsonMap {
  const both: JsonMap = { ...a, ...b };
  if (isMap(a.properties) && isMap(b.properties)) {
    const properties: [string, Json][] = Object.entries({ ...a.properties, ...b.properties }).map(([name, value]) => {
      const [first, second] = [own(a.properties as JsonMap, name), own(b.properties as JsonMap, name)];
      return [name, first !== undefined && second !== undefined ? { allOf: [first, second] } : value];
    });
    both.properties = Object.fromEntries(properties);
  }
  if (Array.isArray(a.required) && Array.isArray(b.required)) both.required = [...a.required, ...b.required];
  for (const word of ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"]) {
    if (typeof a[word] === "number" && typeof b[word] === "number") both[word] = Math.max(a[word], b[word]);
  }
  for (const word of ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"]) {
    if (typeof a[word] === "number" && typeof b[word] === "number") both[word] = Math.min(a[word], b[word]);
  }
  if (a.type === "integer" && b.type === "number") both.type = "integer";
  return both;
}

const own = (map: JsonMap, name: string): Json | undefined => Object.hasOwn(map, name) ? map[name] : undefined;

/** Words that say something about a place and not about its value. */
const NOTES = [
  "title",
  "description",
  "default",
  "examples",
  "example",
  "deprecated",
  "readOnly",
  "position",
  "$schema",
];

/** A schema without its {@link NOTES}, and without the words named. */
export const bare = (schema: JsonMap, ...without: string[]): JsonMap =>
  Object.fromEntries(Object.entries(schema).filter(([word]) => !NOTES.includes(word) && !without.includes(word)));

/** The types that a schema allows, read off its other words where it does not say; empty when it may be anything. */
export function typesOf(schema: JsonMap): string[] {
  const { type } = schema;
  const said = typeof type === "string" ? [type] : Array.isArray(type) ? type.map(String) : [];
  const types = said.length > 0 ? said : ["properties", "additionalProperties", "patternProperties", "required"]
      .some((word) => word in schema)
    ? ["object"]
    : ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"].some((word) => word in schema)
    ? ["array"]
    : ["minLength", "maxLength", "pattern", "format"].some((word) => word in schema)
    ? ["string"]
    : ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"].some((word) => word in schema)
    ? ["number"]
    : [];
  return schema.nullable === true && types.length > 0 && !types.includes("null") ? [...types, "null"] : types;
}
