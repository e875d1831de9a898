/**
 * Routes of deployments; Prefect's.
 *
 * @module
 */

import { z } from "zod";
import { Id, optional, Timestamp } from "../domain/common.ts";
import { Deployment, DeploymentCreate, DeploymentUpdate } from "../domain/deployments.ts";
import { DeploymentQuery, Filters } from "../domain/filters.ts";
import { DeploymentFlowRunCreate, FlowRun } from "../domain/flow_runs.ts";
import { Name } from "../domain/flows.ts";
import { createDeploymentRun } from "../orchestration/create_deployment_run.ts";
import { putDeployment, setDeploymentPaused, updateDeployment } from "../orchestration/deployments.ts";
import { scheduleRuns } from "../orchestration/schedule_runs.ts";
import {
  countDeployments,
  deleteDeployment,
  listDeployments,
  noteDeploymentsPolled,
  readDeployment,
  readDeploymentByName,
} from "../store/deployments.ts";
import { listScheduledRunIds } from "../store/due_runs.ts";
import { findFlowRun } from "../store/flow_runs.ts";
import { limitOf } from "../store/pages.ts";
import { made, nothing, ok, type Route, route } from "./route.ts";
import { ownDeployment } from "./run_scope.ts";

const tag = "Deployments";

/** Later than any run. */
const FAR = Temporal.Instant.from("9999-12-31T00:00:00Z");

/** Prefect has two names for each of these. */
const pausing = (path: string, paused: boolean): Route =>
  route({
    method: "POST",
    path: `/deployments/{id}/${path}`,
    tag,
    summary: paused ? "Pause a deployment's schedules" : "Resume a deployment's schedules",
    ...(paused ? { about: "Its automatic runs that wait are deleted." } : {}),
    answers: { 200: z.null() },
    async handle({ write, params, given }) {
      await write((tx) => setDeploymentPaused(tx, params.id, paused, given()));
      return ok(null);
    },
  });

/** See the module's comment. */
export const deploymentRoutes: Route[] = [
  route({
    method: "POST",
    path: "/deployments/",
    tag,
    summary: "Create a deployment, or replace the one with the same flow and name",
    about: "Schedules and automatic runs that wait are made anew. What is run gets a new version when it changed.",
    body: DeploymentCreate,
    answers: { 201: Deployment, 200: Deployment },
    async handle({ write, body, given }) {
      const { deployment, created } = await write((tx) => putDeployment(tx, body, given()));
      return made(deployment, created);
    },
  }),
  route({
    method: "POST",
    path: "/deployments/filter",
    tag,
    summary: "List deployments",
    body: DeploymentQuery,
    bodyOptional: true,
    answers: { 200: z.array(Deployment) },
    handle: async ({ read, body }) => ok(await listDeployments(read, body)),
  }),
  route({
    method: "POST",
    path: "/deployments/count",
    tag,
    summary: "Count deployments",
    body: Filters,
    bodyOptional: true,
    answers: { 200: z.int() },
    handle: async ({ read, body }) => ok(await countDeployments(read, body)),
  }),
  route({
    method: "POST",
    path: "/deployments/get_scheduled_flow_runs",
    tag,
    summary: "List the runs of deployments that are due",
    about:
      "Prefect's runners ask so; without `scheduled_before`, of all that wait. The deployments are READY from then on.",
    body: z.object({
      deployment_ids: z.array(Id).max(10_000),
      scheduled_before: optional(Timestamp),
      limit: optional(z.int()),
    }),
    answers: { 200: z.array(FlowRun) },
    async handle({ read, write, body, now }) {
      const at = now();
      const before = body.scheduled_before === undefined ? FAR : Temporal.Instant.from(body.scheduled_before);
      const ids = await listScheduledRunIds(read, body.deployment_ids, before, limitOf(body));
      await write((tx) => noteDeploymentsPolled(tx, body.deployment_ids, at));
      const runs = await Promise.all(ids.map((id) => findFlowRun(read, id, at)));
      return ok(runs.filter((run) => run !== undefined));
    },
  }),
  route({
    method: "GET",
    path: "/deployments/name/{flow}/{name}",
    tag,
    summary: "Read a deployment by the names of flow and deployment",
    query: z.object({ project: optional(Name) }),
    answers: { 200: Deployment },
    handle: async ({ read, params, query }) =>
      ok(await readDeploymentByName(read, params.flow, params.name, query.project)),
  }),
  route({
    method: "GET",
    path: "/deployments/{id}",
    tag,
    summary: "Read a deployment",
    about: "A run is answered the version that it is pinned to.",
    answers: { 200: Deployment },
    afterEnd: true,
    scope: async (call, lease) => (await ownDeployment(call, lease))?.id === call.params.id,
    async handle(call) {
      const own = call.lease && await ownDeployment(call, call.lease);
      return ok(own ?? await readDeployment(call.read, call.params.id));
    },
  }),
  route({
    method: "PATCH",
    path: "/deployments/{id}",
    tag,
    summary: "Change a deployment",
    body: DeploymentUpdate,
    answers: { 204: "Changed" },
    async handle({ write, params, body, given }) {
      await write((tx) => updateDeployment(tx, params.id, body, given()));
      return nothing();
    },
  }),
  route({
    method: "DELETE",
    path: "/deployments/{id}",
    tag,
    summary: "Delete a deployment with its runs that wait",
    answers: { 204: "Deleted" },
    async handle({ write, params }) {
      await write((tx) => deleteDeployment(tx, params.id));
      return nothing();
    },
  }),
  route({
    method: "POST",
    path: "/deployments/{id}/create_flow_run",
    tag,
    summary: "Create a run of a deployment",
    about: "Without a state it is SCHEDULED for now. Parameters lie over the deployment's; tags are the union.",
    body: DeploymentFlowRunCreate,
    bodyOptional: true,
    answers: { 201: FlowRun, 200: FlowRun },
    async handle({ write, params, body, given }) {
      const { run, created } = await write((tx) => createDeploymentRun(tx, params.id, body, given()));
      return made(run, created);
    },
  }),
  route({
    method: "POST",
    path: "/deployments/{id}/schedule",
    tag,
    summary: "Make the coming runs of a deployment's schedules",
    about: "`min_time` is in seconds.",
    body: z.object({
      start_time: optional(Timestamp),
      end_time: optional(Timestamp),
      min_time: optional(z.number().min(0).max(366 * 86_400)),
      min_runs: optional(z.int().min(0).max(1000)),
      max_runs: optional(z.int().min(0).max(1000)),
    }),
    bodyOptional: true,
    answers: { 200: z.null() },
    async handle({ write, params, body, given }) {
      const { start_time: start, end_time: end, min_time: minSeconds, min_runs: minRuns, max_runs: maxRuns } = body;
      await write((tx) =>
        scheduleRuns(tx, params.id, given(), {
          ...(start === undefined ? {} : { start: Temporal.Instant.from(start) }),
          ...(end === undefined ? {} : { end: Temporal.Instant.from(end) }),
          ...(minSeconds === undefined ? {} : { minSeconds }),
          ...(minRuns === undefined ? {} : { minRuns }),
          ...(maxRuns === undefined ? {} : { maxRuns }),
        })
      );
      return ok(null);
    },
  }),
  pausing("pause_deployment", true),
  pausing("resume_deployment", false),
  pausing("set_schedule_inactive", true),
  pausing("set_schedule_active", false),
];
