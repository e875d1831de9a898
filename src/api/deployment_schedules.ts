/**
 * Routes of the single schedules of a deployment; Prefect's.
 *
 * @module
 */

import { z } from "zod";
import { optional } from "../domain/common.ts";
import { DeploymentSchedule, DeploymentScheduleCreate } from "../domain/deployments.ts";
import { Schedule } from "../domain/schedules/schema.ts";
import {
  createDeploymentSchedules,
  deleteDeploymentSchedule,
  updateDeploymentSchedule,
} from "../orchestration/deployment_schedules.ts";
import { readDeployment } from "../store/deployments.ts";
import { made, nothing, ok, type Route, route } from "./route.ts";

const tag = "Deployments";

/** See the module's comment. */
export const deploymentScheduleRoutes: Route[] = [
  route({
    method: "GET",
    path: "/deployments/{id}/schedules",
    tag,
    summary: "List a deployment's schedules",
    answers: { 200: z.array(DeploymentSchedule) },
    handle: async ({ read, params }) => ok((await readDeployment(read, params.id)).schedules),
  }),
  route({
    method: "POST",
    path: "/deployments/{id}/schedules",
    tag,
    summary: "Add schedules to a deployment",
    body: z.array(DeploymentScheduleCreate).max(100),
    answers: { 201: z.array(DeploymentSchedule) },
    async handle({ write, params, body, given }) {
      return made(await write((tx) => createDeploymentSchedules(tx, params.id, body, given())), true);
    },
  }),
  route({
    method: "PATCH",
    path: "/deployments/{id}/schedules/{schedule_id}",
    tag,
    summary: "Change a schedule",
    body: z.object({ schedule: optional(Schedule), active: optional(z.boolean()) }),
    answers: { 204: "Changed" },
    async handle({ write, params, body, given }) {
      await write((tx) => updateDeploymentSchedule(tx, params.id, params.schedule_id, body, given()));
      return nothing();
    },
  }),
  route({
    method: "DELETE",
    path: "/deployments/{id}/schedules/{schedule_id}",
    tag,
    summary: "Remove a schedule",
    answers: { 204: "Removed" },
    async handle({ write, params, given }) {
      await write((tx) => deleteDeploymentSchedule(tx, params.id, params.schedule_id, given()));
      return nothing();
    },
  }),
];
