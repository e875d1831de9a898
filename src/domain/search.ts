/**
 * Searching over everything that has a name or an id. Ours.
 *
 * @module
 */

import { z } from "zod";
import { optional } from "./common.ts";
import { StateType } from "./states.ts";

/** What can be found, in the order of the answer. */
export const SEARCH_KINDS = ["flow", "deployment", "flow_run", "task_run", "agent", "project"] as const;
/** See {@link SEARCH_KINDS}. */
export type SearchKind = typeof SEARCH_KINDS[number];

/** How many of each kind are answered, when nothing is said and at most. */
export const SEARCH_LIMIT = 5;
const MOST_HITS = 50;

/** `GET /search`. */
export const SearchQuery = z.object({
  /** A name or its beginning, an id or its beginning (four signs). Of the few (flows, deployments, agents, projects) any part of a name. */
  q: z.string().trim().max(300),
  /** How many of each kind. */
  limit: optional(z.coerce.number().int().min(1).max(MOST_HITS)),
});

/** One thing that was found. */
export const SearchHit = z.object({
  kind: z.enum(SEARCH_KINDS),
  /** Its id; of a project its name. */
  id: z.string(),
  name: z.string(),
  /** What it belongs to: of a deployment and a run its flow, of a task run its flow run, of a flow its project. */
  of: z.string().nullable(),
  /** Of runs. */
  state_type: StateType.nullable(),
  state_name: z.string().nullable(),
});
/** See {@link SearchHit}. */
export type SearchHit = z.output<typeof SearchHit>;
