/**
 * Parameters of a run on the command line: `--param key=value`, `--params JSON`, `--params @file`, `--params -`.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { JsonObject } from "../domain/common.ts";
import { coerceParameters } from "../domain/parameters.ts";
import { FlowctlError, messageOf } from "../support/errors.ts";
import type { Context } from "./context.ts";

/**
 * Splits `key=value` texts; a later one of the same key wins.
 *
 * @throws FlowctlError `invalid` for one without key or `=`
 */
export function parsePairs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => {
    const at = text.indexOf("=");
    if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1)];
    throw new FlowctlError("invalid", `Cannot read parameter "${text}": it has not the form KEY=VALUE`, {
      hint: 'For example: --param count=3 --param "names=[\\"a\\", \\"b\\"]"',
    });
  }));
}

/**
 * All parameters that were given; single ones over those of the object.
 *
 * @param schema The deployment's, which decides what the text of a single one means.
 */
export async function readParameters(
  { param = [], params }: { param?: string[]; params?: string },
  schema: JsonObject | null,
  context: Pick<Context, "cwd" | "stdin">,
): Promise<JsonObject> {
  const object = params === undefined ? {} : parseObject(await sourceOf(params, context), params);
  return { ...object, ...coerceParameters(parsePairs(param), schema) };
}

async function sourceOf(text: string, { cwd, stdin }: Pick<Context, "cwd" | "stdin">): Promise<string> {
  if (text === "-" || text === "@-") return await stdin.text();
  if (!text.startsWith("@")) return text;
  const path = text.slice(1);
  try {
    return await readFile(resolve(cwd, path), "utf8");
  } catch (error) {
    const why = (error as { code?: string }).code === "ENOENT" ? "there is no such file" : messageOf(error);
    throw new FlowctlError("invalid", `Cannot read parameters from "${path}": ${why}`, { cause: error });
  }
}

function parseObject(text: string, given: string): JsonObject {
  const from = /^(-$|@)/.test(given) ? `from "${given.replace(/^@/, "")}"` : `"${given}"`;
  const fail = (why: string, cause?: unknown) =>
    new FlowctlError("invalid", `Cannot read parameters ${from}: ${why}`, {
      hint: `For example: --params '{"count": 3}'`,
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail("it is not JSON", error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw fail("it is not a JSON object");
  return value as JsonObject;
}
