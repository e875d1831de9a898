/**
 * Secrets, as ciphertext. Logins for registries lie beside them under `registry/HOST`, which is no secret's name.
 *
 * @module
 */

import type { SecretInfo } from "../domain/secrets.ts";
import type { Sealed } from "../support/secret_box.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { timeText } from "./rows.ts";

/** Whose names they are: `""` for secrets, else the beginning of the name. */
export type SecretKind = "" | "registry/";

/** Stores a secret, or its new value. */
export async function putSecret(
  tx: Tx,
  name: string,
  { nonce, value }: Sealed,
  now: Temporal.Instant,
): Promise<{ secret: SecretInfo; created: boolean }> {
  const created = await findSecret(tx, name) === undefined;
  await run(
    tx,
    `INSERT INTO secret (name, created, updated, nonce, value) VALUES (?1,?2,?2,?3,?4)
      ON CONFLICT (name) DO UPDATE SET updated = excluded.updated, nonce = excluded.nonce, value = excluded.value`,
    [name, timeText(now), nonce, value],
  );
  tx.announce({ kind: "secret", name });
  const { created: since, updated } = (await findSecret(tx, name))!;
  return { secret: { name, created: since, updated }, created };
}

/** A secret, or undefined. */
export const findSecret = (db: Db, name: string): Promise<SecretInfo & Sealed | undefined> =>
  queryOne(db, "SELECT name, created, updated, nonce, value FROM secret WHERE name = ?", [name]);

/** The secrets of a kind by name, without values. */
export async function listSecrets(db: Db, kind: SecretKind = ""): Promise<SecretInfo[]> {
  const all = await queryAll<SecretInfo>(db, "SELECT name, created, updated FROM secret ORDER BY name", []);
  return all.filter(({ name }) => kind === "" ? !name.includes("/") : name.startsWith(kind));
}

/** Deletes a secret; answers false when there was none. */
export async function deleteSecret(tx: Tx, name: string): Promise<boolean> {
  tx.announce({ kind: "secret", name });
  return await run(tx, "DELETE FROM secret WHERE name = ?", [name]) === 1;
}
