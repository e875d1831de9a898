/**
 * One process per thing: an exclusive lock that every system lets go of when the process dies.
 *
 * Neither runtime has portable file locks, and a file with a process id lies after `kill -9`. SQLite locks files on every system, so
 * the lock is an empty database held in an exclusive transaction.
 *
 * Nothing else of this process may open the file: on POSIX systems closing any descriptor of it drops the lock.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { FlowctlError, messageOf } from "./errors.ts";

/** A database that nobody refers to is collected, and its lock goes with it. */
const held = new Set<HomeLock>();

/** A lock that is held. */
export interface HomeLock {
  /** Lets go; a second call does nothing. The file stays, it means nothing by itself. */
  release(): void;
}

/**
 * Takes the lock, or answers undefined when somebody holds it, this process included.
 *
 * @param path The lock's file, e.g. `<home>/server.lock`; its folder exists.
 * @throws {FlowctlError} `forbidden` when the file can't be made or written.
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from "node:fs";
 * import { lockHome } from "./home_lock.ts";
 *
 * const folder = mkdtempSync("/tmp/flowctl-doc-");
 * const lock = lockHome(`${folder}/server.lock`);
 * console.assert(lock !== undefined && lockHome(`${folder}/server.lock`) === undefined);
 * lock?.release();
 * rmSync(folder, { recursive: true });
 * ```
 */
export function lockHome(path: string): HomeLock | undefined {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    // Statements, not exec(): Deno's exec errors carry no code.
    db.prepare("PRAGMA busy_timeout = 0").get();
    // No journal file beside the lock; nothing is ever written.
    db.prepare("PRAGMA journal_mode = MEMORY").get();
    db.prepare("BEGIN EXCLUSIVE").run();
  } catch (error) {
    db?.close();
    if (isBusy(error)) return undefined;
    throw new FlowctlError("forbidden", `Cannot lock "${path}": ${messageOf(error)}`, {
      hint: "Set FLOWCTL_HOME to a folder that this user may write.",
      cause: error,
    });
  }
  const lock: HomeLock = {
    release() {
      if (held.delete(lock)) db.close();
    },
  };
  held.add(lock);
  return lock;
}

/** Whether somebody holds the lock, without keeping it. */
export function isHomeLocked(path: string): boolean {
  const lock = lockHome(path);
  lock?.release();
  return lock === undefined;
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code !== undefined && (code & 0xff) === 5 || /database is locked/.test(messageOf(error));
}
