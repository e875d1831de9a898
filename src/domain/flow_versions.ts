/**
 * Flows with the versions that were registered of them, and the tasks of each: what the older dialect's `get` and `describe` show.
 *
 * A registration is a version of the flow's deployment `registered`. A flow that nobody registered has one entry without a version.
 *
 * @module
 */

import { z } from "zod";
import { Id, JsonObject, optional, Page, Timestamp } from "./common.ts";
import { FlowFilter } from "./filters.ts";
import { StorageInfo } from "./storage.ts";

/** The name of the deployment whose versions are a flow's registrations. */
export const REGISTERED = "registered";

/** A version of a flow, as it is answered. */
export const FlowVersion = z.object({
  /** The version's id; null for a flow that nobody registered. */
  id: Id.nullable(),
  flow_id: Id,
  name: z.string(),
  project: z.string(),
  /** Counts from 1; null for a flow that nobody registered. */
  version: z.int().nullable(),
  /** When it was registered; of a flow without registration when that was created. */
  created: Timestamp,
  description: z.string().nullable(),
  /** The schema of its parameters. */
  parameters: JsonObject.nullable(),
  /** Whether no new runs are made of it. */
  archived: z.boolean(),
  storage: StorageInfo.nullable(),
});
/** See {@link FlowVersion}. */
export type FlowVersion = z.output<typeof FlowVersion>;

/** A task of a version. */
export const FlowTask = z.object({
  name: z.string(),
  flow_id: Id,
  flow_name: z.string(),
  project: z.string(),
  flow_version: z.int().nullable(),
  created: Timestamp,
  /** Whether it is mapped; null when nobody said. */
  mapped: z.boolean().nullable(),
  /** Where it is known from: the registration, or the flow's latest runs. */
  source: z.enum(["registration", "runs"]),
});
/** See {@link FlowTask}. */
export type FlowTask = z.output<typeof FlowTask>;

/** Which versions. Without `number` and `all` only the current one of each flow. */
export const FlowVersionFilter = z.strictObject({
  id: optional(z.strictObject({ any_: optional(z.array(Id)) })),
  number: optional(z.strictObject({ any_: optional(z.array(z.int())) })),
  /** Older ones too. */
  all: optional(z.boolean()),
});
/** See {@link FlowVersionFilter}. */
export type FlowVersionFilter = z.output<typeof FlowVersionFilter>;

/** `POST /flow_versions/filter`; newest first. */
export const FlowVersionQuery = z.object({
  flows: optional(FlowFilter),
  flow_versions: optional(FlowVersionFilter),
  ...Page.shape,
});
/** See {@link FlowVersionQuery}. */
export type FlowVersionQuery = z.input<typeof FlowVersionQuery>;

/** `POST /flow_versions/tasks/filter`; newest version first, tasks in their order. */
export const FlowTaskQuery = z.object({
  ...FlowVersionQuery.shape,
  tasks: optional(z.strictObject({ name: optional(z.strictObject({ any_: optional(z.array(z.string())) })) })),
});
/** See {@link FlowTaskQuery}. */
export type FlowTaskQuery = z.input<typeof FlowTaskQuery>;
