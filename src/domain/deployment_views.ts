/**
 * What pages show of deployments and Prefect's routes do not answer: lists with what runs next and ran last, the coming dates of
 * schedules, what is wrong with parameters, versions. All ours.
 *
 * @module
 */

import { z } from "zod";
import { Id, JsonObject, optional, Timestamp } from "./common.ts";
import { Schedule } from "./schedules/schema.ts";
import { StateType } from "./states.ts";

/** The place in the list after which a page begins. */
export const DeploymentCursor = z.strictObject({ name: z.string(), id: Id });
/** See {@link DeploymentCursor}. */
export type DeploymentCursor = z.output<typeof DeploymentCursor>;

/** `POST /deployments/page`. Ordered by name. */
export const DeploymentPageQuery = z.strictObject({
  /** Part of the deployment's or flow's name, or of `flow/deployment`. */
  text: optional(z.string().max(500)),
  project: optional(z.string().max(500)),
  flow_id: optional(Id),
  paused: optional(z.boolean()),
  /** All of them. */
  tags: optional(z.array(z.string().max(200)).max(20)),
  after: optional(DeploymentCursor),
  limit: optional(z.int().min(1).max(100)),
});
/** See {@link DeploymentPageQuery}. */
export type DeploymentPageQuery = z.input<typeof DeploymentPageQuery>;

/** A run as a small square. */
export const RunMark = z.object({
  id: Id,
  name: z.string(),
  state_type: StateType.nullable(),
  state_name: z.string().nullable(),
  /** When it began, or was to begin. */
  at: Timestamp.nullable(),
});
/** See {@link RunMark}. */
export type RunMark = z.output<typeof RunMark>;

/** One row of the list. */
export const DeploymentRow = z.object({
  id: Id,
  name: z.string(),
  flow_id: Id,
  flow_name: z.string(),
  project: z.string(),
  paused: z.boolean(),
  tags: z.array(z.string()),
  labels: z.array(z.string()),
  /** `docker`, `subprocess`; null for deployments of Prefect's clients. */
  runner: z.string().nullable(),
  /** The image that its runs are started from; null when it is the default one, or none is needed. */
  image: z.string().nullable(),
  schedules: z.array(z.object({ schedule: Schedule, active: z.boolean() })),
  next_run: z.object({ id: Id, at: Timestamp }).nullable(),
  /** The newest first. */
  last_runs: z.array(RunMark),
});
/** See {@link DeploymentRow}. */
export type DeploymentRow = z.output<typeof DeploymentRow>;

/** What `POST /deployments/page` answers. */
export const DeploymentPage = z.object({
  deployments: z.array(DeploymentRow),
  /** Where the next page begins; null when this is the last one. */
  next: DeploymentCursor.nullable(),
  /** How many match in all. */
  total: z.int(),
});
/** See {@link DeploymentPage}. */
export type DeploymentPage = z.output<typeof DeploymentPage>;

/** A version of a deployment. */
export const DeploymentVersionRow = z.object({
  id: Id,
  number: z.int(),
  created: Timestamp,
  archived: Timestamp.nullable(),
  /** Whether runs are made of it now. */
  current: z.boolean(),
  bundle_hash: z.string().nullable(),
  content_hash: z.string().nullable(),
  flowctl_version: z.string().nullable(),
  image: z.string().nullable(),
  entrypoint: z.string().nullable(),
  /** What differs from the version before it: `code`, `runner`, `parameters`, `entrypoint`, `storage`, `secrets`, `flowctl`. */
  changed: z.array(z.string()),
});
/** See {@link DeploymentVersionRow}. */
export type DeploymentVersionRow = z.output<typeof DeploymentVersionRow>;

/** The coming dates of one schedule. */
export const ScheduleDates = z.object({
  schedule_id: Id,
  dates: z.array(Timestamp),
  /** Why there are none, as a sentence. */
  problem: z.string().nullable(),
});
/** See {@link ScheduleDates}. */
export type ScheduleDates = z.output<typeof ScheduleDates>;

/** `POST /schedules/preview`: a schedule as somebody types it. */
export const SchedulePreviewQuery = z.object({
  schedule: JsonObject,
  count: optional(z.int().min(1).max(100)),
});
/** See {@link SchedulePreviewQuery}. */
export type SchedulePreviewQuery = z.input<typeof SchedulePreviewQuery>;

/** What becomes of it. */
export const SchedulePreview = z.object({
  valid: z.boolean(),
  /** As it would be stored. */
  schedule: Schedule.nullable(),
  dates: z.array(Timestamp),
  /** What is wrong, as a sentence. */
  problem: z.string().nullable(),
  hint: z.string().nullable(),
});
/** See {@link SchedulePreview}. */
export type SchedulePreview = z.output<typeof SchedulePreview>;

/** `POST /deployments/{id}/validate_parameters`. */
export const ParameterCheckQuery = z.object({
  parameters: JsonObject,
  /** `run`: the given ones lie over the deployment's. `defaults`: they would be the deployment's, and need not be complete. */
  as: optional(z.enum(["run", "defaults"])),
});
/** See {@link ParameterCheckQuery}. */
export type ParameterCheckQuery = z.input<typeof ParameterCheckQuery>;

/** One thing that is wrong with parameters. */
export const ParameterError = z.object({
  /** Where: names and places in lists. */
  path: z.array(z.union([z.string(), z.number()])),
  /** What, as a phrase without subject: `must be at least 1`. */
  message: z.string(),
});
/** See {@link ParameterError}. */
export type ParameterError = z.output<typeof ParameterError>;

/** What the check says. */
export const ParameterCheck = z.object({
  valid: z.boolean(),
  /** Whether a run with wrong parameters would be refused. */
  enforced: z.boolean(),
  errors: z.array(ParameterError),
});
/** See {@link ParameterCheck}. */
export type ParameterCheck = z.output<typeof ParameterCheck>;
