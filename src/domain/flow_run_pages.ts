/**
 * Long lists of flow runs, page by page, and what is done to many of them at once. Ours, for the dashboard.
 *
 * A page begins where another ended and not after so many rows: what comes or goes meanwhile makes no run appear twice or never, and the
 * thousandth page is as quick as the first.
 *
 * @module
 */

import { z } from "zod";
import { FlowctlError } from "../support/errors.ts";
import { Id, optional, PAGE_LIMIT, Timestamp } from "./common.ts";
import { Filters, FlowRunSort } from "./filters.ts";
import { StateType } from "./states.ts";

/** The order of a page when none is asked for: the newest first. What is expected of a run never changes, so no run moves. */
export const DEFAULT_PAGE_SORT: FlowRunSort = "EXPECTED_START_TIME_DESC";

/** Runs that are expected later than so from now are upcoming, in seconds. */
export const UPCOMING_AFTER_SECONDS = 60;

const chosen = {
  ...Filters.shape,
  /** False leaves out those that are expected more than a minute from now. */
  upcoming: optional(z.boolean()),
};

/** `POST /flow_runs/page`. */
export const FlowRunPageQuery = z.object({
  ...chosen,
  sort: optional(FlowRunSort),
  limit: optional(z.int().min(1).max(PAGE_LIMIT)),
  /** What another page called `next`: what comes after it. */
  after: optional(z.string()),
  /** What another page called `previous`: what stands before it. */
  before: optional(z.string()),
}).refine(
  ({ after, before }) => after === undefined || before === undefined,
  "Only one of after and before is possible",
);
/** See {@link FlowRunPageQuery}. */
export type FlowRunPageQuery = z.input<typeof FlowRunPageQuery>;

/** A run as it is listed, without what may be long. Durations are seconds. */
export const ListedRun = z.object({
  id: Id,
  name: z.string(),
  state_type: StateType.nullable(),
  state_name: z.string().nullable(),
  flow_id: Id,
  flow_name: z.string(),
  project: z.string(),
  deployment_id: Id.nullable(),
  /** Null also when the deployment is deleted. */
  deployment_name: z.string().nullable(),
  tags: z.array(z.string()),
  labels: z.array(z.string()),
  created: Timestamp,
  expected_start_time: Timestamp.nullable(),
  start_time: Timestamp.nullable(),
  end_time: Timestamp.nullable(),
  /** How long it ran so far; of a running run that grows. */
  estimated_run_time: z.number(),
  /** The median of the last completed runs of its deployment, else of its flow; null when there are none. */
  usual_run_time: z.number().nullable(),
  /** Whether it should have begun by now. */
  late: z.boolean(),
  auto_scheduled: z.boolean(),
  agent_id: Id.nullable(),
  agent_name: z.string().nullable(),
});
/** See {@link ListedRun}. */
export type ListedRun = z.output<typeof ListedRun>;

/** The answer of `POST /flow_runs/page`. */
export const FlowRunPage = z.object({
  /** In the order that was asked for; may be empty though there are more, when what matches is rare. */
  results: z.array(ListedRun),
  /** Where the next page in this direction begins; null: there is none. */
  next: z.string().nullable(),
  /** Where the first run stands, for asking what has come before it; null without runs. */
  previous: z.string().nullable(),
});
/** See {@link FlowRunPage}. */
export type FlowRunPage = z.output<typeof FlowRunPage>;

/** `POST /flow_runs/facets`. */
export const FacetQuery = z.object(chosen);
/** See {@link FacetQuery}. */
export type FacetQuery = z.input<typeof FacetQuery>;

/** How many runs there are of each state; whatever states are asked for. */
export const Facets = z.object({
  /** Types without runs are left out. */
  states: z.array(z.object({
    state_type: StateType,
    count: z.int(),
    /** There are more: nobody counted further. */
    more: z.boolean(),
  })),
  late: z.object({ count: z.int(), more: z.boolean() }),
});
/** See {@link Facets}. */
export type Facets = z.output<typeof Facets>;

/** The most runs that one request cancels or deletes. */
export const BULK_LIMIT = 1000;

/** `POST /flow_runs/bulk_cancel` and `bulk_delete`: those with the ids, else those that match, page by page. */
export const BulkQuery = z.object({
  ids: optional(z.array(Id).max(BULK_LIMIT)),
  ...chosen,
  sort: optional(FlowRunSort),
  limit: optional(z.int().min(1).max(BULK_LIMIT)),
  after: optional(z.string()),
});
/** See {@link BulkQuery}. */
export type BulkQuery = z.input<typeof BulkQuery>;

/** What became of the runs of one request. */
export const BulkResult = z.object({
  /** Cancelled or deleted now. */
  done: z.int(),
  /** They run, and were told to stop. */
  stopping: z.int(),
  /** They were over already, so there was nothing to cancel. */
  over: z.int(),
  /** They were deleted already. */
  missing: z.int(),
  /** What the rules refused otherwise. */
  refused: z.array(z.object({ id: Id, reason: z.string() })),
  /** Where to go on when there are more that match; null otherwise. */
  next: z.string().nullable(),
});
/** See {@link BulkResult}. */
export type BulkResult = z.output<typeof BulkResult>;

/** A place in an order: the value that is sorted by, and the id, which decides between equals. */
export interface Place {
  key: string | null;
  id: Id;
}

/** A place as clients carry it: they must not look into it. */
export function cursorOf(sort: FlowRunSort, { key, id }: Place): string {
  const bytes = new TextEncoder().encode(JSON.stringify([sort, key, id]));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Reads a cursor.
 *
 * @throws {FlowctlError} `invalid` for what is none, or one of another order.
 */
export function placeOf(sort: FlowRunSort, cursor: string): Place {
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const [of, key, id] = JSON.parse(new TextDecoder().decode(bytes));
    if (of === sort && (key === null || typeof key === "string") && Id.safeParse(id).success) return { key, id };
  } catch {
    // Told below.
  }
  throw new FlowctlError("invalid", "Cannot go on in list: the cursor is none, or of a list in another order");
}
