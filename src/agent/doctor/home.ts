/**
 * Can the home be written, and is there room?
 *
 * @module
 */

import { existsSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { messageOf } from "../../support/errors.ts";
import { inHome } from "../../support/paths.ts";
import { type Check, fail, ok, warn } from "./check.ts";

/** Below this a database can't be trusted to go on. */
const LEAST_BYTES = 100e6;
/** A binary's volume or image takes 120 MB, a database grows. */
const SCARCE_BYTES = 1e9;

/** What is known of a home. */
export interface HomeFacts {
  /** Why it can't be written; undefined when it can. */
  problem?: string;
  freeBytes: number;
}

/** Tries it. A home that is not there yet is not made: its nearest parent counts. */
export function lookAtHome(home: string): HomeFacts {
  let folder = home;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const trial = inHome(folder, `.flowctl-doctor-${crypto.randomUUID()}`);
  let freeBytes = 0;
  try {
    // An agent takes none that somebody else could change.
    if (folder === home && process.getuid !== undefined && statSync(home).uid !== process.getuid()) {
      return { freeBytes, problem: "it belongs to another user" };
    }
    const { bavail, bsize } = statfsSync(folder);
    freeBytes = bavail * bsize;
    writeFileSync(trial, "", { mode: 0o600 });
    rmSync(trial);
    return { freeBytes };
  } catch (error) {
    return { problem: messageOf(error), freeBytes };
  }
}

/** See the module's comment. */
export function checkHome(home: string, { problem, freeBytes }: HomeFacts): Check {
  if (problem !== undefined) {
    return fail(
      "home",
      `Home "${home}" can't be written: ${problem}`,
      "Set FLOWCTL_HOME to a folder that you may write",
    );
  }
  const room = roomOf(freeBytes);
  const fix = "Free some space, or set FLOWCTL_HOME to a folder on a larger disk";
  if (freeBytes < LEAST_BYTES) return fail("home", `The disk of home "${home}" is full: ${room} are free`, fix);
  if (freeBytes < SCARCE_BYTES) return warn("home", `The disk of home "${home}" is nearly full: ${room} are free`, fix);
  return ok("home", `Home "${home}" can be written (${room} free)`);
}

/** `12.3 GB`, `900 MB`. */
export const roomOf = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.floor(bytes / 1e6)} MB`;
