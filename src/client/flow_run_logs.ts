/**
 * Calls about the lines of one run. Ours.
 *
 * @module
 */

import type { LogFacets, LogPage } from "../domain/log_pages.ts";
import type { LogLevelName } from "../domain/log_levels.ts";
import type { Transport } from "./transport.ts";

/** Which lines. */
export interface LogFilterInput {
  /** The least level. */
  level?: LogLevelName;
  task_run_id?: string;
  text?: string;
}

/** Which page; see `domain/log_pages.ts`. */
export interface LogPageInput extends LogFilterInput {
  before?: string;
  after?: string;
  around?: string;
  since?: number;
  limit?: number;
  most?: number;
}

/** See the module's comment. */
export const flowRunLogs = (api: Transport) => ({
  page: (flowRunId: string, query: LogPageInput = {}, signal?: AbortSignal) =>
    api.json<LogPage>("GET", `/flow_runs/${flowRunId}/logs`, { query: { ...query }, signal }),
  facets: (flowRunId: string) => api.json<LogFacets>("GET", `/flow_runs/${flowRunId}/logs/facets`),
  /** Where a browser gets the file. */
  downloadUrl(flowRunId: string, { format, ...filter }: LogFilterInput & { format: "text" | "jsonl" }): string {
    const given = Object.entries({ format, ...filter }).filter(([, value]) => value !== undefined && value !== "");
    return `${api.url}/flow_runs/${flowRunId}/logs/download?${new URLSearchParams(given)}`;
  },
});
