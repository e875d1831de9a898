/**
 * Deployments: flow + runner + schedules + parameters + labels; unique by (flow, name).
 *
 * Every change of what is run (bundle, runner, entrypoint, schema) makes a new *version*; runs are pinned to one.
 *
 * @module
 */

import { z } from "zod";
import { BundleHash } from "./bundles.ts";
import { clearable, defaulted, Id, JsonObject, Labels, optional, Tags, Timestamp } from "./common.ts";
import { FlowRunnerSpec } from "./flow_runners.ts";
import { CreatedBy } from "./flow_runs.ts";
import { Name } from "./flows.ts";
import { Schedule } from "./schedules/schema.ts";
import { SecretName } from "./secrets.ts";
import { StorageInfo } from "./storage.ts";

export { Labels } from "./common.ts";

/** A schedule of a deployment as it is sent. */
export const DeploymentScheduleCreate = z.object({
  schedule: Schedule,
  active: defaulted(z.boolean(), () => true),
  max_active_runs: optional(z.int().positive()),
  max_scheduled_runs: optional(z.int().positive()),
  catchup: defaulted(z.boolean(), () => false),
});
/** See {@link DeploymentScheduleCreate}. */
export type DeploymentScheduleCreate = z.input<typeof DeploymentScheduleCreate>;

/** A schedule of a deployment as it is answered. */
export const DeploymentSchedule = z.object({
  id: Id,
  created: Timestamp,
  updated: Timestamp,
  deployment_id: Id,
  schedule: Schedule,
  active: z.boolean(),
  max_active_runs: z.int().nullable(),
  max_scheduled_runs: z.int().nullable(),
  catchup: z.boolean(),
});
/** See {@link DeploymentSchedule}. */
export type DeploymentSchedule = z.output<typeof DeploymentSchedule>;

/**
 * A deployment as it is answered. Prefect's keys first (`infra_overrides`, never `job_variables`, is on its wire), then ours.
 */
export const Deployment = z.object({
  id: Id,
  created: Timestamp,
  updated: Timestamp,
  infra_overrides: JsonObject,
  name: z.string(),
  version: z.string().nullable(),
  description: z.string().nullable(),
  flow_id: Id,
  schedule: Schedule.nullable(),
  is_schedule_active: z.boolean(),
  paused: z.boolean(),
  schedules: z.array(DeploymentSchedule),
  parameters: JsonObject,
  tags: z.array(z.string()),
  work_queue_name: z.string().nullable(),
  last_polled: Timestamp.nullable(),
  parameter_openapi_schema: JsonObject.nullable(),
  path: z.string().nullable(),
  pull_steps: z.array(JsonObject).nullable(),
  entrypoint: z.string().nullable(),
  manifest_path: z.string().nullable(),
  storage_document_id: Id.nullable(),
  infrastructure_document_id: Id.nullable(),
  created_by: CreatedBy.nullable(),
  updated_by: CreatedBy.nullable(),
  work_pool_name: z.string().nullable(),
  status: z.enum(["READY", "NOT_READY"]),
  enforce_parameter_schema: z.boolean(),
  /** Ours from here on. */
  project: z.string(),
  labels: z.array(z.string()),
  flow_name: z.string(),
  /** Null for deployments of Prefect's clients. */
  flow_runner: FlowRunnerSpec.nullable(),
  bundle_hash: BundleHash.nullable(),
  /** The version that runs are made of now. */
  version_id: Id,
  version_number: z.int(),
  /** The flowctl version that made it. */
  flowctl_version: z.string().nullable(),
  /** Null: the code is the bundle. */
  storage: StorageInfo.nullable(),
  /** Names of the secrets that its runs may read. */
  secrets: z.array(z.string()),
});
/** See {@link Deployment}. */
export type Deployment = z.output<typeof Deployment>;

/** `POST /deployments/`: creates, or replaces by (flow, name). */
export const DeploymentCreate = z.object({
  name: Name,
  flow_id: Id,
  schedules: optional(z.array(DeploymentScheduleCreate)),
  /** Prefect's older single schedule. */
  schedule: optional(Schedule),
  is_schedule_active: optional(z.boolean()),
  paused: optional(z.boolean()),
  parameters: defaulted(JsonObject, () => ({})),
  tags: defaulted(Tags, () => []),
  pull_steps: optional(z.array(JsonObject)),
  path: optional(z.string()),
  entrypoint: optional(z.string()),
  version: optional(z.string()),
  description: optional(z.string()),
  manifest_path: optional(z.string()),
  work_pool_name: optional(z.string()),
  work_queue_name: optional(z.string()),
  storage_document_id: optional(Id),
  infrastructure_document_id: optional(Id),
  infra_overrides: optional(JsonObject),
  job_variables: optional(JsonObject),
  parameter_openapi_schema: optional(JsonObject),
  enforce_parameter_schema: defaulted(z.boolean(), () => false),
  labels: defaulted(Labels, () => []),
  flow_runner: optional(FlowRunnerSpec),
  bundle_hash: optional(BundleHash),
  flowctl_version: optional(z.string()),
  storage: optional(StorageInfo),
  secrets: defaulted(z.array(SecretName).max(100), () => []),
});
/** See {@link DeploymentCreate}. */
export type DeploymentCreate = z.input<typeof DeploymentCreate>;

/** `PATCH /deployments/{id}`: absent keys are left as they are; null takes away what may be missing. */
export const DeploymentUpdate = z.object({
  schedules: optional(z.array(DeploymentScheduleCreate)),
  /** Prefect's older single schedule; refused when there are several. */
  schedule: clearable(Schedule),
  is_schedule_active: optional(z.boolean()),
  paused: optional(z.boolean()),
  parameters: optional(JsonObject),
  tags: optional(Tags),
  path: clearable(z.string()),
  entrypoint: clearable(z.string()),
  version: clearable(z.string()),
  description: clearable(z.string()),
  work_queue_name: clearable(z.string()),
  work_pool_name: optional(z.string()),
  infra_overrides: optional(JsonObject),
  job_variables: optional(JsonObject),
  enforce_parameter_schema: optional(z.boolean()),
  labels: optional(Labels),
  flow_runner: optional(FlowRunnerSpec),
  /** Ours: what `updated` was when the change was thought of; refused when somebody changed it since. */
  expected_updated: optional(Timestamp),
});
/** See {@link DeploymentUpdate}. */
export type DeploymentUpdate = z.input<typeof DeploymentUpdate>;
