/**
 * Calls about tokens.
 *
 * @module
 */

import type { Token, TokenCreate, TokenMade, WhoAmI } from "../domain/tokens.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const tokens = (api: Transport) => ({
  /** Makes one. The answer is the only one that holds the token itself. */
  create: (body: TokenCreate) => api.json<TokenMade>("POST", "/tokens/", { body }),
  /** All of them, newest first; those that were revoked on request. */
  list: (body: { revoked?: boolean } = {}) => api.json<Token[]>("POST", "/tokens/filter", { body, reads: true }),
  /** From now on it is refused. */
  revoke: (id: string) => api.json<Token>("DELETE", `/tokens/${id}`),
  /** As whom the API knows us. */
  me: () => api.json<WhoAmI>("GET", "/tokens/me"),
});
