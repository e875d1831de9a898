/**
 * Removing folders, on every system.
 *
 * @module
 */

import { lstatSync, readdirSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/**
 * Removes a folder and all that is in it; nothing happens when it is not there. Links are removed, never followed.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { removeFolder } from "./files.ts";
 *
 * removeFolder(mkdtempSync("/tmp/flowctl-doc-"));
 * ```
 */
export function removeFolder(path: string, platform: string = process.platform): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    // Bun asks Windows for a deletion of folders that not every file system knows (nor does Wine): EFAULT. One by one it goes.
    if (platform !== "win32") throw error;
    removeEach(path);
  }
}

function removeEach(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) return unlinkSync(path);
  for (const name of readdirSync(path)) removeEach(join(path, name));
  rmdirSync(path);
}
