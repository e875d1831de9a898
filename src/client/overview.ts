/**
 * The call of the overview. Ours.
 *
 * @module
 */

import type { Overview, OverviewQueryInput } from "../domain/overview.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const overview = (api: Transport) => ({
  read: (query: OverviewQueryInput) => api.json<Overview>("POST", "/overview", { body: query, reads: true }),
});
