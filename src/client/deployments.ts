/**
 * Calls about deployments.
 *
 * @module
 */

import type { z } from "zod";
import type {
  Deployment,
  DeploymentCreate,
  DeploymentSchedule,
  DeploymentScheduleCreate,
  DeploymentUpdate,
} from "../domain/deployments.ts";
import type {
  DeploymentPage,
  DeploymentPageQuery,
  DeploymentVersionRow,
  ParameterCheck,
  ParameterCheckQuery,
  ScheduleDates,
  SchedulePreview,
} from "../domain/deployment_views.ts";
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
  addSchedules: (id: string, schedules: DeploymentScheduleCreate[]) =>
    api.json<DeploymentSchedule[]>("POST", `/deployments/${id}/schedules`, { body: schedules }),
  updateSchedule: (
    id: string,
    scheduleId: string,
    update: Partial<Pick<DeploymentScheduleCreate, "schedule" | "active">>,
  ) => api.json<void>("PATCH", `/deployments/${id}/schedules/${scheduleId}`, { body: update }),
  deleteSchedule: (id: string, scheduleId: string) =>
    api.json<void>("DELETE", `/deployments/${id}/schedules/${scheduleId}`),
  /** A page of the list with what runs next and ran last. Ours, as what follows. */
  page: (query: DeploymentPageQuery = {}, signal?: AbortSignal) =>
    api.json<DeploymentPage>("POST", "/deployments/page", { body: query, reads: true, signal }),
  versions: (id: string) => api.json<DeploymentVersionRow[]>("GET", `/deployments/${id}/versions`),
  nextDates: (id: string, count?: number) =>
    api.json<ScheduleDates[]>("GET", `/deployments/${id}/next_dates`, { query: { count } }),
  previewSchedule: (schedule: Record<string, unknown>, count?: number, signal?: AbortSignal) =>
    api.json<SchedulePreview>("POST", "/schedules/preview", { body: { schedule, count }, reads: true, signal }),
  validateParameters: (id: string, query: ParameterCheckQuery, signal?: AbortSignal) =>
    api.json<ParameterCheck>("POST", `/deployments/${id}/validate_parameters`, { body: query, reads: true, signal }),
});
