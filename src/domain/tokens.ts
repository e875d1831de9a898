/**
 * Tokens: who may ask the API for what. Ours; they stand in for the tokens of Prefect's cloud.
 *
 * A token is a random text that is shown once, when it is made; stored is its hash. The token of a single run is none of these: it is
 * the lease's, and lives as long as the attempt.
 *
 * @module
 */

import { z } from "zod";
import { Id, optional, Timestamp } from "./common.ts";

/** What tokens are good for, from the most to the least; each includes what follows. */
export const TOKEN_SCOPES = ["ADMIN", "USER", "RUNNER"] as const;
/** `ADMIN`: everything. `USER`: everything but tokens and settings. `RUNNER`: what an agent needs, to claim and report runs. */
export type TokenScope = typeof TOKEN_SCOPES[number];

/** Whether a scope is enough where another is needed. */
export const isEnough = (scope: TokenScope, needed: TokenScope): boolean =>
  TOKEN_SCOPES.indexOf(scope) <= TOKEN_SCOPES.indexOf(needed);

/** What every token begins with, so that people and scanners of secrets know one when they see it. */
export const TOKEN_PREFIX = "fct_";

/** How many random bytes a token has. */
export const TOKEN_BYTES = 32;

/** The text of a token with those random bytes. */
export function tokenText(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return TOKEN_PREFIX + base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// The bound keeps what follows a token in a longer text out of it.
const TOKENS = /\bfct_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g;

/** A text in which every token is replaced by its prefix and stars. */
export const withoutTokens = (text: string): string => text.replace(TOKENS, `${TOKEN_PREFIX}********`);

/** `POST /tokens/`. */
export const TokenCreate = z.object({
  name: z.string().trim().min(1).max(200),
  scope: optional(z.enum(TOKEN_SCOPES)),
  /** From then on the token is refused. */
  expires: optional(Timestamp),
});
/** See {@link TokenCreate}; the scope is `USER` when nothing is said. */
export type TokenCreate = z.input<typeof TokenCreate>;

/** A token as it is answered: without its text, which nobody has but its owner. */
export const Token = z.object({
  id: Id,
  created: Timestamp,
  name: z.string(),
  scope: z.enum(TOKEN_SCOPES),
  /** To the minute. */
  last_used: Timestamp.nullable(),
  expires: Timestamp.nullable(),
  revoked: Timestamp.nullable(),
});
/** See {@link Token}. */
export type Token = z.output<typeof Token>;

/** The answer to `POST /tokens/`: the only one that holds the token itself. */
export const TokenMade = Token.extend({ token: z.string() });
/** See {@link TokenMade}. */
export type TokenMade = z.output<typeof TokenMade>;

/** `GET /tokens/me`: as whom the API knows who asks. */
export const WhoAmI = z.object({
  /** `local`: this machine is trusted; `home`: the token file of the server's home; `page`: a browser that signed in. */
  kind: z.enum(["local", "home", "page", "token", "run"]),
  /** Of the token. */
  name: z.string().nullable(),
  /** Null for a run's own token. */
  scope: z.enum(TOKEN_SCOPES).nullable(),
});
/** See {@link WhoAmI}. */
export type WhoAmI = z.output<typeof WhoAmI>;
