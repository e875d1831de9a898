/**
 * Places in the user's code, read from stacks: which file and line an error comes from, without our own frames.
 *
 * Deno and the Bun binary both map stacks to the TypeScript, but write paths differently: file URLs and absolute paths for files,
 * names as they stand in the source map for a bundle. Columns differ between the engines, lines do not.
 *
 * @module
 */

import { isAbsolute, relative, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isCompiled } from "./runtime.ts";

/** A place in a source file; line and column count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

// "at f (file:///a.ts:1:2)", "at async file:///a.ts:1:2", "at /a.ts:1:2", "at f (lib.ts:1:2)".
const FRAME = /^\s*at (?:.*\()?(?:async )?(?:new )?(.+?):(\d+):(\d+)\)?\s*$/;

const HERE = import.meta.url;
const OWN_ROOT = isCompiled ? undefined : pathOf(new URL("../../", HERE).href);
// In the binary our own frames are named relative to the project.
const OWN_COMPILED =
  /^(\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/]|main\.ts$|(src\/(support|domain|config|docker|store|client|bundles|orchestration|engine|images|ui|api|services|runners|sdk|agent|server|cli|mod)|node_modules)\/)/i;

const hidden = new Map<string, string>();

/**
 * Shows places below a folder relative to it: the folder is where a bundle was put, and means nothing to its author.
 *
 * @param base What they are relative to, when it is not the folder itself.
 */
export function hideFolder(folder: string, base: string = folder): void {
  hidden.set(folder.endsWith(sep) ? folder : folder + sep, base);
}

function pathOf(url: string): string {
  try {
    return url.startsWith("file:") ? fileURLToPath(url) : url;
  } catch {
    return url;
  }
}

/** The place of one line of a stack; undefined for native and internal ones. */
export function framePlace(text: string): Place | undefined {
  const found = FRAME.exec(text);
  if (found === null) return undefined;
  const file = pathOf(found[1].replace(/\?\d+$/, ""));
  if (
    /^(node|ext|deno|bun|native|internal|data|blob|<anonymous>|flowctl):?/.test(file) && !/[/\\]/.test(file.slice(0, 6))
  ) {
    return undefined;
  }
  return { file, line: Number(found[2]), column: Number(found[3]) };
}

/** Whether a file is one of this program. */
export function isOwnFile(file: string): boolean {
  if (OWN_ROOT === undefined) return OWN_COMPILED.test(file);
  if (!file.startsWith(OWN_ROOT)) return false;
  const inside = file.slice(OWN_ROOT.length).replaceAll("\\", "/");
  return /^(src|node_modules)\/|^main\.ts$/.test(inside);
}

/** The first place of a stack that is the user's: not ours, not a package's; else the first that is not ours. */
export function userPlace(error: unknown): Place | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  if (typeof stack !== "string") return undefined;
  const places = stack.split("\n").map(framePlace).filter((place) => place !== undefined)
    .filter((place) => !isOwnFile(place.file));
  return places.find((place) => !/[/\\]node_modules[/\\]/.test(place.file)) ?? places[0];
}

/** A file as people know it: relative to the bundle's folder or the current one when it lies below, else as it is. */
export function shortFile(file: string): string {
  for (const [folder, base] of hidden) if (file.startsWith(folder)) return relative(base, file).replaceAll("\\", "/");
  // The sources of a bundle all begin with "./", which tells them from our own in the binary.
  if (!isAbsolute(file)) return file.replace(/^\.\//, "");
  const fromHere = relative(process.cwd(), file);
  return fromHere === "" || fromHere.startsWith("..") || isAbsolute(fromHere) ? file : fromHere.replaceAll("\\", "/");
}

/**
 * A place as text: `flow.ts:3:9`.
 *
 * @example
 * ```ts
 * import { formatPlace } from "./stacks.ts";
 *
 * console.assert(formatPlace({ file: "lib.ts", line: 3, column: 9 }) === "lib.ts:3:9");
 * ```
 */
export function formatPlace(place: Place): string {
  return `${shortFile(place.file)}:${place.line}:${place.column}`;
}

/** An error in one line: its text and, when it is known, the user's place: `TypeError: boom (flow.ts:3:9)`. */
export function describeError(error: unknown): string {
  const text = error instanceof Error
    ? (error.name === "Error" || error.name === "FlowctlError" ? "" : `${error.name}: `) + (error.message || error.name)
    : String(error);
  const place = userPlace(error);
  return place === undefined ? text : `${text} (${formatPlace(place)})`;
}

/** The stack of an error with the user's frames only; for logs. Causes follow. */
export function userStack(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  const lines = [`${error.name}: ${error.message}`];
  for (const line of (error.stack ?? "").split("\n")) {
    const place = framePlace(line);
    if (place === undefined || isOwnFile(place.file)) continue;
    const name = /^\s*at (?:async )?(.+?) \(/.exec(line)?.[1];
    lines.push(`    at ${name === undefined ? formatPlace(place) : `${name} (${formatPlace(place)})`}`);
  }
  if (error.cause !== undefined && depth < 5) lines.push(`Caused by: ${userStack(error.cause, depth + 1)}`);
  return lines.join("\n");
}
