/**
 * The Bun that compiles the binary and runs the unit tests a second time. It is an npm package per platform.
 *
 * @module
 */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { denoPath, run } from "./command.ts";
import { readConfig, ROOT } from "./project.ts";

/** The platforms that `deno task compile --target` knows, with Bun's names for them. */
export const TARGETS = {
  "linux-x64": "bun-linux-x64",
  "linux-arm64": "bun-linux-arm64",
  "linux-x64-musl": "bun-linux-x64-musl",
  "windows-x64": "bun-windows-x64",
  "darwin-arm64": "bun-darwin-arm64",
  "darwin-x64": "bun-darwin-x64",
} as const satisfies Record<string, string>;

/** A platform that the binary can be compiled for. */
export type Target = keyof typeof TARGETS;

/**
 * Finds Bun for this machine. `deno.json` names the package for Linux on x64; on another machine the package of the same
 * version is installed into a folder inside `dist`.
 *
 * @returns Absolute path of the executable
 * @throws When the package cannot be installed
 */
export async function bunPath(): Promise<string> {
  const name = hostPackage(process.platform, process.arch, hasMusl());
  const inside = join("@oven", name, "bin", process.platform === "win32" ? "bun.exe" : "bun");
  const installed = join(ROOT, "node_modules", inside);
  if (existsSync(installed)) return installed;

  const version = bunVersion();
  const folder = join(ROOT, "dist", ".tools", `${name}-${version}`);
  const cached = join(folder, "node_modules", inside);
  if (existsSync(cached)) return cached;
  // Not inside node_modules, where Deno does not look for a deno.json.
  mkdirSync(folder, { recursive: true });
  const config = { nodeModulesDir: "auto", imports: { [`@oven/${name}`]: `npm:@oven/${name}@${version}` } };
  writeFileSync(join(folder, "deno.json"), JSON.stringify(config));
  const { code, output } = await run(denoPath(), ["install"], { cwd: folder });
  if (code === 0 && existsSync(cached)) return cached;
  throw new Error(`Cannot install Bun for this machine: package "@oven/${name}" ${version}: ${output.trim()}`);
}

/** The version of Bun that `deno.json` pins, for example `1.4.5`. */
export function bunVersion(): string {
  return readConfig().imports["@oven/bun-linux-x64"].split("@").at(-1)!;
}

/** Name of Bun's npm package below `@oven` for a platform and architecture as `node:process` names them. */
export function hostPackage(platform: string, arch: string, musl: boolean): string {
  const system = platform === "win32" ? "windows" : platform;
  const processor = arch === "arm64" ? "aarch64" : arch;
  return `bun-${system}-${processor}${platform === "linux" && musl ? "-musl" : ""}`;
}

/** Alpine and its like have musl's loader where others have glibc's. */
function hasMusl(): boolean {
  return process.platform === "linux" && existsSync("/lib") &&
    readdirSync("/lib").some((name) => name.startsWith("ld-musl-"));
}
