/**
 * Which Linux binary of flowctl goes into containers, and its hash.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isElfOf, patchedFile } from "../support/elf.ts";
import { FlowctlError } from "../support/errors.ts";
import { type Environment, inHome } from "../support/paths.ts";

/** See {@link findLinuxExecutable}. */
export interface LinuxExecutableOptions {
  /** The engine's architecture, as Docker names it: `amd64`, `arm64`. */
  architecture: string;
  /** This process's executable, when it is the compiled binary. */
  own?: string;
  env: Environment;
  /** Folder of `main.ts`, when run from source: `dist/flowctl` in it counts. */
  sourceFolder?: string;
}

/** `x86_64` → `amd64`, `aarch64` → `arm64`: `GET /info` and the images' `Architecture` use different words. */
export function dockerArchitecture(machine: string): string {
  return ({ x86_64: "amd64", aarch64: "arm64" } as Record<string, string>)[machine] ?? machine;
}

/**
 * Finds a binary that runs on the engine: this very executable, else `FLOWCTL_LINUX_BINARY`, else `dist/flowctl` of the source.
 *
 * @throws FlowctlError `unsupported`, saying what was looked at and what to do.
 */
export function findLinuxExecutable({ architecture, own, env, sourceFolder }: LinuxExecutableOptions): string {
  if (own !== undefined && isElfOf(own, architecture)) return own;
  const named = env.FLOWCTL_LINUX_BINARY?.trim();
  if (named) {
    if (isElfOf(named, architecture)) return named;
    throw new FlowctlError(
      "unsupported",
      `Cannot use FLOWCTL_LINUX_BINARY "${named}": it is no Linux executable for ${architecture}`,
      { hint: "Name a flowctl binary that was compiled for the engine's architecture" },
    );
  }
  const built = sourceFolder === undefined ? undefined : join(sourceFolder, "dist", "flowctl");
  if (built !== undefined && isElfOf(built, architecture)) return built;
  const target = architecture === "arm64" ? "linux-arm64" : "linux-x64";
  throw new FlowctlError(
    "unsupported",
    `Cannot put flowctl into a container: there is no flowctl binary for Linux on ${architecture} here`,
    {
      hint: built === undefined
        ? "Set FLOWCTL_LINUX_BINARY to the path of one"
        : `Make one with: deno task compile --target ${target}, or set FLOWCTL_LINUX_BINARY to the path of one`,
    },
  );
}

/** An executable and what its content is called. */
export interface HashedExecutable {
  path: string;
  /** SHA-256 in hex. */
  sha256: string;
}

interface CachedHash {
  size: number;
  mtimeMs: number;
  sha256: string;
}

/**
 * The SHA-256 of an executable. Kept in `<home>/executables.json` by path, size and time of the last change, because hashing
 * 110 MB takes a tenth of a second.
 */
export async function hashExecutable(path: string, home: string): Promise<HashedExecutable> {
  const { size, mtimeMs } = statSync(path);
  const file = inHome(home, "executables.json");
  let cache: Record<string, CachedHash> = {};
  try {
    cache = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Not there or damaged: a cache may be lost.
  }
  const known = cache[path];
  if (known?.size === size && known.mtimeMs === mtimeMs && /^[0-9a-f]{64}$/.test(known.sha256)) {
    return { path, sha256: known.sha256 };
  }
  const hash = createHash("sha256");
  for await (const chunk of patchedFile(path)) hash.update(chunk);
  const sha256 = hash.digest("hex");
  try {
    const draft = `${file}.${crypto.randomUUID()}`;
    writeFileSync(draft, JSON.stringify({ ...cache, [path]: { size, mtimeMs, sha256 } }), { mode: 0o600 });
    renameSync(draft, file);
  } catch {
    // A home that can't be written only costs the time of hashing.
  }
  return { path, sha256 };
}
