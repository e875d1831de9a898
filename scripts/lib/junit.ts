/**
 * Reads the JUnit files that `deno test` and `bun test` write.
 *
 * They are the only form in which both runtimes tell names and outcomes to a machine. Neither contains what a test
 * printed, nor a file that could not be loaded: the caller compares with the files that it asked for.
 *
 * @module
 */

import type { Result } from "./results.ts";

/** A test of a JUnit file. */
export interface JunitResult extends Result {
  /** The test's file, as the runtime wrote it, without a leading `./`. */
  file: string;
}

/**
 * Reads a JUnit file's text.
 *
 * @returns The test cases in their order; an ignored one counts as skipped
 */
export function parseJunit(xml: string): JunitResult[] {
  const results: JunitResult[] = [];
  for (const [, attributes, rest] of xml.matchAll(/<testcase\b([^>]*?)(\/>|>[\s\S]*?<\/testcase>)/g)) {
    const name = attribute(attributes, "name") ?? "";
    const file = (attribute(attributes, "file") || attribute(attributes, "classname") || "").replace(/^\.\//, "");
    const failure = /<(?:failure|error)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/(?:failure|error)>)/.exec(rest);
    if (failure) {
      const detail = decode(failure[2] ?? "").trim() || attribute(failure[1], "message") ||
        "It failed without a message";
      results.push({ name, file, outcome: "failed", detail });
    } else if (/<skipped\b/.test(rest)) {
      results.push({ name, file, outcome: "skipped", detail: "It is ignored in its file" });
    } else {
      results.push({ name, file, outcome: "passed" });
    }
  }
  return results;
}

function attribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes);
  return found ? decode(found[1]) : undefined;
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}
