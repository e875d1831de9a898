/**
 * Log records of runs.
 *
 * @module
 */

import { z } from "zod";
import { Id, optional, Timestamp } from "./common.ts";
import { LOG_LEVELS, type LogLevelName, logLevelName } from "./log_levels.ts";

export { LOG_LEVELS, type LogLevelName, logLevelName };

/** Names a run's least level to `flow-run execute`; `flowctl run --log-level` sets it. Absent: everything is recorded. */
export const LOG_LEVEL_VARIABLE = "FLOWCTL_RUN_LOG_LEVEL";

/** Reads a level's name, in any case; undefined for what is none. */
export function readLogLevel(text: unknown): LogLevelName | undefined {
  const name = typeof text === "string" ? text.trim().toUpperCase() : "";
  return Object.hasOwn(LOG_LEVELS, name) ? name as LogLevelName : undefined;
}

/** The longest message in characters; Prefect's number. The SDK and the agent cut longer ones, the API refuses them. */
export const MAX_LOG_MESSAGE = 1_000_000;

/** The most records in one `POST /logs/`. */
export const MAX_LOG_BATCH = 5_000;

/** A record as it is sent. */
export const LogCreate = z.object({
  name: z.string().max(500),
  level: z.int(),
  message: z.string().max(MAX_LOG_MESSAGE),
  timestamp: Timestamp,
  flow_run_id: optional(Id),
  task_run_id: optional(Id),
  /**
   * Ours. Unique within the flow run: a record that was sent before is ignored. The SDK's are `<attempt>:s<sequence>`, the
   * agent's, of lines a container printed, `<attempt>:c<engine timestamp>:<ordinal>`, and of what it did before there was one,
   * `<attempt>:p<timestamp>:<ordinal>`.
   */
  key: optional(z.string().max(200)),
});
/** See {@link LogCreate}. */
export type LogCreate = z.input<typeof LogCreate>;

/** A record as it is answered. */
export const Log = z.object({
  id: Id,
  created: Timestamp,
  updated: Timestamp,
  name: z.string(),
  level: z.int(),
  message: z.string(),
  timestamp: Timestamp,
  flow_run_id: Id.nullable(),
  task_run_id: Id.nullable(),
});
/** See {@link Log}. */
export type Log = z.output<typeof Log>;
