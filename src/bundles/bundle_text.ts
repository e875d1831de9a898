/**
 * What both bundlers' output goes through so that it is the same text from every folder, with an inline source map that both
 * runtimes read.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { dirname, relative, resolve } from "node:path";
import { toAscii } from "./ascii.ts";
import type { BuildResult } from "./builds.ts";

interface SourceMap {
  sources: string[];
  sourcesContent?: (string | null)[];
  mappings: string;
  debugId?: string;
}

/** Joins code and map into the bundle's text. */
export function finishBundle(result: BuildResult, path: string): string {
  const map = JSON.parse(result.map) as SourceMap;
  // Each begins with "./", also the "./../lib.ts" of a folder above: our own in the binary are "src/…", and a user's may be too.
  map.sources = map.sources.map((source) => {
    const file = relative(dirname(path), resolve(result.base, source));
    return `./${file.replaceAll("\\", "/")}`;
  });
  delete map.debugId;
  // The key must be there, or Bun maps nothing; sources of packages would make the text three times as long.
  map.sourcesContent = map.sources.map((source, i) =>
    /(^|\/)node_modules\//.test(source) ? null : map.sourcesContent?.[i] ?? null
  );
  const plain = result.code
    .replace(/^\/\/ @bun[^\n]*\n/, "")
    .replace(/^\/\/# (debugId|sourceMappingURL)=.*$/gm, "")
    .trimEnd();
  const dropped = /^\/\/ @bun[^\n]*\n/.test(result.code) ? 1 : 0;
  const { code, mappings } = toAscii({ code: plain, mappings: map.mappings.slice(dropped) });
  map.mappings = ";".repeat(result.head.length) + mappings;
  const encoded = Buffer.from(JSON.stringify(map), "utf8").toString("base64");
  return `${[...result.head, code].join("\n")}\n//# sourceMappingURL=data:application/json;base64,${encoded}\n`;
}
