/**
 * Calls about the versions that were registered of flows, and their tasks.
 *
 * @module
 */

import type { FlowTask, FlowTaskQuery, FlowVersion, FlowVersionQuery } from "../domain/flow_versions.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const flowVersions = (api: Transport) => ({
  /** Newest first; only current ones unless `flow_versions` says others. */
  list: (query: FlowVersionQuery = {}) =>
    api.json<FlowVersion[]>("POST", "/flow_versions/filter", { body: query, reads: true }),
  /** No more runs are made of it. */
  archive: (id: string) => api.json<void>("POST", `/deployment_versions/${id}/archive`),
  tasks: (query: FlowTaskQuery = {}) =>
    api.json<FlowTask[]>("POST", "/flow_versions/tasks/filter", { body: query, reads: true }),
});
