/**
 * Flows: named functions, unique by (project, name).
 *
 * @module
 */

import { z } from "zod";
import { defaulted, Id, optional, Tags, Timestamp } from "./common.ts";

/** The namespace of flows when none is said, and the one that Prefect's clients use. */
export const DEFAULT_PROJECT = "default";

/** A name in addresses and commands: Prefect forbids these five characters. */
export const Name = z.string().min(1).max(500).regex(
  /^[^/%&<>]+$/,
  "name contains an invalid character. Must not contain any of: / % & > <",
);

/** A flow as it is answered. `project` is ours. */
export const Flow = z.object({
  id: Id,
  created: Timestamp,
  updated: Timestamp,
  name: z.string(),
  tags: z.array(z.string()),
  project: z.string(),
});
/** See {@link Flow}. */
export type Flow = z.output<typeof Flow>;

/** What `GET /flows/{id}` answers. */
export const FlowDetails = Flow.extend({
  /** Why no agent would take the flow's runs now; null when one would, or when nothing of the flow is for agents. */
  label_warning: z.string().nullable(),
});
/** See {@link FlowDetails}. */
export type FlowDetails = z.output<typeof FlowDetails>;

/** `POST /flows/`: creates, or finds by (project, name). */
export const FlowCreate = z.object({
  name: Name,
  tags: defaulted(Tags, () => []),
  project: defaulted(Name, () => DEFAULT_PROJECT),
});
/** See {@link FlowCreate}. */
export type FlowCreate = z.input<typeof FlowCreate>;

/** `PATCH /flows/{id}`. */
export const FlowUpdate = z.object({ tags: optional(Tags) });
/** See {@link FlowUpdate}. */
export type FlowUpdate = z.input<typeof FlowUpdate>;
