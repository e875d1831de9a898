/**
 * What a run returned, as the `data` of its final state.
 *
 * A value that is JSON and small travels in the state: `{"type":"literal","value":…}` (no `value` means undefined). Anything else is
 * `{"type":"unpersisted","artifact_type":"result","artifact_description":"Unpersisted result of type `Map`"}`, which is Prefect 2.20's
 * shape; the server does not keep it, and a retry of the flow runs the task again.
 *
 * @module
 */

import type { JsonObject, JsonValue } from "../domain/common.ts";

/** The longest result that is kept with a state, in characters of JSON. */
export const MAX_LITERAL = 64 * 1024;

/** Whether a value is the same after a round trip through JSON. */
export function isJson(value: unknown, depth = 0): value is JsonValue {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object" || depth > 100) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  if ("toJSON" in value) return false;
  return Object.values(value).every((item) => isJson(item, depth + 1));
}

/** The `data` of a final state. */
export function resultData(value: unknown): JsonObject {
  if (value === undefined) return { type: "literal" };
  if (isJson(value) && JSON.stringify(value).length <= MAX_LITERAL) return { type: "literal", value };
  return {
    type: "unpersisted",
    artifact_type: "result",
    artifact_description: `Unpersisted result of type \`${typeName(value)}\``,
  };
}

/** The value in a state's `data`; undefined also when it was not kept. */
export function readResult(data: JsonValue | null | undefined): unknown {
  return isLiteral(data) ? data.value : undefined;
}

/** Whether a state's data holds the value itself. */
export function isLiteral(data: JsonValue | null | undefined): data is JsonObject {
  return typeof data === "object" && data !== null && !Array.isArray(data) && data.type === "literal";
}

function typeName(value: unknown): string {
  if (typeof value !== "object" || value === null) return typeof value;
  return value.constructor?.name || "object";
}

/** Parameters for the wire: what is not JSON is named by its type. */
export function jsonable(value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]) => [key, jsonValue(item)]),
  );
}

function jsonValue(value: unknown): JsonValue {
  if (isJson(value)) return value;
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return JSON.parse(text) as JsonValue;
  } catch {
    // A cycle or a bigint: named below.
  }
  return `<${typeName(value)}>`;
}
