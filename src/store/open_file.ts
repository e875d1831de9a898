/**
 * Opening the database file: who may read it, the pragmas that make a commit durable, and both connections.
 *
 * @module
 */

import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { FlowctlError } from "../support/errors.ts";
import { isBusy } from "./sqlite_errors.ts";

/** How long opening waits for other openers, in milliseconds. */
const OPENING_TIMEOUT_MS = 5000;

/** How long a statement blocks the event loop when another process holds the lock; see `writer.ts`. */
const BUSY_TIMEOUT_MS = 10;

/** Pragmas and what they must read back as. */
const PRAGMAS: [name: string, value: string, readBack: string | number][] = [
  ["journal_mode", "WAL", "wal"],
  // FULL: an acknowledged write survives loss of power. NORMAL would lose the last commits.
  ["synchronous", "FULL", 2],
  ["foreign_keys", "ON", 1],
  ["temp_store", "MEMORY", 2],
  ["cache_size", "-16000", -16000],
];

/** Makes the folder (0700) and an empty file (0600) when they are not there; both keep to their owner. */
export function preparePrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite gives -wal and -shm the rights of the file itself.
  closeSync(openSync(path, "a", 0o600));
  if (process.platform === "win32") return;
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
}

/**
 * Opens the writing connection with the long busy timeout; {@link settleWriter} shortens it.
 *
 * @param check Throws when the file is not to be touched; asked before anything is changed in it.
 */
export function openWriter(path: string, check: (db: DatabaseSync) => void): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec(`PRAGMA busy_timeout=${OPENING_TIMEOUT_MS}`);
    check(db);
    for (const [name, value, expected] of PRAGMAS) setPragma(db, path, name, value, expected);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Ends the phase of opening. */
export function settleWriter(db: DatabaseSync): void {
  db.exec(`PRAGMA busy_timeout=${BUSY_TIMEOUT_MS}`);
}

/** Opens the reading connection; it cannot write, and never waits for the writer. */
export function openReader(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true });
  db.exec(`PRAGMA busy_timeout=${BUSY_TIMEOUT_MS}`);
  db.exec("PRAGMA query_only=ON");
  db.exec("PRAGMA cache_size=-16000");
  return db;
}

function setPragma(db: DatabaseSync, path: string, name: string, value: string, expected: string | number): void {
  const until = Date.now() + OPENING_TIMEOUT_MS;
  for (;;) {
    try {
      db.prepare(`PRAGMA ${name}=${value}`).all();
      const found = Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
      if (String(found).toLowerCase() === String(expected)) return;
      throw new FlowctlError(
        "unsupported",
        `Cannot open database "${path}": "${name}" is "${found}", not "${expected}"`,
        {
          hint: name === "journal_mode"
            ? "Put it on a local disk: network file systems have no shared memory."
            : undefined,
        },
      );
    } catch (error) {
      // The switch to WAL is refused at once, in spite of busy_timeout, while another process opens the same new file.
      if (!isBusy(error) || Date.now() > until) throw error;
    }
  }
}
