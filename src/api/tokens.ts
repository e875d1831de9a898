/**
 * Routes of tokens. Ours.
 *
 * @module
 */

import { z } from "zod";
import { optional } from "../domain/common.ts";
import { Token, TokenCreate, TokenMade, WhoAmI } from "../domain/tokens.ts";
import { insertToken, listTokens, revokeToken } from "../store/tokens.ts";
import { whoIs } from "./auth.ts";
import { made, ok, type Route, route } from "./route.ts";

const tag = "Tokens";

/** See the module's comment. */
export const tokenRoutes: Route[] = [
  route({
    method: "POST",
    path: "/tokens/",
    tag,
    access: "ADMIN",
    summary: "Make a token",
    about: "The answer is the only one that ever holds the token itself. Names of tokens that are good are unique.",
    body: TokenCreate,
    answers: { 201: TokenMade },
    async handle({ write, body: { name, scope = "USER", expires }, now }) {
      const { token, text } = await write((tx) => insertToken(tx, { name, scope, expires }, now()));
      return made({ ...token, token: text }, true);
    },
  }),
  route({
    method: "POST",
    path: "/tokens/filter",
    tag,
    access: "ADMIN",
    summary: "List tokens, newest first",
    body: z.object({ revoked: optional(z.boolean()) }),
    bodyOptional: true,
    answers: { 200: z.array(Token) },
    handle: async ({ read, body }) => ok(await listTokens(read, body.revoked ?? false)),
  }),
  route({
    method: "GET",
    path: "/tokens/me",
    tag,
    access: "RUNNER",
    summary: "Say as whom the API knows who asks",
    answers: { 200: WhoAmI },
    scope: "allowed",
    handle: ({ identity }) => ok(whoIs(identity)),
  }),
  route({
    method: "DELETE",
    path: "/tokens/{id}",
    tag,
    access: "ADMIN",
    summary: "Revoke a token: from now on it is refused",
    answers: { 200: Token },
    handle: async ({ write, params, now }) => ok(await write((tx) => revokeToken(tx, params.id, now()))),
  }),
];
