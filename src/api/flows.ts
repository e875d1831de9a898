/**
 * Routes of flows; Prefect's, with `project` beside.
 *
 * @module
 */

import { z } from "zod";
import { optional } from "../domain/common.ts";
import { Filters, FlowQuery } from "../domain/filters.ts";
import { Flow, FlowCreate, FlowDetails, FlowUpdate, Name } from "../domain/flows.ts";
import { flowLabelWarning } from "../store/label_warnings.ts";
import { countFlows, createFlow, deleteFlow, listFlows, readFlow, readFlowByName, updateFlow } from "../store/flows.ts";
import { made, nothing, ok, type Route, route } from "./route.ts";

const tag = "Flows";

/** See the module's comment. */
export const flowRoutes: Route[] = [
  route({
    method: "POST",
    path: "/flows/",
    tag,
    summary: "Create a flow, or find it by project and name",
    body: FlowCreate,
    answers: { 201: Flow, 200: Flow },
    // Sub-flows have flows of their own; a name is all that can be made here.
    scope: "allowed",
    async handle({ write, body, now }) {
      const { flow, created } = await write((tx) => createFlow(tx, body, now()));
      return made(flow, created);
    },
  }),
  route({
    method: "POST",
    path: "/flows/filter",
    tag,
    summary: "List flows",
    body: FlowQuery,
    bodyOptional: true,
    answers: { 200: z.array(Flow) },
    handle: async ({ read, body }) => ok(await listFlows(read, body)),
  }),
  route({
    method: "POST",
    path: "/flows/count",
    tag,
    summary: "Count flows",
    body: Filters,
    bodyOptional: true,
    answers: { 200: z.int() },
    handle: async ({ read, body }) => ok(await countFlows(read, body)),
  }),
  route({
    method: "GET",
    path: "/flows/name/{name}",
    tag,
    summary: "Read a flow by name",
    query: z.object({ project: optional(Name) }),
    answers: { 200: Flow },
    scope: "allowed",
    handle: async ({ read, params, query }) => ok(await readFlowByName(read, params.name, query.project)),
  }),
  route({
    method: "GET",
    path: "/flows/{id}",
    tag,
    summary: "Read a flow",
    answers: { 200: FlowDetails },
    scope: "allowed",
    handle: async ({ read, params, now }) =>
      ok({ ...await readFlow(read, params.id), label_warning: await flowLabelWarning(read, params.id, now()) }),
  }),
  route({
    method: "PATCH",
    path: "/flows/{id}",
    tag,
    summary: "Change a flow",
    body: FlowUpdate,
    answers: { 204: "Changed" },
    async handle({ write, params, body, now }) {
      await write((tx) => updateFlow(tx, params.id, body, now()));
      return nothing();
    },
  }),
  route({
    method: "DELETE",
    path: "/flows/{id}",
    tag,
    summary: "Delete a flow with its deployments and runs",
    answers: { 204: "Deleted" },
    async handle({ write, params }) {
      await write((tx) => deleteFlow(tx, params.id));
      return nothing();
    },
  }),
];
