/**
 * YAML in and out, with everything refused that a configuration file has no need of. The only importer of `yaml`.
 *
 * Core schema of YAML 1.2 (`yes` and `on` are words, `<<` is a key), no tags of one's own, no doubled keys, few aliases (a
 * "billion laughs" file is refused), one document.
 *
 * @module
 */

import { parseDocument, stringify } from "yaml";
import { FlowctlError } from "./errors.ts";

/** See {@link parseYaml}. */
export interface ParseYamlOptions {
  /** What errors call the text, usually the file's path. */
  path?: string;
}

const MOST_ALIASES = 100;

/**
 * Reads one YAML document (so also JSON).
 *
 * @returns Plain values; `null` for an empty text.
 * @throws {FlowctlError} `invalid`, with `path:line:column` in the sentence and in `details`.
 *
 * @example
 * ```ts
 * import { parseYaml } from "./yaml.ts";
 *
 * const value = parseYaml("name: example\ntags: [a, b]", { path: "deployment.yaml" }) as { tags: string[] };
 * console.assert(value.tags.length === 2);
 * ```
 */
export function parseYaml(text: string, { path = "YAML" }: ParseYamlOptions = {}): unknown {
  const document = parseDocument(text, { schema: "core", version: "1.2", uniqueKeys: true, resolveKnownTags: false });
  // An unknown tag is only a warning to the library, which then goes on with the bare value.
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const { line = 1, col: column = 1 } = problem.linePos?.[0] ?? {};
    throw invalid(`${path}:${line}:${column}`, sentence(problem.message), { path, line, column });
  }
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    // Too many aliases, or an alias without anchor; the library gives no place for these.
    throw invalid(`${path}:1:1`, sentence((error as Error).message), { path, line: 1, column: 1 });
  }
}

function invalid(place: string, reason: string, details: Record<string, unknown>): FlowctlError {
  return new FlowctlError("invalid", `Cannot read ${place}: ${reason}`, { details });
}

/** The library's pretty message holds the place and a picture of the line; only its first words are a sentence. */
function sentence(message: string): string {
  const first = message.split("\n")[0].replace(/ at line \d+, column \d+:?$/, "").replace(/[.:]$/, "");
  return first.charAt(0).toLowerCase() + first.slice(1);
}

/** Writes a value as YAML: block style, keys in their order, long lines unbroken. Doubled objects are written twice. */
export function stringifyYaml(value: unknown): string {
  return stringify(value, { schema: "core", version: "1.2", lineWidth: 0, aliasDuplicateObjects: false });
}
