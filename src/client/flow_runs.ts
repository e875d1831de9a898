/**
 * Calls about flow runs.
 *
 * @module
 */

import type { z } from "zod";
import type { Attempt } from "../domain/attempts.ts";
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
import type { FlowRunView } from "../domain/run_views.ts";
import type { State, StateCreate } from "../domain/states.ts";
import type { Waiting } from "../domain/waiting_reasons.ts";
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
  /** What agents started for it, the first attempt first. Ours. */
  attempts: (id: string) => api.json<Attempt[]>("GET", `/flow_runs/${id}/attempts`),
  /** The run with what a page about it shows. Ours. */
  view: (id: string, signal?: AbortSignal) => api.json<FlowRunView>("GET", `/flow_runs/${id}/view`, { signal }),
  /** Why it waits; null when it does not. Ours. */
  waiting: (id: string, signal?: AbortSignal) =>
    api.json<Waiting | null>("GET", `/flow_runs/${id}/waiting`, { signal }),
  /** What it printed, as text; of one attempt, and only so many last records, when that is said. Ours. */
  console: async (id: string, query: { attempt?: number; tail?: number } = {}, signal?: AbortSignal) =>
    await (await api.raw("GET", `/flow_runs/${id}/console`, { query, signal })).text(),
  /** Why no live agent would take the run that waits; null when one would. Ours. */
  labelWarning: (id: string) => api.json<string | null>("GET", `/flow_runs/${id}/label_warning`),
  /** Waits until the run is final and no line of it can come any more, or `wait_seconds` passed; answers whether it is so. Ours. */
  settled: (id: string, waitSeconds: number, signal?: AbortSignal) =>
    api.json<boolean>("GET", `/flow_runs/${id}/settled`, { query: { wait_seconds: waitSeconds }, signal }),
});
