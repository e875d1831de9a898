/**
 * Migrations: a list that is compiled in. The number of the last one that ran is SQLite's `user_version`.
 *
 * Each runs in one transaction of its own, after a copy of the file when it held data. Two processes that open the same file at
 * once both look again inside the transaction, so each migration runs once.
 *
 * @module
 */

import { existsSync, renameSync, rmSync } from "node:fs";
import process from "node:process";
import type { DatabaseSync } from "node:sqlite";
import { FlowctlError } from "../../support/errors.ts";
import { preparePrivateFile } from "../open_file.ts";
import { initial } from "./0001_initial.ts";
import { registrations } from "./0002_registrations.ts";
import { tokensAndSecrets } from "./0003_tokens_and_secrets.ts";
import { runLists } from "./0004_run_lists.ts";
import { attempts } from "./0005_attempts.ts";
import { agentEngine } from "./0006_agent_engine.ts";

/** The SQL of each migration in order; the first has number 1. Never change one that was released. */
export const MIGRATIONS: readonly string[] = [
  initial,
  registrations,
  tokensAndSecrets,
  runLists,
  attempts,
  agentEngine,
];

/** Marks the file as ours (`PRAGMA application_id`): "flow" in ASCII. */
export const APPLICATION_ID = 0x666c6f77;

const numberOf = (db: DatabaseSync, pragma: string) => Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get()!)[0]);

/**
 * Brings the file to this program's schema.
 *
 * @param migrations Other than {@link MIGRATIONS} in tests only.
 */
export function migrate(
  db: DatabaseSync,
  path: string,
  now: Temporal.Instant,
  migrations: readonly string[] = MIGRATIONS,
): void {
  const first = numberOf(db, "user_version");
  for (let version = first; version < migrations.length; version++) {
    // A file that is made now holds nothing that could be lost.
    if (first > 0) keepCopy(db, path, version, now);
    db.prepare("BEGIN IMMEDIATE").run();
    try {
      // Another process may have been faster.
      if (numberOf(db, "user_version") === version) {
        db.exec(migrations[version]);
        db.exec(`PRAGMA application_id=${APPLICATION_ID}`);
        db.exec(`PRAGMA user_version=${version + 1}`);
      }
      db.prepare("COMMIT").run();
    } catch (error) {
      db.prepare("ROLLBACK").run();
      throw error;
    }
  }
}

/**
 * Whether this program may use the file; a new one has neither tables nor owner.
 *
 * @throws {FlowctlError} `unsupported` for a database of a newer flowctl, or of another program.
 */
export function checkFile(db: DatabaseSync, path: string, latest = MIGRATIONS.length): void {
  const owner = numberOf(db, "application_id");
  const tables = Number(Object.values(db.prepare("SELECT count(*) FROM sqlite_schema").get()!)[0]);
  if (owner !== APPLICATION_ID && (owner !== 0 || tables > 0)) {
    // A file that another process is just making has both or neither: they are written in one transaction.
    if (numberOf(db, "application_id") === APPLICATION_ID) return checkFile(db, path, latest);
    throw new FlowctlError("unsupported", `Cannot open database "${path}": it belongs to another program`);
  }
  const version = numberOf(db, "user_version");
  if (version > latest) {
    throw new FlowctlError(
      "unsupported",
      `Cannot open database "${path}": a newer flowctl made it (schema ${version}, this one knows ${latest})`,
      { hint: "Install that flowctl, or set FLOWCTL_HOME to another folder." },
    );
  }
}

/** `flowctl.db.v1-20261121T223358Z`: the file as it was before the migration from version 1. */
function keepCopy(db: DatabaseSync, path: string, version: number, now: Temporal.Instant): void {
  const copy = `${path}.v${version}-${now.toString({ smallestUnit: "second" }).replaceAll(/[-:]/g, "")}`;
  if (existsSync(copy)) return;
  const partial = `${copy}.${process.pid}`;
  rmSync(partial, { force: true });
  preparePrivateFile(partial);
  db.prepare("VACUUM INTO ?").run(partial);
  renameSync(partial, copy);
}
