/**
 * Searching over everything. Ours.
 *
 * @module
 */

import { z } from "zod";
import { SEARCH_LIMIT, SearchHit, SearchQuery } from "../domain/search.ts";
import { search } from "../store/search.ts";
import { ok, type Route, route } from "./route.ts";

/** See the module's comment. */
export const searchRoutes: Route[] = [
  route({
    method: "GET",
    path: "/search",
    tag: "Search",
    summary: "Find flows, deployments, runs, agents and projects by name or id",
    about: "Ours. Runs are found by the beginning of their name or id, and the latest also by any part of their name.",
    query: SearchQuery,
    answers: { 200: z.array(SearchHit) },
    handle: async ({ read, query: { q, limit = SEARCH_LIMIT } }) => ok(await search(read, q, limit)),
  }),
];
