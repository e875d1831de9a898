/**
 * Where a path of this machine leads.
 *
 * @module
 */

import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Follows all links. What is not there yet lies behind the links that are. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path || parent === "." ? path : join(realPath(parent), basename(path));
  }
}
