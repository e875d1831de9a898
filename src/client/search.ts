/**
 * The call that searches.
 *
 * @module
 */

import type { SearchHit } from "../domain/search.ts";
import type { Transport } from "./transport.ts";

/** Finds by name or id; `limit` is of each kind. */
export const search = (api: Transport) => (q: string, options: { limit?: number; signal?: AbortSignal } = {}) =>
  api.json<SearchHit[]>("GET", "/search", { query: { q, limit: options.limit }, signal: options.signal });
