/**
 * Calls about task runs.
 *
 * @module
 */

import type { z } from "zod";
import type { FiltersInput, TaskRunQuery } from "../domain/filters.ts";
import type { OrchestrationResult } from "../domain/orchestration.ts";
import type { TaskRunView } from "../domain/run_views.ts";
import type { State, StateCreate } from "../domain/states.ts";
import type { TaskRun, TaskRunCreate, TaskRunUpdate } from "../domain/task_runs.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const taskRuns = (api: Transport) => ({
  create: (run: TaskRunCreate) => api.json<TaskRun>("POST", "/task_runs/", { body: run }),
  read: (id: string) => api.json<TaskRun>("GET", `/task_runs/${id}`),
  list: (query: z.input<typeof TaskRunQuery> = {}) =>
    api.json<TaskRun[]>("POST", "/task_runs/filter", { body: query, reads: true }),
  count: (filters: FiltersInput = {}) => api.json<number>("POST", "/task_runs/count", { body: filters, reads: true }),
  update: (id: string, update: TaskRunUpdate) => api.json<void>("PATCH", `/task_runs/${id}`, { body: update }),
  delete: (id: string) => api.json<void>("DELETE", `/task_runs/${id}`),
  setState: (id: string, state: StateCreate, options: { force?: boolean; signal?: AbortSignal } = {}) =>
    api.json<OrchestrationResult>("POST", `/task_runs/${id}/set_state`, {
      body: { state, force: options.force ?? false },
      signal: options.signal,
    }),
  /** The run with what a page about it shows. Ours. */
  view: (id: string, signal?: AbortSignal) => api.json<TaskRunView>("GET", `/task_runs/${id}/view`, { signal }),
  states: (id: string) => api.json<State[]>("GET", "/task_run_states/", { query: { task_run_id: id } }),
});
