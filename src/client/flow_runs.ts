/**
 * Calls about flow runs.
 *
 * @module
 */

import type { z } from "zod";
import type { FiltersInput, FlowRunQuery } from "../domain/filters.ts";
import type {
  BulkQuery,
  BulkResult,
  FacetQuery,
  Facets,
  FlowRunPage,
  FlowRunPageQuery,
} from "../domain/flow_run_pages.ts";
import type { FlowRun, FlowRunCreate, FlowRunUpdate } from "../domain/flow_runs.ts";
import type { OrchestrationResult } from "../domain/orchestration.ts";
import type { State, StateCreate } from "../domain/states.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const flowRuns = (api: Transport) => ({
  create: (run: FlowRunCreate) => api.json<FlowRun>("POST", "/flow_runs/", { body: run }),
  read: (id: string) => api.json<FlowRun>("GET", `/flow_runs/${id}`),
  list: (query: z.input<typeof FlowRunQuery> = {}) =>
    api.json<FlowRun[]>("POST", "/flow_runs/filter", { body: query, reads: true }),
  /** A page of a list that may be very long; it begins where another ended. Ours. */
  page: (query: FlowRunPageQuery = {}, signal?: AbortSignal) =>
    api.json<FlowRunPage>("POST", "/flow_runs/page", { body: query, reads: true, signal }),
  /** How many there are of each state, as far as counting is quick. Ours. */
  facets: (query: FacetQuery = {}, signal?: AbortSignal) =>
    api.json<Facets>("POST", "/flow_runs/facets", { body: query, reads: true, signal }),
  /** Cancels many: those with the ids, or the next that match. Ours. */
  bulkCancel: (query: BulkQuery) => api.json<BulkResult>("POST", "/flow_runs/bulk_cancel", { body: query }),
  /** Deletes many: those with the ids, or the next that match. Ours. */
  bulkDelete: (query: BulkQuery) => api.json<BulkResult>("POST", "/flow_runs/bulk_delete", { body: query }),
  count: (filters: FiltersInput = {}) => api.json<number>("POST", "/flow_runs/count", { body: filters, reads: true }),
  update: (id: string, update: FlowRunUpdate) => api.json<void>("PATCH", `/flow_runs/${id}`, { body: update }),
  delete: (id: string) => api.json<void>("DELETE", `/flow_runs/${id}`),
  /** Proposes a state; the answer says what became of it. */
  setState: (id: string, state: StateCreate, options: { force?: boolean; signal?: AbortSignal } = {}) =>
    api.json<OrchestrationResult>("POST", `/flow_runs/${id}/set_state`, {
      body: { state, force: options.force ?? false },
      signal: options.signal,
    }),
  states: (id: string) => api.json<State[]>("GET", "/flow_run_states/", { query: { flow_run_id: id } }),
  /**
   * Waits until the run's state differs from the given one, or `wait_seconds` passed; answers the run. Ours: a long poll, so that
   * `--watch` and cancelling need no polling loop.
   */
  wait: (id: string, stateId: string | null, waitSeconds: number, signal?: AbortSignal) =>
    api.json<FlowRun>("GET", `/flow_runs/${id}/wait`, {
      query: { state_id: stateId ?? undefined, wait_seconds: waitSeconds },
      signal,
    }),
  /** Why no live agent would take the run that waits; null when one would. Ours. */
  labelWarning: (id: string) => api.json<string | null>("GET", `/flow_runs/${id}/label_warning`),
  /** Waits until the run is final and no line of it can come any more, or `wait_seconds` passed; answers whether it is so. Ours. */
  settled: (id: string, waitSeconds: number, signal?: AbortSignal) =>
    api.json<boolean>("GET", `/flow_runs/${id}/settled`, { query: { wait_seconds: waitSeconds }, signal }),
});
