/**
 * What the overview shows, in one answer. Ours; Prefect's page asks some twenty questions instead.
 *
 * @module
 */

import { z } from "zod";
import { AgentStatus } from "./agents.ts";
import { Id, Timestamp } from "./common.ts";
import { Filters } from "./filters.ts";
import { StateType } from "./states.ts";

/** The most intervals of one answer. */
export const MOST_INTERVALS = 200;
/** Late and upcoming runs are counted up to this number. */
export const MOST_COUNTED = 1_000;
/** Failures that are looked at for what they have in common; the latest. */
export const MOST_FAILURES = 2_000;

/** `POST /overview`: filters, and the moments between which runs are counted. */
export const OverviewQuery = z.object({
  flows: Filters.shape.flows,
  flow_runs: Filters.shape.flow_runs,
  deployments: Filters.shape.deployments,
  /** Ascending; an interval holds its beginning and not its end. */
  edges: z.array(Timestamp).min(2).max(MOST_INTERVALS + 1)
    .refine((edges) => edges.every((edge, i) => i === 0 || edges[i - 1] < edge), "edges must ascend"),
});
/** See {@link OverviewQuery}. */
export type OverviewQuery = z.output<typeof OverviewQuery>;
/** {@link OverviewQuery} before parsing. */
export type OverviewQueryInput = z.input<typeof OverviewQuery>;

/** How many runs by state; states without runs are left out. `LATE` counts those of SCHEDULED whose state is named Late. */
export const StateCounts = z.partialRecord(z.enum([...StateType.options, "LATE"]), z.int());
/** See {@link StateCounts}. */
export type StateCounts = Partial<Record<StateType | "LATE", number>>;

const Named = z.object({ id: Id, name: z.string() });

/** Failures that say the same. */
export const FailureGroup = z.object({
  /** See `domain/error_groups.ts`; empty for failures without words. */
  error: z.string(),
  state_type: z.enum(["FAILED", "CRASHED"]),
  count: z.int(),
  /** At most five, those with most failures first. */
  flows: z.array(Named),
  flow_count: z.int(),
  /** The latest of them, its own words, and when it failed. */
  latest: Named.extend({ at: Timestamp, message: z.string().nullable() }),
});
/** See {@link FailureGroup}. */
export type FailureGroup = z.output<typeof FailureGroup>;

/** A run that waits for its time. */
export const WaitingRun = z.object({
  id: Id,
  name: z.string(),
  state_name: z.string(),
  scheduled: Timestamp,
  flow: Named,
  deployment: Named.nullable(),
  /** Why no agent would take it now, when that is so. */
  warning: z.string().nullable(),
});
/** See {@link WaitingRun}. */
export type WaitingRun = z.output<typeof WaitingRun>;

const Waiting = z.object({
  /** At most {@link MOST_COUNTED}. */
  count: z.int(),
  /** The first ten by time. */
  runs: z.array(WaitingRun),
});

/** An agent, and how many runs it holds. */
export const AgentLoad = AgentStatus.extend({ held: z.int() });
/** See {@link AgentLoad}. */
export type AgentLoad = z.output<typeof AgentLoad>;

/** The answer. */
export const Overview = z.object({
  intervals: z.array(z.object({ start: Timestamp, end: Timestamp, states: StateCounts })),
  /** Those of the time just before, as long as all intervals together; COMPLETED, FAILED and CRASHED only. */
  previous: StateCounts,
  failures: z.object({
    /** How many of them were looked at. */
    looked_at: z.int(),
    /** At most twenty, the most frequent first. */
    groups: z.array(FailureGroup),
  }),
  late: Waiting,
  upcoming: Waiting,
  /** Those that live first. */
  agents: z.array(AgentLoad),
  /** How far a new server has come. */
  begun: z.object({
    /** The deployment that was made first, as `flow/name`. */
    deployment: z.string().nullable(),
    agent: z.boolean(),
    /** A run that is over. */
    run: Named.extend({ state_type: StateType }).nullable(),
  }),
});
/** See {@link Overview}. */
export type Overview = z.output<typeof Overview>;
