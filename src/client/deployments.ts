/**
 * Calls about deployments.
 *
 * @module
 */

import type { z } from "zod";
import type { Deployment, DeploymentCreate, DeploymentUpdate } from "../domain/deployments.ts";
import type { DeploymentQuery, FiltersInput } from "../domain/filters.ts";
import type { DeploymentFlowRunCreate, FlowRun } from "../domain/flow_runs.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const deployments = (api: Transport) => ({
  /** Creates, or replaces by flow and name. */
  create: (deployment: DeploymentCreate) => api.json<Deployment>("POST", "/deployments/", { body: deployment }),
  read: (id: string) => api.json<Deployment>("GET", `/deployments/${id}`),
  readByName: (flow: string, name: string, project?: string) =>
    api.json<Deployment>("GET", `/deployments/name/${encodeURIComponent(flow)}/${encodeURIComponent(name)}`, {
      query: { project },
    }),
  list: (query: z.input<typeof DeploymentQuery> = {}) =>
    api.json<Deployment[]>("POST", "/deployments/filter", { body: query, reads: true }),
  count: (filters: FiltersInput = {}) => api.json<number>("POST", "/deployments/count", { body: filters, reads: true }),
  update: (id: string, update: DeploymentUpdate) => api.json<void>("PATCH", `/deployments/${id}`, { body: update }),
  delete: (id: string) => api.json<void>("DELETE", `/deployments/${id}`),
  pause: (id: string) => api.json<void>("POST", `/deployments/${id}/pause_deployment`),
  resume: (id: string) => api.json<void>("POST", `/deployments/${id}/resume_deployment`),
  createRun: (id: string, run: DeploymentFlowRunCreate = {}) =>
    api.json<FlowRun>("POST", `/deployments/${id}/create_flow_run`, { body: run }),
});
