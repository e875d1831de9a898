/**
 * Values of `flowctl run`: `--param` and `--context` as `key=value`, `--param-file`.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { JsonObject, JsonValue } from "../domain/common.ts";
import { coerceParameter, parameterSchema } from "../domain/parameters.ts";
import { FlowctlError, messageOf } from "../support/errors.ts";
import type { Context } from "./context.ts";

/**
 * Reads `key=value` texts; the first `=` parts them, and a later text of the same key wins. A value is JSON; words without quotes are
 * texts, and the flow's schema decides in doubt.
 *
 * @param what For messages: `parameter`.
 * @throws FlowctlError `invalid` for a text without key or `=`, and for what begins as JSON and is none
 *
 * @example
 * ```ts
 * import { readPairs } from "./run_values.ts";
 *
 * console.assert(JSON.stringify(readPairs(["n=1", "s=a=b"], "parameter")) === '{"n":1,"s":"a=b"}');
 * ```
 */
export function readPairs(texts: readonly string[], what: string, schema?: JsonObject | null): JsonObject {
  return Object.fromEntries(texts.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) {
      throw new FlowctlError("invalid", `Cannot read ${what} "${text}": it has not the form KEY=VALUE`, {
        hint: `For example: --${what === "parameter" ? "param" : what} count=3`,
      });
    }
    const key = text.slice(0, at).trim();
    return [key, readValue(key, text.slice(at + 1), what, parameterSchema(schema, key))];
  }));
}

function readValue(key: string, text: string, what: string, schema: JsonObject | undefined): JsonValue {
  const value = coerceParameter(text, schema);
  // A bracket or a quote says that JSON was meant, unless the flow wants a text here.
  if (typeof value !== "string" || schema?.type === "string" || !/^\s*[[{"]/.test(text)) return value;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const indented = text.split("\n").map((line) => `    ${line}`).join("\n");
    throw new FlowctlError("invalid", `Cannot read ${what} '${key}': its value is not JSON\n\n${indented}\n`, {
      hint: `Quote a text: --${what === "parameter" ? "param" : what} '${key}="text"'`,
      cause,
    });
  }
}

/** Reads a file with a JSON object. @throws FlowctlError `invalid` */
export async function readParamFile(path: string, { cwd }: Pick<Context, "cwd">): Promise<JsonObject> {
  const refuse = (why: string, cause?: unknown) =>
    new FlowctlError("invalid", `Cannot read parameters from "${path}": ${why}`, { cause });
  let text: string;
  try {
    text = await readFile(resolve(cwd, path), "utf8");
  } catch (error) {
    throw refuse((error as { code?: string }).code === "ENOENT" ? "there is no such file" : messageOf(error), error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse("it is not JSON", error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse("it is not a JSON object");
  return value as JsonObject;
}
