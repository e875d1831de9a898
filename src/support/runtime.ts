/**
 * Which runtime this is, and where its executable lies. The only place that asks.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";

interface BunGlobal {
  version: string;
  main: string;
}
interface DenoGlobal {
  version: { deno: string };
  mainModule: string;
}

const globals = globalThis as unknown as { Bun?: BunGlobal; Deno?: DenoGlobal };

/** Whether this is Bun: from source, or the compiled binary. */
export const isBun: boolean = globals.Bun !== undefined;

/** Whether this is the compiled binary, whose modules lie in a virtual folder. */
export const isCompiled: boolean = isBun
  ? /^(\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/i.test(globals.Bun!.main) || import.meta.url.includes("/$bunfs/")
  : (globals.Deno as { build?: { standalone?: boolean } } | undefined)?.build?.standalone === true;

/** `bun1.4` or `deno2.9`: the runtime part of the default image's tag. */
export const runtimeTag: string = isBun
  ? `bun${majorMinor(globals.Bun!.version)}`
  : `deno${majorMinor(globals.Deno?.version.deno ?? "0.0")}`;

function majorMinor(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/**
 * The command that runs this program again: `["/usr/bin/flowctl"]`, or the runtime with `main.ts` when run from source.
 * @param mainModule Path of `main.ts`; only used from source
 */
export function selfCommand(mainModule: string): string[] {
  if (isCompiled) return [process.execPath];
  return isBun
    ? [process.execPath, mainModule]
    : [process.execPath, "run", "-A", "--node-modules-dir=manual", mainModule];
}

/** Where `deno compile` is given files to carry along; Bun knows them by their names alone. */
export const CARRIED_FILES = "dist/.carried";

/** The files that were compiled into the binary, by the names they were given; none when run from source. */
export function embeddedFiles(): { name: string; read(): Promise<Uint8Array> }[] {
  if (!isCompiled) return [];
  if (!isBun) {
    const folder = fileURLToPath(new URL(`../../${CARRIED_FILES}/`, import.meta.url));
    return readdirSync(folder).map((name) => ({ name, read: () => readFile(folder + name) }));
  }
  const files = (globals.Bun as { embeddedFiles?: readonly (Blob & { name: string })[] }).embeddedFiles ?? [];
  return files.map((file) => ({ name: file.name, read: async () => new Uint8Array(await file.arrayBuffer()) }));
}
