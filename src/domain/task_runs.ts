/**
 * Task runs: one call of a task inside a flow run; also the stand-in of a sub-flow in its parent.
 *
 * @module
 */

import { z } from "zod";
import { defaulted, Id, optional, Tags, Timestamp } from "./common.ts";
import { filledFromOldKeys } from "./retries.ts";
import { State, StateCreate, StateType } from "./states.ts";

/** Retries of a task run; `retry_delay` is seconds, or one number for each try (the last repeats). */
export const TaskRunPolicy = z.object({
  max_retries: defaulted(z.int().nonnegative(), () => 0),
  retry_delay_seconds: defaulted(z.number().nonnegative(), () => 0),
  retries: defaulted(z.int().nonnegative().nullable(), () => null),
  retry_delay: defaulted(z.union([z.number().nonnegative(), z.array(z.number().nonnegative())]).nullable(), () => null),
  retry_jitter_factor: defaulted(z.number().nonnegative().nullable(), () => null),
}).transform(filledFromOldKeys);
/** See {@link TaskRunPolicy}. */
export type TaskRunPolicy = z.output<typeof TaskRunPolicy>;

/** Where an argument of a task came from. */
export const TaskInput = z.union([
  z.object({ input_type: z.literal("task_run"), id: Id }),
  z.object({ input_type: z.literal("parameter"), name: z.string() }),
  z.object({ input_type: z.literal("constant"), type: z.string() }),
]);
/** See {@link TaskInput}. */
export type TaskInput = z.output<typeof TaskInput>;

const TaskInputs = z.record(z.string(), z.array(TaskInput));

/** A task run as it is answered. Durations are seconds. */
export const TaskRun = z.object({
  id: Id,
  created: Timestamp,
  updated: Timestamp,
  name: z.string(),
  flow_run_id: Id.nullable(),
  task_key: z.string(),
  dynamic_key: z.string(),
  cache_key: z.string().nullable(),
  cache_expiration: Timestamp.nullable(),
  task_version: z.string().nullable(),
  empirical_policy: TaskRunPolicy,
  tags: z.array(z.string()),
  state_id: Id.nullable(),
  task_inputs: TaskInputs,
  state_type: StateType.nullable(),
  state_name: z.string().nullable(),
  run_count: z.int(),
  flow_run_run_count: z.int(),
  expected_start_time: Timestamp.nullable(),
  next_scheduled_start_time: Timestamp.nullable(),
  start_time: Timestamp.nullable(),
  end_time: Timestamp.nullable(),
  total_run_time: z.number(),
  estimated_run_time: z.number(),
  estimated_start_time_delta: z.number(),
  state: State.nullable(),
});
/** See {@link TaskRun}. */
export type TaskRun = z.output<typeof TaskRun>;

/** `POST /task_runs/`: creates, or finds by (flow_run_id, task_key, dynamic_key). */
export const TaskRunCreate = z.object({
  id: optional(Id),
  task_key: z.string().min(1).max(2000),
  dynamic_key: z.string().max(2000),
  flow_run_id: optional(Id),
  name: optional(z.string().min(1).max(500)),
  state: optional(StateCreate),
  cache_key: optional(z.string().max(2000)),
  cache_expiration: optional(Timestamp),
  task_version: optional(z.string()),
  empirical_policy: optional(TaskRunPolicy),
  tags: defaulted(Tags, () => []),
  task_inputs: defaulted(TaskInputs, () => ({})),
});
/** See {@link TaskRunCreate}. */
export type TaskRunCreate = z.input<typeof TaskRunCreate>;

/** `PATCH /task_runs/{id}`. */
export const TaskRunUpdate = z.object({ name: optional(z.string().min(1).max(500)) });
/** See {@link TaskRunUpdate}. */
export type TaskRunUpdate = z.input<typeof TaskRunUpdate>;
