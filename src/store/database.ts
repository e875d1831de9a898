/**
 * Opens the store: one SQLite file, one connection that writes, one that reads.
 *
 * @example
 * ```ts
 * import { openStore } from "./database.ts";
 * import { createFlow, listFlows } from "./flows.ts";
 * import { systemClock } from "../support/clock.ts";
 *
 * const store = await openStore({ path: ":memory:", clock: systemClock });
 * await store.write((tx) => createFlow(tx, { name: "my-flow", tags: [], project: "default" }, systemClock.now()));
 * console.assert((await listFlows(store.read, {})).length === 1);
 * await store.close();
 * ```
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { Clock } from "../support/clock.ts";
import { type Change, ChangeFeed, type Changes } from "./changes.ts";
import { Connection, kyselyOver } from "./connection.ts";
import { checkFile, migrate } from "./migrations/mod.ts";
import { openReader, openWriter, preparePrivateFile, settleWriter } from "./open_file.ts";
import { openingError } from "./sqlite_errors.ts";
import type { Tables } from "./tables.ts";
import { Writer } from "./writer.ts";

export type { Change, Changes } from "./changes.ts";

/** A connection that answers questions. */
export type Db = Kysely<Tables>;

/** The writing connection inside of {@link Store.write}. */
export type Tx = Db & {
  /** Tells subscribers after the commit; forgotten when the closure throws. */
  announce(change: Change): void;
};

/** See the module's comment. */
export interface Store {
  /** Reads what is committed. Each query sees the newest commit; two of them may see different ones. */
  read: Db;
  /**
   * Changes things. The closure awaits nothing but `tx` (and never `write`, which would wait for itself); those of one turn of the
   * event loop share one commit, and resolve after it. When it throws, nothing of it is kept.
   *
   * @throws {FlowctlError} `unavailable` when the disk is full or another program keeps the lock for half a minute.
   */
  write<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  changes: Changes;
  /** Finishes the writes that were asked for and closes the file. */
  close(): Promise<void>;
}

/** What {@link openStore} takes. */
export interface StoreOptions {
  /** The file; `:memory:` is a temporary one that goes when the store is closed. */
  path: string;
  clock: Clock;
}

/**
 * Opens the database, makes or migrates it first when needed.
 *
 * @throws {FlowctlError} `unavailable` when the file cannot be used, `unsupported` when it is newer than this program, another
 * program's, or a pragma is not in force.
 */
export function openStore({ path: given, clock }: StoreOptions): Promise<Store> {
  const temporary = given === ":memory:" ? mkdtempSync(join(tmpdir(), "flowctl-store-")) : undefined;
  const path = temporary ? join(temporary, "flowctl.db") : given;
  try {
    return Promise.resolve(open(path, clock, temporary));
  } catch (error) {
    if (temporary) rmSync(temporary, { recursive: true, force: true });
    return Promise.reject(openingError(path, error));
  }
}

function open(path: string, clock: Clock, temporary: string | undefined): Store {
  preparePrivateFile(path);
  const file = openWriter(path, (db) => checkFile(db, path));
  let reader: Connection;
  try {
    migrate(file, path, clock.now());
    settleWriter(file);
    reader = new Connection(openReader(path));
  } catch (error) {
    file.close();
    throw error;
  }
  const connection = new Connection(file);
  const changes = new ChangeFeed(() => connection.pragma("data_version"), `${path}-wal`);
  const writer = new Writer(connection, (committed) => changes.publish(committed));
  let announce: (change: Change) => void = () => {};
  const tx: Tx = Object.assign(kyselyOver(connection), { announce: (change: Change) => announce(change) });
  return {
    read: kyselyOver(reader),
    write: (fn) =>
      writer.write(async (own) => {
        announce = own;
        return await fn(tx);
      }),
    changes,
    async close() {
      await writer.close();
      changes.close();
      reader.close();
      connection.close();
      if (temporary) rmSync(temporary, { recursive: true, force: true });
    },
  };
}
