/**
 * JSON and YAML with sorted keys, as `flowctl describe` prints.
 *
 * @module
 */

import { Option } from "./command.ts";
import type { Context } from "./context.ts";

/** `-o` of commands that only print data. */
export const dataOption = (standard: "json" | "yaml" = "json") =>
  new Option("-o, --output <format>", "how to print it").choices(["json", "yaml"] as const).default(standard);

/** The same value; the keys of objects are in order at every depth. */
export function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, one]) => [key, sortedKeys(one)]),
  );
}

/** Prints it with sorted keys. */
export const printData = (context: Context, format: "json" | "yaml", value: unknown): Promise<void> =>
  context.out.item(format, sortedKeys(value), { text: String, name: String });
