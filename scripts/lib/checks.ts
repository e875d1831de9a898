/**
 * The checks that are one command each: format, lint, types, documentation.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { denoPath, plain, run } from "./command.ts";
import { isTypeScript, listFiles, ROOT } from "./project.ts";
import type { Result } from "./results.ts";

/** Everything is written as `deno fmt` writes it. */
export const checkFormat = (): Promise<Result[]> => check("everything is formatted", ["fmt", "--check"]);

/** The linter has nothing to say. */
export const checkLint = (): Promise<Result[]> => check("the linter has nothing to say", ["lint"]);

/** Sources, tests and scripts have no type errors. */
export const checkTypes = (): Promise<Result[]> =>
  check("the types are right", ["check", "--quiet", "--node-modules-dir=manual", "."]);

/**
 * Everything that user code can import is documented. What else the tool asks for, explicit types that name no inferred ones, cannot
 * be had of schemas; `scripts/types.ts` spells those out for users.
 */
export async function checkDocs(): Promise<Result[]> {
  const doors = ["src/mod/mod.ts", "src/mod/storage.ts", "src/mod/testing.ts"];
  const there = doors.filter((file) => existsSync(join(ROOT, file)));
  const { output } = await run(denoPath(), ["doc", "--lint", ...there], {
    env: { NO_COLOR: "1" },
    timeoutMs: 5 * 60_000,
  });
  const name = "what user code can import is documented";
  const errors = plain(output).split(/^(?=error)/m);
  const missing = errors.filter((error) => error.startsWith("error[missing-jsdoc]"));
  const broken = errors.filter((error) => /^error: (?!Found \d+ documentation lint)/.test(error));
  const problems = [...missing, ...broken];
  return [{
    name,
    ...(problems.length === 0 ? { outcome: "passed" } : { outcome: "failed", detail: problems.join("") }),
  }];
}

/** The declarations that `flowctl init` writes are those of the sources. */
export async function checkDeclarations(): Promise<Result[]> {
  const name = "the declarations for editors are up to date";
  const args = ["run", "-A", "--node-modules-dir=manual", "scripts/types.ts", "--check"];
  const { code, output } = await run(denoPath(), args, { env: { NO_COLOR: "1" }, timeoutMs: 5 * 60_000 });
  return [{ name, ...(code === 0 ? { outcome: "passed" } : { outcome: "failed", detail: plain(output) }) }];
}

/** The examples in documentation comments and in the README compile and run. */
export async function checkExamples(): Promise<Result[]> {
  // A file that is named is also loaded, which one for browsers can't be.
  const hasExample = (path: string) => /```tsx?\n/.test(readFileSync(join(ROOT, path), "utf8"));
  const files = listFiles("src", (path) => isTypeScript(path) && hasExample(path));
  if (files.length === 0) return [];
  return await check("the examples in the documentation run", [
    "test",
    "-A",
    "--doc",
    "--quiet",
    "--permit-no-files",
    "--node-modules-dir=manual",
    ...files,
    "README.md",
  ]);
}

async function check(name: string, args: string[]): Promise<Result[]> {
  const { code, output, timedOut } = await run(denoPath(), args, { env: { NO_COLOR: "1" }, timeoutMs: 5 * 60_000 });
  if (code === 0) return [{ name, outcome: "passed" }];
  const detail = timedOut ? `It did not end within five minutes\n${plain(output)}` : withoutBacktrace(plain(output));
  return [{ name, outcome: "failed", detail }];
}

/** Deno built for npm ends its errors with an empty backtrace of its own. */
const withoutBacktrace = (output: string): string =>
  output.replace(/\n*Stack backtrace:\n( +\d+: <unknown>\n?)+/g, "\n");
