/**
 * Looking at processes from outside.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";

/** Whether a process has ended. One that nobody has waited for yet (a zombie) has: who reaps orphans may take seconds. */
export function hasEnded(pid: number): boolean {
  try {
    if (process.platform === "linux") return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
