/**
 * Routes of logs; Prefect's, with `key` beside, by which a batch may be sent again.
 *
 * @module
 */

import { z } from "zod";
import { LogQuery } from "../domain/filters.ts";
import { Log, LogCreate, MAX_LOG_BATCH } from "../domain/logs.ts";
import { createLogs, listLogs } from "../store/logs.ts";
import { made, ok, type Route, route } from "./route.ts";
import { isOwnRun, isOwnTaskRun, visible } from "./run_scope.ts";

const tag = "Logs";

/** See the module's comment. */
export const logRoutes: Route[] = [
  route({
    method: "POST",
    path: "/logs/",
    tag,
    summary: "Store log records",
    about: `At most ${MAX_LOG_BATCH} at once. A record whose \`key\` its flow run has already is ignored.`,
    body: z.array(LogCreate).max(MAX_LOG_BATCH),
    answers: { 201: z.null() },
    afterEnd: true,
    async scope(call, lease) {
      const runs = new Set(call.body.map((log) => log.flow_run_id));
      const tasks = new Set(call.body.map((log) => log.task_run_id));
      for (const id of runs) if (id === undefined || !await isOwnRun(call, lease, id)) return false;
      for (const id of tasks) if (id !== undefined && !await isOwnTaskRun(call, lease, id)) return false;
      return true;
    },
    async handle({ write, body, now }) {
      if (body.length > 0) await write((tx) => createLogs(tx, body, now()));
      return made(null, true);
    },
  }),
  route({
    method: "POST",
    path: "/logs/filter",
    tag,
    summary: "List log records",
    body: LogQuery,
    bodyOptional: true,
    answers: { 200: z.array(Log) },
    scope: "allowed",
    handle: async (call) => ok(await visible(call, await listLogs(call.read, call.body), (log) => log.flow_run_id)),
  }),
];
