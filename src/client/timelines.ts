/**
 * Calls about the timelines of flow runs.
 *
 * @module
 */

import type { Timeline } from "../domain/timelines.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const timelines = (api: Transport) => ({
  /** @param after The last answer's; then only what changed since is answered. */
  read: (flowRunId: string, after?: string, signal?: AbortSignal) =>
    api.json<Timeline>("GET", `/flow_runs/${flowRunId}/timeline`, { query: { after }, signal }),
});
