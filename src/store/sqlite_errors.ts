/**
 * What SQLite's errors mean.
 *
 * Deno's `db.exec()` throws without `errcode` (prepared statements have it), so the text is read as well.
 *
 * @module
 */

import { FlowctlError, messageOf } from "../support/errors.ts";

const codeOf = (error: unknown): number | undefined =>
  typeof (error as { errcode?: unknown } | null)?.errcode === "number"
    ? (error as { errcode: number }).errcode
    : undefined;

/** Somebody else holds the lock; trying again helps. */
export const isBusy = (error: unknown): boolean =>
  ((codeOf(error) ?? 0) & 0xff) === 5 || /database (table )?is locked/i.test(messageOf(error));

/** A UNIQUE or PRIMARY KEY constraint was hurt. */
export const isUniqueViolation = (error: unknown): boolean =>
  codeOf(error) === 2067 || codeOf(error) === 1555 || /UNIQUE constraint failed/i.test(messageOf(error));

/** A foreign key points nowhere. */
export const isForeignKeyViolation = (error: unknown): boolean =>
  codeOf(error) === 787 || /FOREIGN KEY constraint failed/i.test(messageOf(error));

/** Why a file cannot be used, as the second half of a sentence; undefined for errors that are bugs of ours. */
export function reasonOf(error: unknown): string | undefined {
  const text = messageOf(error);
  switch (codeOf(error) === undefined ? undefined : codeOf(error)! & 0xff) {
    case 5:
      return "another process keeps it locked";
    case 8:
      return "it may not be written";
    case 10:
      return "the disk does not answer as it should";
    case 11:
      return "it is damaged";
    case 13:
      return "the disk is full";
    case 14:
      return "it cannot be opened";
    case 26:
      return "it is not a database";
  }
  if (/not a database/i.test(text)) return "it is not a database";
  if (/malformed|corrupt/i.test(text)) return "it is damaged";
  if (/readonly|read-only/i.test(text)) return "it may not be written";
  if (/disk is full|ENOSPC/i.test(text)) return "the disk is full";
  if (/unable to open/i.test(text)) return "it cannot be opened";
  if (/EACCES|EPERM|EROFS/.test(text)) return "it may not be written";
  if (/EISDIR/.test(text)) return "it is a folder";
  if (/ENOTDIR|EEXIST/.test(text)) return "a part of its path is no folder";
  if (/locked/i.test(text)) return "another process keeps it locked";
  return undefined;
}

/** The sentence for a database that cannot be opened; errors that are sentences already pass. */
export function openingError(path: string, error: unknown): unknown {
  if (error instanceof FlowctlError) return error;
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  return new FlowctlError("unavailable", `Cannot open database "${path}": ${reason}`, {
    hint: "Set FLOWCTL_HOME to a folder that you may write, or move the file away to start afresh.",
    cause: error,
  });
}
