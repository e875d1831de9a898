/**
 * Tokens. Their texts are nowhere here: a row holds the SHA-256 of one.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Id } from "../domain/common.ts";
import { type Token, TOKEN_BYTES, type TokenScope, tokenText } from "../domain/tokens.ts";
import { FlowctlError } from "../support/errors.ts";
import { newId } from "../support/ids.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { notFound, timeText } from "./rows.ts";

/** See the third migration. */
interface TokenRow extends Token {
  hash: string;
}

const tokenOf = ({ hash: _, ...token }: TokenRow): Token => token;

/** What is stored of a token: SHA-256 in hex. A token is random, so nothing slower is needed. */
export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Whether two hashes are equal, in a time that says nothing about where they differ. */
export function isSameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The text of a new token. */
export const newTokenText = (): string => tokenText(randomBytes(TOKEN_BYTES));

/**
 * Makes a token and answers its text, which can't be had again.
 *
 * @throws {FlowctlError} `conflict` when a token that is still good has the name
 */
export async function insertToken(
  tx: Tx,
  { name, scope, expires }: { name: string; scope: TokenScope; expires?: string },
  now: Temporal.Instant,
): Promise<{ token: Token; text: string }> {
  const taken = await queryOne(
    tx,
    "SELECT 1 FROM token WHERE name = ? AND revoked IS NULL AND (expires IS NULL OR expires > ?)",
    [name, timeText(now)],
  );
  if (taken !== undefined) {
    throw new FlowctlError("conflict", `Cannot create token "${name}": there is one of that name`, {
      hint: "Choose another name, or revoke that one",
    });
  }
  const text = newTokenText();
  const id = newId();
  await run(
    tx,
    "INSERT INTO token (id, created, name, scope, hash, expires) VALUES (?,?,?,?,?,?)",
    [id, timeText(now), name, scope, hashOf(text), expires],
  );
  tx.announce({ kind: "token", id });
  return { token: await readToken(tx, id), text };
}

/** @throws {FlowctlError} `not_found` */
export async function readToken(db: Db, id: Id): Promise<Token> {
  const row = await queryOne<TokenRow>(db, "SELECT * FROM token WHERE id = ?", [id]);
  if (!row) throw notFound("Token", id);
  return tokenOf(row);
}

/** The token of that text, be it still good or not; undefined when there never was one. */
export async function findTokenByText(db: Db, text: string): Promise<Token | undefined> {
  const hash = hashOf(text);
  const row = await queryOne<TokenRow>(db, "SELECT * FROM token WHERE hash = ?", [hash]);
  return row !== undefined && isSameHash(row.hash, hash) ? tokenOf(row) : undefined;
}

/** All tokens, the newest first; revoked ones on request. */
export const listTokens = async (db: Db, revoked: boolean): Promise<Token[]> =>
  (await queryAll<TokenRow>(
    db,
    `SELECT * FROM token ${revoked ? "" : "WHERE revoked IS NULL"} ORDER BY created DESC, id DESC`,
    [],
  )).map(tokenOf);

/** From now on the token is refused. Revoking twice is fine. @throws {FlowctlError} `not_found` */
export async function revokeToken(tx: Tx, id: Id, now: Temporal.Instant): Promise<Token> {
  await run(tx, "UPDATE token SET revoked = coalesce(revoked, ?) WHERE id = ?", [timeText(now), id]);
  tx.announce({ kind: "token", id });
  return await readToken(tx, id);
}

/** Notes that a token was used. */
export const noteTokenUsed = (tx: Tx, id: Id, now: Temporal.Instant): Promise<number> =>
  run(tx, "UPDATE token SET last_used = ? WHERE id = ?", [timeText(now), id]);

/** Whether there has ever been an ADMIN token. */
export const hasAdminToken = async (db: Db): Promise<boolean> =>
  await queryOne(db, "SELECT 1 FROM token WHERE scope = 'ADMIN' LIMIT 1", []) !== undefined;
