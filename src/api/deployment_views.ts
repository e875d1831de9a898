/**
 * Routes of what pages show of deployments: lists, coming dates, versions, what is wrong with parameters. Ours.
 *
 * @module
 */

import { z } from "zod";
import { optional } from "../domain/common.ts";
import {
  DeploymentPage,
  DeploymentPageQuery,
  DeploymentVersionRow,
  ParameterCheck,
  ParameterCheckQuery,
  ScheduleDates,
  SchedulePreview,
  SchedulePreviewQuery,
} from "../domain/deployment_views.ts";
import { parameterErrors } from "../domain/parameter_errors.ts";
import { overlayParameters } from "../domain/parameters.ts";
import { completeSchedule, nextDates, Schedule } from "../domain/schedules/mod.ts";
import { readDeployment } from "../store/deployments.ts";
import { pageOfDeployments, versionsOfDeployment } from "../store/deployment_views.ts";
import { formatInstant } from "../support/clock.ts";
import { isFlowctlError } from "../support/errors.ts";
import { ok, type Route, route } from "./route.ts";

const tag = "Deployments";

/** How many dates are answered unless another number is asked for. */
const DATES = 10;

/** Dates from now on, or why there are none. */
function datesOf(
  schedule: Schedule,
  from: Temporal.Instant,
  limit: number,
): { dates: string[]; problem: string | null } {
  try {
    const dates = nextDates(schedule, { from, limit }).map(formatInstant);
    return { dates, problem: dates.length === 0 ? "It has no date any more" : null };
  } catch (error) {
    if (!isFlowctlError(error)) throw error;
    return { dates: [], problem: error.message };
  }
}

/** What becomes of a schedule as somebody types it. */
function preview(given: unknown, now: Temporal.Instant, count: number): z.input<typeof SchedulePreview> {
  const refused = (problem: string, hint: string | null = null) => ({
    valid: false,
    schedule: null,
    dates: [],
    problem,
    hint,
  });
  const read = Schedule.safeParse(given);
  if (!read.success) {
    const [issue] = read.error.issues;
    return refused(issue.message);
  }
  try {
    const schedule = completeSchedule(read.data, now);
    const dates = nextDates(schedule, { from: now, limit: count }).map(formatInstant);
    return { valid: true, schedule, dates, problem: null, hint: null };
  } catch (error) {
    if (!isFlowctlError(error)) throw error;
    return refused(error.message, error.hint ?? null);
  }
}

/** See the module's comment. */
export const deploymentViewRoutes: Route[] = [
  route({
    method: "POST",
    path: "/deployments/page",
    tag,
    summary: "List deployments with what runs next and ran last",
    about: "Ours. By name; `next` of an answer is the `after` of the next question.",
    body: DeploymentPageQuery,
    bodyOptional: true,
    answers: { 200: DeploymentPage },
    handle: async ({ read, body }) => ok(await pageOfDeployments(read, body)),
  }),
  route({
    method: "GET",
    path: "/deployments/{id}/versions",
    tag,
    summary: "List a deployment's versions, newest first",
    about: "Ours. The newest hundred, each with what differs from the one before.",
    answers: { 200: z.array(DeploymentVersionRow) },
    async handle({ read, params }) {
      await readDeployment(read, params.id);
      return ok(await versionsOfDeployment(read, params.id));
    },
  }),
  route({
    method: "GET",
    path: "/deployments/{id}/next_dates",
    tag,
    summary: "List the coming dates of a deployment's schedules",
    about:
      "Ours. Of every schedule, also of one that is off or of a deployment that is paused: the dates that it would have.",
    query: z.object({ count: optional(z.coerce.number().int().min(1).max(100)) }),
    answers: { 200: z.array(ScheduleDates) },
    async handle({ read, params, query, now }) {
      const { schedules } = await readDeployment(read, params.id);
      const at = now();
      return ok(
        schedules.map(({ id, schedule }) => ({ schedule_id: id, ...datesOf(schedule, at, query.count ?? DATES) })),
      );
    },
  }),
  route({
    method: "POST",
    path: "/schedules/preview",
    tag,
    summary: "Say what a schedule would do",
    about: "Ours. Nothing is stored. A schedule that is wrong is answered too, with a sentence that says what is.",
    body: SchedulePreviewQuery,
    answers: { 200: SchedulePreview },
    handle: ({ body, now }) => ok(preview(body.schedule, now(), body.count ?? DATES)),
  }),
  route({
    method: "POST",
    path: "/deployments/{id}/validate_parameters",
    tag,
    summary: "Say what is wrong with parameters",
    about:
      "Ours. Checked as a run's are: the given ones lie over the deployment's. Checked also when the schema is not enforced.",
    body: ParameterCheckQuery,
    answers: { 200: ParameterCheck },
    async handle({ read, params, body }) {
      const deployment = await readDeployment(read, params.id);
      const errors = body.as === "defaults"
        ? await parameterErrors(body.parameters, optionalOf(deployment.parameter_openapi_schema))
        : await parameterErrors(
          overlayParameters(deployment.parameters, body.parameters),
          deployment.parameter_openapi_schema,
        );
      return ok({ valid: errors.length === 0, enforced: deployment.enforce_parameter_schema, errors });
    },
  }),
];

/** The defaults of a deployment need not be all that is required: runs bring the rest. */
function optionalOf<T extends Record<string, unknown>>(schema: T | null): Omit<T, "required"> | null {
  if (schema === null) return null;
  const { required: _, ...rest } = schema;
  return rest;
}
