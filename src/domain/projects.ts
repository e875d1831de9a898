/**
 * Projects: namespaces of flows. Ours; Prefect 1 has them, Prefect 2's routes know only `default`.
 *
 * @module
 */

import { z } from "zod";
import { clearable, optional, Page, Timestamp } from "./common.ts";
import { Name } from "./flows.ts";

/** A project as it is answered. */
export const Project = z.object({
  name: z.string(),
  created: Timestamp,
  description: z.string().nullable(),
  /** How many flows it has. */
  flow_count: z.int(),
});
/** See {@link Project}. */
export type Project = z.output<typeof Project>;

/** `POST /projects/`. */
export const ProjectCreate = z.object({ name: Name, description: optional(z.string().max(10_000)) });
/** See {@link ProjectCreate}. */
export type ProjectCreate = z.input<typeof ProjectCreate>;

/** `PATCH /projects/{name}`; null takes the description away. */
export const ProjectUpdate = z.object({ description: clearable(z.string().max(10_000)) });
/** See {@link ProjectUpdate}. */
export type ProjectUpdate = z.input<typeof ProjectUpdate>;

/** A row of the list of projects. */
export const ProjectRow = Project.extend({
  deployment_count: z.int(),
  /** Not counted beyond 1000. */
  run_count: z.int(),
});
/** See {@link ProjectRow}. */
export type ProjectRow = z.output<typeof ProjectRow>;

/** Which projects; the grammar is that of `filters.ts`. */
export const ProjectFilter = z.strictObject({
  name: optional(z.strictObject({ any_: optional(z.array(z.string())), like_: optional(z.string()) })),
});
/** See {@link ProjectFilter}. */
export type ProjectFilter = z.output<typeof ProjectFilter>;

/** `POST /projects/filter`; by name. */
export const ProjectQuery = z.object({ projects: optional(ProjectFilter), ...Page.shape });
/** See {@link ProjectQuery}. */
export type ProjectQuery = z.input<typeof ProjectQuery>;
