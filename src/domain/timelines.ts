/**
 * The timeline of a flow run: its task runs and those of its sub-flow runs, in few bytes, and later only what changed.
 *
 * What is alike in many task runs (keys, states, times' beginnings, ids of what they needed) is told once and meant by number.
 *
 * @module
 */

import { z } from "zod";
import { Id } from "./common.ts";
import { StateType } from "./states.ts";

/** Where a timeline was read up to: the newest changes of task runs and of flow runs in it. Opaque to who asks. */
export const TimelineCursor = z.string().regex(
  /^[0-9T:.+-]*_[0-9T:.+-]*$/,
  "value is not a cursor that a timeline was answered with",
);

/** `GET /flow_runs/{id}/timeline`. */
export const TimelineQuery = z.object({ after: TimelineCursor.optional() });

/** Columns: what stands at one place in each belongs to one task run. */
export const TimelineColumns = z.object({
  id: z.array(Id),
  name: z.array(z.string()),
  /** Numbers in `flow_run_ids`. */
  flow_run: z.array(z.int()),
  /** Numbers in `task_keys`. */
  task_key: z.array(z.int()),
  /** Numbers in `states`; -1 for none. */
  state: z.array(z.int()),
  /** Milliseconds since `base`; null for what is not known. */
  expected_start_time: z.array(z.int().nullable()),
  start_time: z.array(z.int().nullable()),
  end_time: z.array(z.int().nullable()),
  run_count: z.array(z.int()),
  /** What it needed: numbers in `id`, and from its length on in `other_ids`. */
  upstream: z.array(z.array(z.int())),
});
/** See {@link TimelineColumns}. */
export type TimelineColumns = z.output<typeof TimelineColumns>;

/** A flow run of the timeline. */
export const TimelineFlowRun = z.object({
  id: Id,
  name: z.string(),
  /** The task run that stands for it. */
  parent_task_run_id: Id.nullable(),
  state_type: StateType.nullable(),
  state_name: z.string().nullable(),
});
/** See {@link TimelineFlowRun}. */
export type TimelineFlowRun = z.output<typeof TimelineFlowRun>;

/** A timeline, or what changed of it. */
export const Timeline = z.object({
  /** To be asked with next. */
  after: TimelineCursor,
  /** Whether it is all, and not only what changed. */
  whole: z.boolean(),
  /** Milliseconds since 1970 that times are counted from. */
  base: z.int(),
  /** The run that was asked for and its sub-flow runs, to any depth. */
  flow_runs: z.array(TimelineFlowRun),
  flow_run_ids: z.array(Id),
  task_keys: z.array(z.string()),
  states: z.array(z.tuple([StateType, z.string()])),
  task_runs: TimelineColumns,
  other_ids: z.array(Id),
  /**
   * How many task runs there are in all in each state (`NONE` without one). Who counts otherwise after merging missed something,
   * e.g. that one was deleted, and asks for all.
   */
  counts: z.record(z.string(), z.int()),
});
/** See {@link Timeline}. */
export type Timeline = z.output<typeof Timeline>;
