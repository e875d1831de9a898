/**
 * Bundles by their hash.
 *
 * @module
 */

import { type BundleHash, bundleHash, MAX_BUNDLE_BYTES } from "../domain/bundles.ts";
import { FlowctlError } from "../support/errors.ts";
import { queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { notFound, timeText } from "./rows.ts";

/**
 * Stores a bundle; answers false when it was there already.
 *
 * @throws {FlowctlError} `invalid` when the text has another hash, `too_large` above {@link MAX_BUNDLE_BYTES}.
 */
export async function putBundle(tx: Tx, hash: BundleHash, text: string, now: Temporal.Instant): Promise<boolean> {
  const size = new TextEncoder().encode(text).length;
  if (size > MAX_BUNDLE_BYTES) {
    throw new FlowctlError(
      "too_large",
      `Cannot store bundle: it has ${size} bytes, and at most ${MAX_BUNDLE_BYTES} are allowed`,
    );
  }
  if (bundleHash(text) !== hash) {
    throw new FlowctlError("invalid", `Cannot store bundle "${hash}": its text has another hash`);
  }
  const sql = "INSERT INTO bundle (hash, created, size, text) VALUES (?,?,?,?) ON CONFLICT DO NOTHING";
  return await run(tx, sql, [hash, timeText(now), size, text]) === 1;
}

/** Whether a bundle is stored. */
export const bundleExists = async (db: Db, hash: BundleHash): Promise<boolean> =>
  await queryOne(db, "SELECT 1 FROM bundle WHERE hash = ?", [hash]) !== undefined;

/** The text of a bundle. @throws {FlowctlError} `not_found` */
export async function readBundle(db: Db, hash: BundleHash): Promise<string> {
  const row = await queryOne<{ text: string }>(db, "SELECT text FROM bundle WHERE hash = ?", [hash]);
  if (!row) throw notFound("Bundle", hash);
  return row.text;
}
