/**
 * Calls about projects.
 *
 * @module
 */

import type { Project, ProjectCreate, ProjectQuery, ProjectRow, ProjectUpdate } from "../domain/projects.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const projects = (api: Transport) => ({
  /** @throws FlowctlError `conflict` when it exists. */
  create: (project: ProjectCreate) => api.json<Project>("POST", "/projects/", { body: project }),
  read: (name: string) => api.json<Project>("GET", `/projects/${encodeURIComponent(name)}`),
  list: (query: ProjectQuery = {}) => api.json<Project[]>("POST", "/projects/filter", { body: query, reads: true }),
  /** All of them, with how much is in each. */
  page: (signal?: AbortSignal) => api.json<ProjectRow[]>("POST", "/projects/page", { body: {}, reads: true, signal }),
  update: (name: string, update: ProjectUpdate) =>
    api.json<Project>("PATCH", `/projects/${encodeURIComponent(name)}`, { body: update }),
  /** Deletes it with its flows, their deployments, runs and logs. */
  delete: (name: string) => api.json<void>("DELETE", `/projects/${encodeURIComponent(name)}`),
});
