/**
 * Calls about logs.
 *
 * @module
 */

import type { z } from "zod";
import type { LogQuery } from "../domain/filters.ts";
import type { Log, LogCreate } from "../domain/logs.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const logs = (api: Transport) => ({
  /** Stores records; those whose `key` the run has already are ignored, so sending again is safe. */
  create: (records: LogCreate[], signal?: AbortSignal) =>
    api.json<null>("POST", "/logs/", {
      body: records,
      signal,
      reads: records.every((record) => record.key !== undefined),
    }),
  list: (query: z.input<typeof LogQuery> = {}) => api.json<Log[]>("POST", "/logs/filter", { body: query, reads: true }),
});
