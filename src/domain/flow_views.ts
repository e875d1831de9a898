/**
 * What the pages of flows show, each in one answer. Ours.
 *
 * @module
 */

import { z } from "zod";
import { Id, optional, Timestamp } from "./common.ts";
import { Flow } from "./flows.ts";
import { StateType } from "./states.ts";
import { StorageInfo } from "./storage.ts";

/** A run as a row of a page. */
export const RunRow = z.object({
  id: Id,
  name: z.string(),
  state_type: StateType.nullable(),
  state_name: z.string().nullable(),
  expected_start_time: Timestamp.nullable(),
  start_time: Timestamp.nullable(),
  end_time: Timestamp.nullable(),
  /** In seconds. */
  total_run_time: z.number(),
  deployment_id: Id.nullable(),
  deployment_name: z.string().nullable(),
  /** Of the deployment; null for a run without one. */
  version: z.int().nullable(),
});
/** See {@link RunRow}. */
export type RunRow = z.output<typeof RunRow>;

/** A row of the list of flows. */
export const FlowRow = Flow.extend({
  deployments: z.int(),
  /** Of all its deployments. */
  labels: z.array(z.string()),
  /** Why no agent would take its runs now; null when one would, or when nothing of it is for agents. */
  label_warning: z.string().nullable(),
  /** The latest that began, newest first. */
  runs: z.array(RunRow.pick({
    id: true,
    name: true,
    state_type: true,
    state_name: true,
    start_time: true,
    end_time: true,
    total_run_time: true,
  })),
});
/** See {@link FlowRow}. */
export type FlowRow = z.output<typeof FlowRow>;

/** Where a page of flows begins: behind this one. */
const FlowKey = z.object({ name: z.string(), id: Id });

/** `POST /flows/page`; by name. */
export const FlowsPageQuery = z.object({
  project: optional(z.string().max(500)),
  /** A part of its name, or a tag. */
  search: optional(z.string().max(500)),
  after: optional(FlowKey),
  limit: optional(z.int().min(1).max(100)),
});
/** See {@link FlowsPageQuery}. */
export type FlowsPageQuery = z.input<typeof FlowsPageQuery>;

/** The answer to {@link FlowsPageQuery}. */
export const FlowsPage = z.object({
  flows: z.array(FlowRow),
  /** What to ask for `after`; null on the last page. */
  next: FlowKey.nullable(),
  /** The names of all projects. */
  projects: z.array(z.string()),
});
/** See {@link FlowsPage}. */
export type FlowsPage = z.output<typeof FlowsPage>;

/** A deployment on its flow's page. */
export const FlowDeployment = z.object({
  id: Id,
  name: z.string(),
  description: z.string().nullable(),
  labels: z.array(z.string()),
  /** The type of its runner; null for what no agent starts. */
  runner: z.string().nullable(),
  paused: z.boolean(),
  /** How many of its schedules are on. */
  schedules: z.int(),
  version: z.int(),
  label_warning: z.string().nullable(),
});
/** See {@link FlowDeployment}. */
export type FlowDeployment = z.output<typeof FlowDeployment>;

/** A version of one of a flow's deployments. */
export const VersionRow = z.object({
  id: Id,
  deployment_id: Id,
  deployment_name: z.string(),
  number: z.int(),
  created: Timestamp,
  /** Since when no runs are made of it. */
  archived: Timestamp.nullable(),
  /** Whether its deployment's runs are made of it now. */
  is_latest: z.boolean(),
  runner: z.string().nullable(),
  /** What its runner is told to run; null: the default image, or none. */
  image: z.string().nullable(),
  storage: StorageInfo.nullable(),
  bundle_hash: z.string().nullable(),
  entrypoint: z.string().nullable(),
  flowctl_version: z.string().nullable(),
  /** The names of its tasks, when its registration said them. */
  tasks: z.array(z.string()),
  /** The names of its parameters. */
  parameters: z.array(z.string()),
});
/** See {@link VersionRow}. */
export type VersionRow = z.output<typeof VersionRow>;

/** `GET /flows/{id}/view`. */
export const FlowView = z.object({
  flow: Flow,
  label_warning: z.string().nullable(),
  deployments: z.array(FlowDeployment),
  /** Those of its registration first, then by deployment; newest first. The latest hundred. */
  versions: z.array(VersionRow),
  /** The latest that began, newest first. */
  runs: z.array(RunRow),
});
/** See {@link FlowView}. */
export type FlowView = z.output<typeof FlowView>;

/** `POST /flows/{id}/runs`: newest first. */
export const FlowRunsQuery = z.object({
  /** Only of this version. */
  version: optional(Id),
  /** Only those made before that run. */
  before: optional(Id),
  limit: optional(z.int().min(1).max(200)),
});
/** See {@link FlowRunsQuery}. */
export type FlowRunsQuery = z.input<typeof FlowRunsQuery>;

/** The answer to {@link FlowRunsQuery}. */
export const FlowRunsPage = z.object({
  runs: z.array(RunRow),
  /** What to ask for `before`; null on the last page. */
  next: Id.nullable(),
});
/** See {@link FlowRunsPage}. */
export type FlowRunsPage = z.output<typeof FlowRunsPage>;
