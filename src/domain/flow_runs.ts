/**
 * Flow runs: one execution of a flow, with its history of states.
 *
 * @module
 */

import { z } from "zod";
import { clearable, defaulted, Id, JsonObject, Labels, optional, Tags, Timestamp } from "./common.ts";
import { filledFromOldKeys } from "./retries.ts";
import { State, StateCreate, StateType } from "./states.ts";

/** Retries and pauses of a flow run; `retries` wins over the older `max_retries`, likewise the delay. */
export const FlowRunPolicy = z.object({
  max_retries: defaulted(z.int().nonnegative(), () => 0),
  retry_delay_seconds: defaulted(z.number().nonnegative(), () => 0),
  retries: defaulted(z.int().nonnegative().nullable(), () => null),
  retry_delay: defaulted(z.number().nonnegative().nullable(), () => null),
  pause_keys: defaulted(z.array(z.string()).nullable(), () => []),
  resuming: defaulted(z.boolean().nullable(), () => false),
  retry_type: defaulted(z.enum(["in_process", "reschedule"]).nullable(), () => null),
}).transform(filledFromOldKeys);
/** See {@link FlowRunPolicy}. */
export type FlowRunPolicy = z.output<typeof FlowRunPolicy>;

/** Who made the run. */
export const CreatedBy = z.object({
  id: Id.nullish(),
  type: z.string().nullish(),
  display_value: z.string().nullish(),
});

/**
 * A flow run as it is answered. Durations are seconds. Ours beside Prefect's: `project`, `labels`, `deployment_version_id`,
 * `agent_id`, `attempt` (how many claims there were).
 */
export const FlowRun = z.object({
  id: Id,
  created: Timestamp,
  updated: Timestamp,
  name: z.string(),
  flow_id: Id,
  state_id: Id.nullable(),
  deployment_id: Id.nullable(),
  deployment_version: z.string().nullable(),
  work_queue_id: Id.nullable(),
  work_queue_name: z.string().nullable(),
  flow_version: z.string().nullable(),
  parameters: JsonObject,
  idempotency_key: z.string().nullable(),
  context: JsonObject,
  empirical_policy: FlowRunPolicy,
  tags: z.array(z.string()),
  parent_task_run_id: Id.nullable(),
  state_type: StateType.nullable(),
  state_name: z.string().nullable(),
  run_count: z.int(),
  expected_start_time: Timestamp.nullable(),
  next_scheduled_start_time: Timestamp.nullable(),
  start_time: Timestamp.nullable(),
  end_time: Timestamp.nullable(),
  total_run_time: z.number(),
  estimated_run_time: z.number(),
  estimated_start_time_delta: z.number(),
  auto_scheduled: z.boolean(),
  infrastructure_document_id: Id.nullable(),
  infrastructure_pid: z.string().nullable(),
  created_by: CreatedBy.nullable(),
  work_pool_id: Id.nullable(),
  work_pool_name: z.string().nullable(),
  state: State.nullable(),
  job_variables: JsonObject.nullable(),
  project: z.string(),
  labels: z.array(z.string()),
  deployment_version_id: Id.nullable(),
  agent_id: Id.nullable(),
  attempt: z.int(),
});
/** See {@link FlowRun}. */
export type FlowRun = z.output<typeof FlowRun>;

/** `POST /flow_runs/`: without a state it is PENDING. */
export const FlowRunCreate = z.object({
  flow_id: Id,
  state: optional(StateCreate),
  name: optional(z.string().min(1).max(500)),
  parameters: defaulted(JsonObject, () => ({})),
  context: defaulted(JsonObject, () => ({})),
  tags: defaulted(Tags, () => []),
  flow_version: optional(z.string()),
  deployment_id: optional(Id),
  parent_task_run_id: optional(Id),
  infrastructure_document_id: optional(Id),
  empirical_policy: optional(FlowRunPolicy),
  idempotency_key: optional(z.string().max(2000)),
});
/** See {@link FlowRunCreate}. */
export type FlowRunCreate = z.input<typeof FlowRunCreate>;

/** `PATCH /flow_runs/{id}`: absent keys are left as they are; null takes away what may be missing. */
export const FlowRunUpdate = z.object({
  name: optional(z.string().min(1).max(500)),
  flow_version: clearable(z.string()),
  parameters: optional(JsonObject),
  empirical_policy: optional(FlowRunPolicy),
  tags: optional(Tags),
  infrastructure_pid: clearable(z.string()),
  job_variables: optional(JsonObject),
});
/** See {@link FlowRunUpdate}. */
export type FlowRunUpdate = z.input<typeof FlowRunUpdate>;

/** `POST /deployments/{id}/create_flow_run`: without a state it is SCHEDULED for now. */
export const DeploymentFlowRunCreate = z.object({
  state: optional(StateCreate),
  name: optional(z.string().min(1).max(500)),
  parameters: defaulted(JsonObject, () => ({})),
  context: defaulted(JsonObject, () => ({})),
  tags: defaulted(Tags, () => []),
  idempotency_key: optional(z.string().max(2000)),
  parent_task_run_id: optional(Id),
  work_queue_name: optional(z.string()),
  job_variables: optional(JsonObject),
  infrastructure_document_id: optional(Id),
  empirical_policy: optional(FlowRunPolicy),
  enforce_parameter_schema: optional(z.boolean()),
  /** Ours: labels in the place of the deployment's. */
  labels: optional(Labels),
  /** Ours: a version of the deployment other than its present one; an archived one is refused. */
  deployment_version_id: optional(Id),
});
/** See {@link DeploymentFlowRunCreate}. */
export type DeploymentFlowRunCreate = z.input<typeof DeploymentFlowRunCreate>;

/** One interval of `POST /flow_runs/history`. */
export const HistoryInterval = z.object({
  interval_start: Timestamp,
  interval_end: Timestamp,
  states: z.array(z.object({
    state_type: StateType,
    state_name: z.string(),
    count_runs: z.int(),
    sum_estimated_run_time: z.number(),
    sum_estimated_lateness: z.number(),
  })),
});
/** See {@link HistoryInterval}. */
export type HistoryInterval = z.output<typeof HistoryInterval>;
