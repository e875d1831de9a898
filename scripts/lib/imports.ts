/**
 * Reads who imports whom from `deno info --json`: imports, type-only ones, re-exports and `import()` alike.
 *
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { denoPath, plain, run } from "./command.ts";
import type { Import } from "./layer_rules.ts";
import { projectPath, ROOT } from "./project.ts";

interface Resolved {
  specifier?: string;
  error?: string;
}

/** The part of `deno info --json` that is read here. */
export interface ModuleGraph {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: { specifier: string; code?: Resolved; type?: Resolved }[];
  }[];
}

/** What a module graph holds. */
export interface Imports {
  imports: Import[];
  /** Files and imports that cannot be read or resolved, each with the reason; the others are judged all the same. */
  unreadable: string[];
}

/**
 * Lists the imports of some files and of all that they import.
 *
 * @param files Relative to the root
 * @throws When Deno answers no graph at all
 */
export async function readImports(files: string[]): Promise<Imports> {
  // deno info takes one file, so there is one that imports all.
  const folder = mkdtempSync(join(tmpdir(), "flowctl-imports-"));
  try {
    const entry = join(folder, "all.ts");
    writeFileSync(entry, files.map((file) => `import ${JSON.stringify(urlOf(file))};\n`).join(""));
    const args = ["info", "--json", "--node-modules-dir=manual", "--config", join(ROOT, "deno.json"), entry];
    const { code, stdout, output } = await run(denoPath(), args);
    if (code !== 0) throw new Error(`Cannot read the module graph: ${plain(output).trim()}`);
    return importsOf(JSON.parse(stdout), ROOT);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Turns a module graph into imports; modules outside the root are not looked at. */
export function importsOf(graph: ModuleGraph, root: string): Imports {
  const base = pathToFileURL(root).href + "/";
  const ours = (url: string) => url.startsWith(base) && !url.startsWith(`${base}node_modules/`);
  const imports: Import[] = [];
  const unreadable: string[] = [];
  for (const { specifier, error, dependencies } of graph.modules) {
    if (!ours(specifier)) continue;
    const from = pathOf(specifier);
    if (error) unreadable.push(`${from}: ${firstLine(error)}`);
    const seen = new Set<string>();
    for (const { specifier: written, code, type } of dependencies ?? []) {
      for (const resolved of [code, type]) {
        if (resolved?.error) unreadable.push(`${from}: ${firstLine(resolved.error)}`);
        const edge = resolved?.specifier && edgeOf(from, written, resolved.specifier, ours);
        if (!edge || seen.has(edge.to)) continue;
        seen.add(edge.to);
        imports.push(edge);
      }
    }
  }
  return { imports, unreadable: [...new Set(unreadable)] };
}

const firstLine = (text: string): string => plain(text).split("\n")[0];

function edgeOf(from: string, written: string, url: string, ours: (url: string) => boolean): Import | undefined {
  if (ours(url)) return { from, to: pathOf(url), kind: "file" };
  if (url.startsWith("node:")) return undefined;
  return { from, to: packageOf(written), kind: "package" };
}

/** A package's name in a specifier: `hono` of `hono/streaming`, `@a/b` of `npm:@a/b@1/c`. */
export function packageOf(specifier: string): string {
  const name = specifier.replace(/^npm:\/?/, "");
  return /^(@[^/]+\/[^/@]+|[^/@]+)/.exec(name)?.[0] ?? name;
}

const urlOf = (file: string): string => pathToFileURL(join(ROOT, file)).href;
const pathOf = (url: string): string => projectPath(fileURLToPath(url));
