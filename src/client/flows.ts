/**
 * Calls about flows.
 *
 * @module
 */

import type { FiltersInput, FlowQuery } from "../domain/filters.ts";
import type { Flow, FlowCreate, FlowDetails, FlowUpdate } from "../domain/flows.ts";
import type { z } from "zod";
import type { FlowRunsPage, FlowRunsQuery, FlowsPage, FlowsPageQuery, FlowView } from "../domain/flow_views.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const flows = (api: Transport) => ({
  /** Creates, or finds by project and name. */
  create: (flow: FlowCreate) => api.json<Flow>("POST", "/flows/", { body: flow }),
  read: (id: string) => api.json<FlowDetails>("GET", `/flows/${id}`),
  readByName: (name: string, project?: string) =>
    api.json<Flow>("GET", `/flows/name/${encodeURIComponent(name)}`, { query: { project } }),
  list: (query: z.input<typeof FlowQuery> = {}) =>
    api.json<Flow[]>("POST", "/flows/filter", { body: query, reads: true }),
  count: (filters: FiltersInput = {}) => api.json<number>("POST", "/flows/count", { body: filters, reads: true }),
  update: (id: string, update: FlowUpdate) => api.json<void>("PATCH", `/flows/${id}`, { body: update }),
  /** Ours: what the list of flows shows. */
  page: (query: FlowsPageQuery = {}, signal?: AbortSignal) =>
    api.json<FlowsPage>("POST", "/flows/page", { body: query, reads: true, signal }),
  /** Ours: what a flow's page shows. */
  view: (id: string, signal?: AbortSignal) => api.json<FlowView>("GET", `/flows/${id}/view`, { signal }),
  /** Ours: its runs, newest first. */
  runs: (id: string, query: FlowRunsQuery = {}, signal?: AbortSignal) =>
    api.json<FlowRunsPage>("POST", `/flows/${id}/runs`, { body: query, reads: true, signal }),
  delete: (id: string) => api.json<void>("DELETE", `/flows/${id}`),
});
