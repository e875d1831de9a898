/**
 * Long lists of flow runs, and what is done to many at once; ours, for the dashboard.
 *
 * @module
 */

import type { z } from "zod";
import type { Id } from "../domain/common.ts";
import {
  BULK_LIMIT,
  BulkQuery,
  BulkResult,
  cursorOf,
  DEFAULT_PAGE_SORT,
  FacetQuery,
  Facets,
  FlowRunPage,
  FlowRunPageQuery,
  placeOf,
} from "../domain/flow_run_pages.ts";
import {
  addOutcomes,
  BULK_BATCH,
  type BulkOutcome,
  cancelFlowRuns,
  deleteFlowRuns,
  noOutcome,
} from "../orchestration/bulk_flow_runs.ts";
import type { Given } from "../orchestration/rule.ts";
import type { Tx } from "../store/database.ts";
import { flowRunPage } from "../store/listed_runs.ts";
import { flowRunFacets } from "../store/run_facets.ts";
import { walk } from "../store/run_pages.ts";
import { type Call, ok, type Route, route } from "./route.ts";

const tag = "Flow runs";

/** The runs that are meant, and where to go on. */
async function meant(
  { read, body, now }: Call<z.output<typeof BulkQuery>>,
): Promise<{ ids: Id[]; next: string | null }> {
  const { ids, sort = DEFAULT_PAGE_SORT, limit = BULK_LIMIT, after } = body;
  if (ids !== undefined) return { ids: [...new Set(ids)], next: null };
  const from = after === undefined ? undefined : placeOf(sort, after);
  const { found, next } = await walk(read, { choice: body, sort, limit, from, now: now() });
  return { ids: found.map(({ id }) => id), next: next === undefined ? null : cursorOf(sort, next) };
}

/** Does something to many runs, a few in each transaction. Who is gone is not gone on for. */
async function inBatches(
  call: Call<z.output<typeof BulkQuery>>,
  each: (tx: Tx, ids: readonly Id[], given: Given) => Promise<BulkOutcome>,
): Promise<Response> {
  const { ids, next } = await meant(call);
  let outcome = noOutcome();
  for (let first = 0; first < ids.length && !call.signal.aborted; first += BULK_BATCH) {
    const batch = ids.slice(first, first + BULK_BATCH);
    outcome = addOutcomes(outcome, await call.write((tx) => each(tx, batch, call.given())));
  }
  return ok({ ...outcome, next } satisfies BulkResult);
}

const BULK =
  `Ours. The runs with the \`ids\`, else those that match, at most \`limit\` (${BULK_LIMIT}) of them; \`next\` of the answer as
\`after\` goes on. A few at a time are committed, so that nobody waits long.`;

/** See the module's comment. */
export const flowRunPageRoutes: Route[] = [
  route({
    method: "POST",
    path: "/flow_runs/page",
    tag,
    summary: "List flow runs page by page",
    about:
      `Ours. A page begins where another ended: \`next\` of one answer is \`after\` of the next question, and \`before\` with \`previous\`
asks for what has come before the first. Rows carry the names of what they belong to and their usual run time. A page may be empty
and not the last: what matches is then rare, and searched for a while by each question.`,
    body: FlowRunPageQuery,
    bodyOptional: true,
    answers: { 200: FlowRunPage },
    handle: async ({ read, body, now }) => ok(await flowRunPage(read, body, now())),
  }),
  route({
    method: "POST",
    path: "/flow_runs/facets",
    tag,
    summary: "Count flow runs by state, as far as it is quick",
    about: "Ours. Which states the filter asks for does not matter. With `more` there are more than were counted.",
    body: FacetQuery,
    bodyOptional: true,
    answers: { 200: Facets },
    handle: async ({ read, body, now }) => ok(await flowRunFacets(read, body, now())),
  }),
  route({
    method: "POST",
    path: "/flow_runs/bulk_cancel",
    tag,
    summary: "Cancel many flow runs",
    about: `${BULK} Those that wait are cancelled at once, those that run are told to stop.`,
    body: BulkQuery,
    answers: { 200: BulkResult },
    handle: (call) => inBatches(call, cancelFlowRuns),
  }),
  route({
    method: "POST",
    path: "/flow_runs/bulk_delete",
    tag,
    summary: "Delete many flow runs with their task runs; their logs stay",
    about: BULK,
    body: BulkQuery,
    answers: { 200: BulkResult },
    handle: (call) => inBatches(call, deleteFlowRuns),
  }),
];
