/**
 * Routes that count runs, of flows and of tasks alike; Prefect's.
 *
 * @module
 */

import { z } from "zod";
import { Filters, HistoryQuery } from "../domain/filters.ts";
import { HistoryInterval } from "../domain/flow_runs.ts";
import type { countFlowRuns, flowRunHistory } from "../store/run_lists.ts";
import { ok, type Route, route } from "./route.ts";

/** The routes of one kind of run. @param path Of the kind, e.g. `/flow_runs` */
export const countRoutes = (
  path: string,
  { tag, noun, count, history }: {
    tag: string;
    /** In plural: `flow runs`. */
    noun: string;
    count: typeof countFlowRuns;
    history: typeof flowRunHistory;
  },
): Route[] => [
  route({
    method: "POST",
    path: `${path}/count`,
    tag,
    summary: `Count ${noun}`,
    body: Filters,
    bodyOptional: true,
    answers: { 200: z.int() },
    handle: async ({ read, body }) => ok(await count(read, body)),
  }),
  route({
    method: "POST",
    path: `${path}/history`,
    tag,
    summary: `Count ${noun} by time and state`,
    body: HistoryQuery,
    answers: { 200: z.array(HistoryInterval) },
    handle: async ({ read, body, now }) => ok(await history(read, body, now())),
  }),
];
