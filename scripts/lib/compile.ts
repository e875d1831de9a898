/**
 * Compiles the program into one file. Each flag of Bun's is there because of something measured.
 *
 * @module
 */

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { buildAssets, ENCODINGS } from "../../src/ui/assets.ts";
import { CARRIED_FILES } from "../../src/support/runtime.ts";
import { bunPath, type Target, TARGETS } from "./bun.ts";
import { denoPath, plain, run } from "./command.ts";
import { projectPath, ROOT } from "./project.ts";

const FLAGS = [
  "--compile",
  // Not --minify, which renames classes and functions: error names would read "e".
  "--minify-whitespace",
  "--minify-syntax",
  // Halves the start: 15 ms instead of 30 ms.
  "--bytecode",
  // With byte code alone top-level await does not compile.
  "--format=esm",
  // Our own stack traces name file and line, for half a megabyte.
  "--sourcemap",
  // Only used when run from source on Deno; the binary has Bun's bundler.
  "--external",
  "esbuild",
  // Without it a user's file finds no npm package beside it.
  "--compile-autoload-package-json",
  // On by default: a file in the current folder would change the program's environment, or run inside it.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

/** What to compile. */
export interface CompileOptions {
  /** Another platform; this machine's when unsaid. */
  target?: Target;
  /** The runtime inside: Bun, or Deno where its stub can be had. */
  runtime?: "bun" | "deno";
  /** The program's main module; `main.ts` when unsaid. */
  main?: string;
  /** Folder for the result; `dist` when unsaid. */
  folder?: string;
}

/** A compiled program. */
export interface Compiled {
  /** Absolute path of the executable. */
  path: string;
  bytes: number;
  ms: number;
}

/**
 * Compiles the program. The result replaces an older one only when it is complete, also while the older one runs.
 *
 * @throws With one sentence when it does not compile
 */
export async function compile(options: CompileOptions = {}): Promise<Compiled> {
  const started = performance.now();
  const folder = options.folder ?? join(ROOT, "dist");
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(folder, ".compile-"));
  const name = outputName(options, process.platform);
  try {
    const made = join(scratch, name);
    const carried = options.runtime === "deno" ? join(ROOT, CARRIED_FILES) : join(scratch, "ui");
    const pages = options.main === undefined ? await writeAssets(carried) : [];
    if (options.runtime === "deno") await compileWithDeno(made, options, pages);
    else await compileWithBun(made, options, pages);
    const path = join(folder, name);
    renameSync(made, path);
    return { path, bytes: statSync(path).size, ms: performance.now() - started };
  } finally {
    // The source map that Bun writes beside the executable, too: a copy of it is inside.
    rmSync(scratch, { recursive: true });
    rmSync(join(ROOT, CARRIED_FILES), { recursive: true, force: true });
  }
}

/** `flowctl`, `flowctl-windows-x64.exe`, `flowctl-deno`. */
export function outputName({ target, runtime }: CompileOptions, platform: string): string {
  const windows = target ? target.startsWith("windows") : platform === "win32";
  return ["flowctl", runtime === "deno" ? "deno" : undefined, target].filter(Boolean).join("-") +
    (windows ? ".exe" : "");
}

/** Bundles and compresses the dashboard. @returns Paths of the files to embed */
async function writeAssets(folder: string): Promise<string[]> {
  const { assets } = await buildAssets();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return [...assets.values()].flatMap((asset) =>
    (["br", "gzip"] as const).map((encoding) => {
      const path = join(folder, asset.name + ENCODINGS[encoding]);
      writeFileSync(path, asset[encoding]);
      return path;
    })
  );
}

async function compileWithBun(
  made: string,
  { target, main = join(ROOT, "main.ts") }: CompileOptions,
  pages: string[],
): Promise<void> {
  const platform = target ? [`--target=${TARGETS[target]}`] : [];
  const build = ["--define", `FLOWCTL_BUILD=${JSON.stringify(await buildId())}`];
  const { code, output } = await run(await bunPath(), [
    "build",
    ...FLAGS,
    ...platform,
    ...build,
    main,
    ...pages,
    "--asset-naming=[name].[ext]",
    "--outfile",
    made,
  ], {
    // Either would act on Bun before it reads its arguments.
    env: { BUN_OPTIONS: undefined, BUN_BE_BUN: undefined },
  });
  if (code !== 0 || !existsSync(made)) {
    const hint = target ? ` (the runtime of "${target}" comes from the npm registry)` : "";
    throw new Error(`Cannot compile ${projectPath(main)} with Bun${hint}:\n${plain(output).trim()}`);
  }
}

/** The same as Deno writes targets: `x86_64-unknown-linux-gnu`. */
const DENO_TARGETS: Partial<Record<Target, string>> = {
  "linux-x64": "x86_64-unknown-linux-gnu",
  "linux-arm64": "aarch64-unknown-linux-gnu",
  "windows-x64": "x86_64-pc-windows-msvc",
  "darwin-arm64": "aarch64-apple-darwin",
  "darwin-x64": "x86_64-apple-darwin",
};

async function compileWithDeno(
  made: string,
  { target, main = join(ROOT, "main.ts") }: CompileOptions,
  pages: string[],
): Promise<void> {
  const platform = target && DENO_TARGETS[target];
  if (target && !platform) throw new Error(`Cannot compile for "${target}" with Deno: it has no runtime for it`);
  const args = ["compile", "-A", "--no-check", "--node-modules-dir=manual", "--exclude", "node_modules/.deno/@oven*"];
  const { code, output } = await run(denoPath(), [
    ...args,
    ...(platform ? ["--target", platform] : []),
    ...(pages.length > 0 ? ["--include", CARRIED_FILES] : []),
    "--output",
    made,
    main,
  ]);
  if (code !== 0) throw new Error(denoFailure(plain(output), process.env.DENORT_BIN));
}

/**
 * One sentence for a `deno compile` that failed.
 *
 * @param output What Deno printed, without colours
 * @param stub Value of `DENORT_BIN`
 */
export function denoFailure(output: string, stub: string | undefined): string {
  if (stub && output.includes("Could not find denort")) {
    return `Cannot compile with Deno: DENORT_BIN names "${stub}", and no file is there`;
  }
  if (output.includes("Setting up base binary") || /Download .*denort/.test(output)) {
    return "Cannot compile with Deno: its runtime stub cannot be downloaded from here; " +
      "set DENORT_BIN to a denort of the same version, or compile with Bun";
  }
  const error = output.split("\n").find((line) => line.startsWith("error:"));
  return `Cannot compile with Deno: ${error?.slice("error:".length).trim() ?? output.trim()}`;
}

/** The commit that is compiled, with `-dirty` when files differ from it; `unknown` without git. */
async function buildId(): Promise<string> {
  const { code, stdout } = await run("git", ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]);
  return code === 0 ? stdout.trim() : "unknown";
}
