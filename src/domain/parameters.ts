/**
 * The parameters of a flow run: a deployment's overlaid with the given ones, read from the command line, checked against the
 * flow's JSON Schema.
 *
 * @module
 */

import { type SchemaProblem, validateJsonSchema } from "../support/json_schema.ts";
import type { JsonObject, JsonValue } from "./common.ts";

/** A deployment's parameters with the run's own over them, by top-level name; objects are replaced and not merged (Prefect). */
export function overlayParameters(deployment: JsonObject, given: JsonObject | null | undefined): JsonObject {
  return { ...deployment, ...given };
}

/** The schema of one parameter, `$ref` into the whole one followed; undefined when the schema does not know it. */
export function parameterSchema(schema: JsonObject | null | undefined, name: string): JsonObject | undefined {
  const properties = schema?.properties;
  if (!isObject(properties) || !Object.hasOwn(properties, name)) return undefined;
  const property = resolve(schema as JsonObject, properties[name]);
  return isObject(property) ? property : undefined;
}

function resolve(root: JsonObject, value: JsonValue, depth = 0): JsonValue {
  if (!isObject(value) || typeof value.$ref !== "string" || !value.$ref.startsWith("#/") || depth > 16) return value;
  let found: JsonValue | undefined = root;
  for (const part of value.$ref.slice(2).split("/")) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found === undefined ? value : resolve(root, found, depth + 1);
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The JSON types that a schema allows; undefined when it does not say. */
function typesOf(schema: JsonObject, depth = 0): Set<string> | undefined {
  if (typeof schema.type === "string") return new Set([schema.type, ...(schema.nullable === true ? ["null"] : [])]);
  if (Array.isArray(schema.type)) return new Set(schema.type.filter((type) => typeof type === "string"));
  if (Array.isArray(schema.enum)) return new Set(schema.enum.map(typeOf));
  if ("const" in schema) return new Set([typeOf(schema.const)]);
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches) && depth < 8) {
    const all = branches.map((branch) => isObject(branch) ? typesOf(branch, depth + 1) : undefined);
    return all.includes(undefined) ? undefined : new Set(all.flatMap((types) => [...types!]));
  }
  return undefined;
}

function typeOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

/**
 * A parameter from the command line: JSON if it parses, else text; then the schema decides what was meant. `--param zip=01234`
 * and `--param name=42` stay texts when the schema says "string", and `True`, `yes` become true when it says "boolean".
 * What does not fit stays as it was read, so that {@link checkParameters} says what is wrong with it.
 *
 * @param property The parameter's own schema, see {@link parameterSchema}.
 */
export function coerceParameter(text: string, property?: JsonObject | null): JsonValue {
  const read = readJson(text);
  const types = property ? typesOf(property) : undefined;
  if (!types) return read;
  const type = typeOf(read);
  if (types.has(type) || (type === "number" && types.has("integer") && Number.isInteger(read))) return read;
  if (types.has("boolean") && /^(true|yes|on)$/i.test(text.trim())) return true;
  if (types.has("boolean") && /^(false|no|off)$/i.test(text.trim())) return false;
  if (types.has("null") && /^(null|none)?$/i.test(text.trim()) && !types.has("string")) return null;
  if (type === "string" && (types.has("number") || types.has("integer")) && isNumberText(read as string)) {
    return Number(read);
  }
  return types.has("string") ? text : read;
}

const isNumberText = (text: string) => text.trim() !== "" && Number.isFinite(Number(text));

function readJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

/** Several parameters from the command line; see {@link coerceParameter}. */
export function coerceParameters(texts: Record<string, string>, schema: JsonObject | null | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, coerceParameter(text, parameterSchema(schema, name))]),
  );
}

/**
 * What is wrong with parameters, one sentence per problem; an empty list when they fit or when there is no schema.
 *
 * @throws {FlowctlError} `invalid` when the schema itself is wrong.
 */
export async function checkParameters(
  parameters: JsonObject,
  schema: JsonObject | null | undefined,
): Promise<string[]> {
  if (!schema || Object.keys(schema).length === 0) return [];
  return [...new Set((await validateJsonSchema(schema, parameters)).map(sentenceOf))];
}

function sentenceOf({ path, message }: SchemaProblem): string {
  return path
    ? `Parameter "${path}" ${message}`
    : `The parameters ${message.replace(/^must be object$/, "must be an object")}`;
}
