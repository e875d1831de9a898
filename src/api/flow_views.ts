/**
 * Routes that answer what the pages of flows show. Ours.
 *
 * @module
 */

import { FlowRunsPage, FlowRunsQuery, FlowsPage, FlowsPageQuery, FlowView } from "../domain/flow_views.ts";
import { archiveVersion } from "../orchestration/archive_version.ts";
import { flowRunsPage, flowsPage, flowView } from "../store/flow_views.ts";
import { nothing, ok, type Route, route } from "./route.ts";

const tag = "Flows";

/** See the module's comment. */
export const flowViewRoutes: Route[] = [
  route({
    method: "POST",
    path: "/flows/page",
    tag,
    summary: "List flows by name with their latest runs and their labels",
    body: FlowsPageQuery,
    bodyOptional: true,
    answers: { 200: FlowsPage },
    handle: async ({ read, body, now }) => ok(await flowsPage(read, body, now())),
  }),
  route({
    method: "GET",
    path: "/flows/{id}/view",
    tag,
    summary: "Read a flow with its deployments, versions and latest runs",
    answers: { 200: FlowView },
    handle: async ({ read, params, now }) => ok(await flowView(read, params.id, now())),
  }),
  route({
    method: "POST",
    path: "/flows/{id}/runs",
    tag,
    summary: "List the runs of a flow, newest first",
    body: FlowRunsQuery,
    bodyOptional: true,
    answers: { 200: FlowRunsPage },
    handle: async ({ read, params, body }) => ok(await flowRunsPage(read, params.id, body)),
  }),
  route({
    method: "POST",
    path: "/deployment_versions/{id}/archive",
    tag: "Registrations",
    summary: "Archive a version: no more runs are made of it",
    about: "Runs that wait go on. The version that its deployment's runs are made of can't be archived.",
    answers: { 204: "Archived", 409: "It is the latest one" },
    async handle({ write, params, now }) {
      await write((tx) => archiveVersion(tx, params.id, now()));
      return nothing();
    },
  }),
];
