/**
 * Makes the runs of a deployment's schedules ahead of their time.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { Deployment } from "../domain/deployments.ts";
import { FlowRunPolicy } from "../domain/flow_runs.ts";
import { nextDates, type Schedule } from "../domain/schedules/mod.ts";
import { formatInstant } from "../support/clock.ts";
import type { Tx } from "../store/database.ts";
import { readDeployment } from "../store/deployments.ts";
import { pinnedTo } from "./create_deployment_run.ts";
import { addFlowRun } from "./create_flow_run.ts";
import type { Given } from "./rule.ts";

/** How far ahead runs are made; the defaults are Prefect's. */
export interface ScheduleBounds {
  /** No run is earlier; default now. */
  start?: Temporal.Instant;
  /** No run is later; default 100 days after the start. */
  end?: Temporal.Instant;
  /** Runs are made until there are so many of each schedule … default 3 */
  minRuns?: number;
  /** … and one is at least so far ahead, in seconds; default an hour. */
  minSeconds?: number;
  /** Never more for one schedule; default 100. */
  maxRuns?: number;
}

/** See {@link ScheduleBounds}. */
export const SCHEDULE_DEFAULTS = { minRuns: 3, minSeconds: 3600, maxRuns: 100, days: 100 } as const;

/**
 * Makes the coming runs of a deployment's active schedules. A time that has its run already, also one that is over, gets no second
 * one, and two schedules that meet have one run together: the idempotency key is made of deployment and time.
 *
 * @returns How many runs are new; 0 for a paused deployment.
 * @throws {FlowctlError} `not_found`
 */
export async function scheduleRuns(
  tx: Tx,
  deploymentId: Id,
  given: Given,
  bounds: ScheduleBounds = {},
): Promise<number> {
  const deployment = await readDeployment(tx, deploymentId);
  if (deployment.paused) return 0;
  const dates = new Map<string, Temporal.Instant>();
  for (const { schedule, active, max_scheduled_runs: most } of deployment.schedules) {
    if (!active) continue;
    for (const date of comingDates(schedule, given.now, bounds, most)) dates.set(formatInstant(date), date);
  }
  let made = 0;
  for (const [time, date] of [...dates].sort(([a], [b]) => a < b ? -1 : 1)) {
    if (await addScheduledRun(tx, deployment, time, date, given)) made++;
  }
  return made;
}

function comingDates(
  schedule: Schedule,
  now: Temporal.Instant,
  bounds: ScheduleBounds,
  mostOfSchedule: number | null,
): Temporal.Instant[] {
  const start = bounds.start ?? now;
  const end = bounds.end ?? start.add({ hours: 24 * SCHEDULE_DEFAULTS.days });
  const minRuns = bounds.minRuns ?? SCHEDULE_DEFAULTS.minRuns;
  const enough = start.add({ seconds: bounds.minSeconds ?? SCHEDULE_DEFAULTS.minSeconds });
  const limit = Math.min(bounds.maxRuns ?? SCHEDULE_DEFAULTS.maxRuns, mostOfSchedule ?? Infinity);
  const dates = nextDates(schedule, { from: start, limit, until: end });
  const last = dates.findIndex((date, index) => index + 1 >= minRuns && Temporal.Instant.compare(date, enough) >= 0);
  return last === -1 ? dates : dates.slice(0, last + 1);
}

/** `scheduled <deployment> 2026-11-22T00:00:00+00:00`: Prefect's key, in which whole seconds have no fraction. */
export const scheduleKey = (deploymentId: Id, time: string): string =>
  `scheduled ${deploymentId} ${time.replace(".000000+", "+")}`;

async function addScheduledRun(
  tx: Tx,
  deployment: Deployment,
  time: string,
  date: Temporal.Instant,
  given: Given,
): Promise<boolean> {
  const { created } = await addFlowRun(tx, {
    ...pinnedTo(deployment),
    work_queue_name: deployment.work_queue_name,
    parameters: deployment.parameters,
    idempotency_key: scheduleKey(deployment.id, time),
    context: {},
    empirical_policy: FlowRunPolicy.parse({}),
    tags: [...new Set(["auto-scheduled", ...deployment.tags])],
    parent_task_run_id: null,
    auto_scheduled: true,
    infrastructure_document_id: deployment.infrastructure_document_id,
    job_variables: null,
  }, {
    type: "SCHEDULED",
    name: "Scheduled",
    message: "Flow run scheduled",
    state_details: { scheduled_time: formatInstant(date) },
  }, given);
  return created;
}
