/**
 * Loads users' files and bundles into this process.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, extname, join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { bundleHash } from "../domain/bundles.ts";
import { FlowctlError } from "../support/errors.ts";
import { removeFolder } from "../support/files.ts";
import { hideFolder } from "../support/stacks.ts";
import { bun } from "./bun.ts";
import { bundleFile } from "./bundler.ts";
import { loadError } from "./load_errors.ts";
import { provideStandIns } from "./missing_packages.ts";
import { SDK_NAMES } from "./sdk_modules.ts";
import { findImportMap, type ImportMap } from "./specifiers.ts";

/** A loaded module's exports. */
export type Module = Record<string, unknown>;

const EXTENSIONS = [".ts", ".mts", ".js", ".mjs"];
const loads = new Map<string, number>();

/** Checks that a path is a file that can be loaded, and resolves links. @throws {FlowctlError} `not_found`, `invalid` */
export function userFile(path: string): string {
  const absolute = resolve(path);
  if (!existsSync(absolute)) throw new FlowctlError("not_found", `Cannot load "${path}": there is no such file`);
  if (!statSync(absolute).isFile()) throw new FlowctlError("invalid", `Cannot load "${path}": it is not a file`);
  if (!EXTENSIONS.includes(extname(absolute))) {
    throw new FlowctlError(
      "invalid",
      `Cannot load "${path}": it ends in "${extname(absolute)}", not in ${EXTENSIONS.join(", ")}`,
    );
  }
  return realpathSync(absolute);
}

/** The specifier that loads a file, and loads it anew when it was loaded before (it may have been edited). */
function specifierOf(path: string): string {
  const times = (loads.get(path) ?? 0) + 1;
  loads.set(path, times);
  // Bun ignores the query of a file URL, and takes a plain path's.
  const base = bun === undefined ? pathToFileURL(path).href : path;
  return times === 1 ? base : `${base}?${times}`;
}

/**
 * Loads a user's file; what it imports as `"flowctl"` is this program's own SDK.
 *
 * @throws {FlowctlError} `user_code`, one sentence with file, line and column.
 */
export async function loadFile(path: string): Promise<Module> {
  const file = userFile(path);
  try {
    // Bun reads no import map when it loads, and its hooks are not asked about bare names; its bundler's are.
    if (bun !== undefined && hasOwnNames(findImportMap(file))) return await loadVirtual((await bundleFile(file)).text);
    return await import(specifierOf(file)) as Module;
  } catch (error) {
    throw await loadError(error, file);
  }
}

/**
 * Loads a user's file although packages that it imports are not installed beside it: they get stand-ins, which may be handed on and
 * not used. See `missing_packages.ts`.
 *
 * @returns The names of those packages.
 * @throws {FlowctlError} as {@link loadFile}
 */
export async function loadFileWithStandIns(path: string): Promise<Set<string>> {
  const file = userFile(path);
  const standIns = new Set<string>();
  const { text } = await bundleFile(file, { standIns });
  provideStandIns();
  try {
    if (bun === undefined) await loadFromFolder(text);
    else await loadVirtual(text);
  } catch (error) {
    throw await loadError(error, file);
  }
  return standIns;
}

/** Whether an import map says more than where the SDK lies (which is all that `flowctl init` writes). */
function hasOwnNames(map: ImportMap | undefined): boolean {
  return Object.keys(map?.imports ?? {}).some((name) => !(SDK_NAMES as readonly string[]).includes(name));
}

/**
 * Loads a user's file as the main module: `import.meta.main` is true in it (not in what it imports) and `process.argv` is its
 * own. Returns when its top level has run.
 */
export async function runAsMain(path: string, args: string[]): Promise<Module> {
  const file = userFile(path);
  process.argv.splice(1, Infinity, file, ...args);
  if (bun !== undefined) bun.main = file;
  else await claimMain(pathToFileURL(file).href);
  try {
    return await import(bun === undefined ? pathToFileURL(file).href : file) as Module;
  } catch (error) {
    throw await loadError(error, file);
  }
}

/** Deno's main module cannot be set; the words are replaced by others of the same length, so that columns stay right. */
async function claimMain(url: string): Promise<void> {
  // Not imported at the top: Bun has no such export and would refuse the whole module.
  const { registerHooks } = await import("node:module");
  registerHooks({
    load(loaded, context, next) {
      const result = next(loaded, context);
      if (loaded !== url) return result;
      return { ...result, source: String(result.source).replaceAll("import.meta.main", "(true/********/)") };
    },
  });
}

/**
 * Loads a bundle.
 *
 * In Bun nothing is written: a container's file system may be read-only and have no `/tmp`. Deno shows good stacks only for files,
 * so there the text is put into a temporary folder for as long as it takes to load.
 *
 * @param hash What the text's SHA-256 must be.
 * @param folder The folder whose `node_modules` the bundle's imports are looked up in; the text is written there.
 * @throws {FlowctlError} `conflict` when the hash is another one, `user_code` when it throws while loading.
 */
export async function loadBundle(text: string, hash?: string, folder?: string): Promise<Module> {
  const found = bundleHash(text);
  if (hash !== undefined && hash !== found) {
    throw new FlowctlError("conflict", `Cannot load bundle "${hash}": the text has the hash "${found}"`);
  }
  try {
    // From a virtual module packages would be looked for in the current folder only.
    if (folder !== undefined) return await loadFromFolder(text, folder);
    return bun === undefined ? await loadFromFolder(text) : await loadVirtual(text);
  } catch (error) {
    throw await loadError(error, "flow.js");
  }
}

/**
 * Loads code from where a storage put it in an image: a bundle or a user's own file, from its place, beside which its packages lie.
 *
 * @throws {FlowctlError} `user_code` when it throws while loading.
 */
export async function loadStored(path: string): Promise<Module> {
  hideFolder(dirname(path));
  try {
    return await import(specifierOf(path)) as Module;
  } catch (error) {
    throw await loadError(error, path);
  }
}

async function loadVirtual(text: string): Promise<Module> {
  const name = `flowctl:bundle/${randomUUID()}`;
  bun!.plugin({
    name,
    setup: (builder) => builder.module(name, () => ({ contents: text, loader: "js" })),
  });
  return await import(name) as Module;
}

async function loadFromFolder(text: string, given?: string): Promise<Module> {
  const folder = given ?? writableFolder();
  if (folder === undefined) {
    return await import(`data:text/javascript;base64,${Buffer.from(text, "utf8").toString("base64")}`) as Module;
  }
  // Deep enough that sources of folders above ("./../lib.ts") still lie in the temporary folder.
  const base = join(folder, ..."abcdefgh");
  hideFolder(folder, base);
  try {
    mkdirSync(base, { recursive: true });
    writeFileSync(join(base, "flow.mjs"), text, { mode: 0o600 });
    return await import(pathToFileURL(join(base, "flow.mjs")).href) as Module;
  } finally {
    // A folder that was given holds what the flow may import later.
    if (given === undefined) removeFolder(folder);
  }
}

function writableFolder(): string | undefined {
  for (const parent of [tmpdir(), "/dev/shm", homedir(), process.cwd()]) {
    try {
      return realpathSync(mkdtempSync(join(parent, "flowctl-")));
    } catch {
      // The next one.
    }
  }
  return undefined;
}
