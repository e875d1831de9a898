/**
 * Routes of the versions that were registered of flows, and of their tasks. Ours; Prefect 1 asks for them with GraphQL.
 *
 * @module
 */

import { z } from "zod";
import { FlowTask, FlowTaskQuery, FlowVersion, FlowVersionQuery } from "../domain/flow_versions.ts";
import { listFlowTasks, listFlowVersions } from "../store/flow_versions.ts";
import { ok, type Route, route } from "./route.ts";

const tag = "Flow versions";

/** See the module's comment. */
export const flowVersionRoutes: Route[] = [
  route({
    method: "POST",
    path: "/flow_versions/filter",
    tag,
    summary: "List flows with what was registered of them, newest first",
    about:
      "Only the current version of each flow, unless `flow_versions` says others. Flows that nobody registered have no version.",
    body: FlowVersionQuery,
    bodyOptional: true,
    answers: { 200: z.array(FlowVersion) },
    handle: async ({ read, body }) => ok(await listFlowVersions(read, body)),
  }),
  route({
    method: "POST",
    path: "/flow_versions/tasks/filter",
    tag,
    summary: "List the tasks of flows",
    about: "As the registration says them, else those of the flow's latest runs.",
    body: FlowTaskQuery,
    bodyOptional: true,
    answers: { 200: z.array(FlowTask) },
    handle: async ({ read, body }) => ok(await listFlowTasks(read, body)),
  }),
];
