/**
 * What the specifiers in a user's file mean beyond Node's rules: `npm:` ones, and those of the import map in their `deno.json`.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FlowctlError } from "../support/errors.ts";

/** `npm:@scope/name@^1/sub` or `@scope/name@^1/sub` → `@scope/name/sub`: as it lies in `node_modules`. */
export function npmPackage(specifier: string): string {
  return specifier.replace(/^npm:\/?/, "").replace(/^(@[^/@]+\/)?([^/@]+)@[^/]*/, "$1$2");
}

/** Where a specifier leads: a file, or a package beside the user's file. */
export type Target = { file: string } | { package: string };

/** The `imports` of a `deno.json`, with the folder they are relative to. */
export interface ImportMap {
  folder: string;
  imports: Record<string, string>;
}

/** Looks for `deno.json` or `deno.jsonc` from the file's folder upwards; the first one counts, as in Deno. */
export function findImportMap(file: string): ImportMap | undefined {
  for (let folder = dirname(resolve(file));; folder = dirname(folder)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const path = join(folder, name);
      if (existsSync(path)) return readImportMap(path);
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function readImportMap(path: string): ImportMap | undefined {
  let config: { imports?: unknown; importMap?: unknown };
  let from = path;
  try {
    config = JSON.parse(withoutComments(readFileSync(path, "utf8")));
    if (typeof config.importMap === "string" && config.imports === undefined) {
      from = resolve(dirname(path), config.importMap);
      config = JSON.parse(withoutComments(readFileSync(from, "utf8")));
    }
  } catch (cause) {
    throw new FlowctlError("invalid", `Cannot read "${from}": it is not JSON`, { cause });
  }
  if (typeof config.imports !== "object" || config.imports === null) return undefined;
  const imports = Object.entries(config.imports).filter((pair): pair is [string, string] =>
    typeof pair[1] === "string"
  );
  return { folder: dirname(from), imports: Object.fromEntries(imports) };
}

/** JSON with comments and trailing commas, made JSON. Texts are left alone. */
export function withoutComments(text: string): string {
  const pattern =
    /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=\s*(?:(?:\/\/[^\n]*|\/\*[\s\S]*?\*\/)\s*)*[}\]])/g;
  return text.replace(pattern, (part) => part.startsWith('"') ? part : "");
}

/**
 * Where a specifier leads by `npm:` or by the import map; undefined when Node's own rules hold. An exact entry wins, else the
 * longest one that ends in a slash.
 *
 * @throws {FlowctlError} `unsupported` for `jsr:` and web addresses, which no bundler here can read.
 */
export function mapSpecifier(specifier: string, map: ImportMap | undefined): Target | undefined {
  let meant = specifier;
  if (map !== undefined) {
    const key = Object.hasOwn(map.imports, specifier)
      ? specifier
      : Object.keys(map.imports).filter((key) => key.endsWith("/") && specifier.startsWith(key))
        .sort((a, b) => b.length - a.length)[0];
    if (key !== undefined) meant = map.imports[key] + specifier.slice(key.length);
    else {
      // Deno lets `x/sub` through when the map says `x: npm:x@1`.
      const parent = Object.keys(map.imports)
        .find((key) => specifier.startsWith(`${key}/`) && map.imports[key].startsWith("npm:"));
      if (parent !== undefined) meant = map.imports[parent] + specifier.slice(parent.length);
    }
  }
  if (meant.startsWith("npm:")) return { package: npmPackage(meant) };
  if (/^(jsr|https?):/.test(meant)) {
    throw new FlowctlError(
      "unsupported",
      `Cannot bundle "${specifier}": "${meant}" is neither a file nor an npm package`,
      {
        hint: "Install it as an npm package beside the flow file, or copy the file.",
      },
    );
  }
  if (meant === specifier) return undefined;
  if (/^\.{0,2}\//.test(meant)) return { file: resolve(map!.folder, meant) };
  return { package: meant };
}
