/**
 * Lines of one run: pages for the dashboard, and all of them as a file. Ours.
 *
 * @module
 */

import {
  LogDownloadQuery,
  LogFacets,
  type LogLine,
  type LogLinesFilter,
  LogPage,
  LogPageQuery,
} from "../domain/log_pages.ts";
import { logLine } from "../domain/log_text.ts";
import type { Db } from "../store/database.ts";
import { findFlowRun } from "../store/flow_runs.ts";
import { allLogLines, readLogFacets, readLogPage } from "../store/log_pages.ts";
import { ok, type Route, route } from "./route.ts";

const tag = "Logs";

/** A chunk of a file is sent when it has so many characters. */
const CHUNK = 256 * 1024;

/** One line of a file, as JSON. */
function jsonLine({ id, timestamp, level, name, message, task_run_id, task }: LogLine): string {
  return JSON.stringify({ id, timestamp, level, name, message, task_run_id, task });
}

/** The text of a file. It is read as fast as it is taken, and no further when nobody takes it. */
export function logFile(
  db: Db,
  flowRunId: string,
  { format, over, ...filter }: LogLinesFilter & { format: "text" | "jsonl"; over: AbortSignal },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const write = format === "text" ? logLine : jsonLine;
  const pages = allLogLines(db, flowRunId, filter);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      let text = "";
      while (text.length < CHUNK) {
        // Reading does not wait for anything: others must have their turn.
        await new Promise((resolve) => setTimeout(resolve, 0));
        const { value, done } = over.aborted ? { value: undefined, done: true } : await pages.next();
        if (done || value === undefined) {
          if (text !== "") controller.enqueue(encoder.encode(text));
          return controller.close();
        }
        for (const line of value) text += `${write(line)}\n`;
      }
      controller.enqueue(encoder.encode(text));
    },
    async cancel() {
      await pages.return(undefined);
    },
  }, { highWaterMark: 1 });
}

/** See the module's comment. */
export const flowRunLogRoutes: Route[] = [
  route({
    method: "GET",
    path: "/flow_runs/{id}/logs",
    tag,
    summary: "Read a page of a flow run's lines",
    about:
      `Ours. The last page, or the one \`before\` or \`after\` a place, \`around\` a line, or what arrived \`since\` an earlier answer's
\`arrived\`. \`level\` is the least one, \`text\` a part of the message in any case.`,
    query: LogPageQuery,
    answers: { 200: LogPage },
    handle: async ({ read, params, query }) => ok(await readLogPage(read, params.id, query)),
  }),
  route({
    method: "GET",
    path: "/flow_runs/{id}/logs/facets",
    tag,
    summary: "Say what a flow run's lines can be filtered by",
    about: "Ours. How many lines each level has, and the task runs that have lines; both up to a number.",
    answers: { 200: LogFacets },
    handle: async ({ read, params }) => ok(await readLogFacets(read, params.id)),
  }),
  route({
    method: "GET",
    path: "/flow_runs/{id}/logs/download",
    tag,
    summary: "Download a flow run's lines",
    about: "Ours. As text, in the shape that `flowctl flow-run logs` prints, or one JSON object for each line.",
    query: LogDownloadQuery,
    answers: { 200: "text/plain" },
    async handle({ api, read, params, query, signal, now }) {
      const run = await findFlowRun(read, params.id, now());
      const name = (run?.name ?? params.id).replace(/[^\w.-]+/g, "-").slice(0, 100);
      const [type, extension] = query.format === "text" ? ["text/plain", "log"] : ["application/jsonl", "jsonl"];
      const over = AbortSignal.any([signal, api.drain]);
      return new Response(logFile(read, params.id, { ...query, over }), {
        headers: {
          "content-type": `${type}; charset=utf-8`,
          "content-disposition": `attachment; filename="${name}.${extension}"`,
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
        },
      });
    },
  }),
];
