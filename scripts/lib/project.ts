/**
 * Where the project lies and what is in it.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the folder that holds `deno.json`. */
export const ROOT: string = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** What the scripts read of `deno.json`. */
export interface Config {
  version: string;
  imports: Record<string, string>;
}

/** Reads `deno.json`. */
export function readConfig(): Config {
  return JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
}

/** A path as the project's own files would write it: relative to the root, with `/`. */
export function projectPath(path: string): string {
  return relative(ROOT, path).split(sep).join("/");
}

/**
 * Lists files below a folder of the project, sorted, as paths relative to the root; none when the folder is not there.
 *
 * @param folder Relative to the root, for example `src/docker`
 * @param matches Which files count, by their relative path
 */
export function listFiles(folder: string, matches: (path: string) => boolean = () => true): string[] {
  const start = join(ROOT, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => projectPath(join(entry.parentPath, entry.name)))
    .filter(matches)
    .sort();
}

/** Whether a file is TypeScript of ours. */
export const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path);
