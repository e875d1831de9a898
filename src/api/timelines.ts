/**
 * The timeline of a flow run. Ours.
 *
 * @module
 */

import { Timeline, TimelineQuery } from "../domain/timelines.ts";
import { readTimeline } from "../store/timelines.ts";
import { ok, type Route, route } from "./route.ts";

/** See the module's comment. */
export const timelineRoutes: Route[] = [
  route({
    method: "GET",
    path: "/flow_runs/{id}/timeline",
    tag: "Flow runs",
    summary: "Read the timeline of a flow run",
    about:
      `Ours. All task runs of the run and of its sub-flow runs, in columns. Asked again with the answer's \`after\`, it answers
what changed since, and perhaps a little that had not.`,
    query: TimelineQuery,
    answers: { 200: Timeline },
    handle: async ({ read, params, query }) => ok(await readTimeline(read, params.id, query.after)),
  }),
];
