/**
 * `deno task compile`: writes `dist/flowctl`. `--target PLATFORM` compiles for another platform, `--with deno` uses
 * `deno compile`.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { type Target, TARGETS } from "./lib/bun.ts";
import { compile } from "./lib/compile.ts";
import { projectPath } from "./lib/project.ts";
import { duration } from "./lib/results.ts";

const USAGE = `Usage: deno task compile [--target ${Object.keys(TARGETS).join("|")}] [--with bun|deno]`;

async function main(args: string[]): Promise<number> {
  let target: string | undefined;
  let runtime: string | undefined;
  try {
    const { values } = parseArgs({ args, options: { target: { type: "string" }, with: { type: "string" } } });
    ({ target, with: runtime } = values);
  } catch (error) {
    return usage((error as Error).message);
  }
  if (target !== undefined && !(target in TARGETS)) return usage(`Unknown target "${target}"`);
  if (runtime !== undefined && runtime !== "bun" && runtime !== "deno") return usage(`Unknown runtime "${runtime}"`);
  try {
    const { path, bytes, ms } = await compile({ target: target as Target, runtime });
    console.log(`${projectPath(path)}: ${(bytes / 1e6).toFixed(1)} MB in ${duration(ms)}`);
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}

function usage(problem: string): number {
  console.error(`${problem}\n${USAGE}`);
  return 2;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
