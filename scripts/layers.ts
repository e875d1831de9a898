/**
 * `deno task layers`: checks that folders import lower levels only and that each library has one door, and that the
 * picture in `.github/ARCHITECTURE.md` shows it. `--write` draws the picture anew.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type Imports, readImports } from "./lib/imports.ts";
import { drawLayers, placePicture } from "./lib/layer_picture.ts";
import { checkImports } from "./lib/layer_rules.ts";
import { isTypeScript, listFiles, ROOT } from "./lib/project.ts";
import type { Result } from "./lib/results.ts";

const DOCUMENT = join(ROOT, ".github", "ARCHITECTURE.md");

/** The imports of everything that goes into the program. */
export function readProgramImports(): Promise<Imports> {
  const main = existsSync(join(ROOT, "main.ts")) ? ["main.ts"] : [];
  return readImports([...main, ...listFiles("src", isTypeScript)]);
}

/** The two checks as results of a test run. */
export async function checkLayers(): Promise<Result[]> {
  const rule = "folders import lower levels only, and a library has one door";
  const fresh = "the picture of the layers is up to date";
  try {
    const { imports, unreadable } = await readProgramImports();
    const forbidden = checkImports(imports).map(({ from, to, reason }) => `${from} → ${to}: ${reason}`);
    const problems = [...unreadable, ...forbidden];
    const document = readFileSync(DOCUMENT, "utf8");
    const isFresh = placePicture(document, drawLayers(imports)) === document;
    return [
      problems.length === 0
        ? { name: rule, outcome: "passed" }
        : { name: rule, outcome: "failed", detail: problems.join("\n") },
      isFresh
        ? { name: fresh, outcome: "passed" }
        : { name: fresh, outcome: "failed", detail: `Draw it with "deno task layers --write"` },
    ];
  } catch (error) {
    return [{ name: rule, outcome: "failed", detail: (error as Error).message }];
  }
}

async function main(args: string[]): Promise<number> {
  if (args.includes("--write")) {
    const document = readFileSync(DOCUMENT, "utf8");
    const { imports } = await readProgramImports();
    writeFileSync(DOCUMENT, placePicture(document, drawLayers(imports)));
  }
  const results = await checkLayers();
  for (const { name, outcome, detail } of results) {
    if (outcome === "passed") console.log(`ok: ${name}`);
    else console.error(`failed: ${name}\n${detail}`);
  }
  return results.every(({ outcome }) => outcome === "passed") ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
