/**
 * Schedules of deployments.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { DeploymentSchedule } from "../domain/deployments.ts";
import { newId } from "../support/ids.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { fromJson, notFound, timeText } from "./rows.ts";
import type { DeploymentScheduleTable } from "./tables.ts";

/** A schedule without what the store gives it. */
export type NewSchedule =
  & Pick<DeploymentSchedule, "schedule" | "active" | "catchup">
  & { max_active_runs?: number | null | undefined; max_scheduled_runs?: number | null | undefined };

const scheduleOf = (row: DeploymentScheduleTable): DeploymentSchedule => ({
  id: row.id,
  created: row.created,
  updated: row.updated,
  deployment_id: row.deployment_id,
  schedule: fromJson(row.schedule),
  active: row.active === 1,
  max_active_runs: row.max_active_runs,
  max_scheduled_runs: row.max_scheduled_runs,
  catchup: row.catchup === 1,
});

/** The schedules of a deployment in the order in which they were given. */
export const listSchedules = async (db: Db, deploymentId: Id): Promise<DeploymentSchedule[]> =>
  (await queryAll<DeploymentScheduleTable>(
    db,
    "SELECT * FROM deployment_schedule WHERE deployment_id = ? ORDER BY position",
    [deploymentId],
  )).map(scheduleOf);

/** The schedules of several deployments, by deployment; those without any are not in the map. */
export async function listSchedulesOf(
  db: Db,
  deploymentIds: readonly Id[],
): Promise<Map<Id, DeploymentSchedule[]>> {
  const rows = await queryAll<DeploymentScheduleTable>(
    db,
    `SELECT * FROM deployment_schedule WHERE deployment_id IN (SELECT value FROM json_each(?))
      ORDER BY deployment_id, position`,
    [JSON.stringify(deploymentIds)],
  );
  return Map.groupBy(rows.map(scheduleOf), (schedule) => schedule.deployment_id);
}

/** @throws {FlowctlError} `not_found` */
export async function readSchedule(db: Db, deploymentId: Id, id: Id): Promise<DeploymentSchedule> {
  const row = await queryOne<DeploymentScheduleTable>(
    db,
    "SELECT * FROM deployment_schedule WHERE deployment_id = ? AND id = ?",
    [deploymentId, id],
  );
  if (!row) throw notFound("Schedule", id);
  return scheduleOf(row);
}

/** Adds schedules behind those that a deployment has. */
export async function insertSchedules(
  tx: Tx,
  deploymentId: Id,
  schedules: readonly NewSchedule[],
  now: Temporal.Instant,
): Promise<Id[]> {
  const ids: Id[] = [];
  for (const { schedule, active, catchup, max_active_runs, max_scheduled_runs } of schedules) {
    ids.push(newId());
    await run(
      tx,
      `INSERT INTO deployment_schedule (id, created, updated, deployment_id, position, schedule, active, max_active_runs,
        max_scheduled_runs, catchup) VALUES (?1, ?2, ?2, ?3,
        (SELECT coalesce(max(position), -1) + 1 FROM deployment_schedule WHERE deployment_id = ?3), ?4, ?5, ?6, ?7, ?8)`,
      [
        ids.at(-1),
        timeText(now),
        deploymentId,
        JSON.stringify(schedule),
        active,
        max_active_runs,
        max_scheduled_runs,
        catchup,
      ],
    );
  }
  return ids;
}

/** Replaces one schedule. */
export const updateSchedule = (
  tx: Tx,
  id: Id,
  { schedule, active }: { schedule: DeploymentSchedule["schedule"]; active: boolean },
  now: Temporal.Instant,
): Promise<number> =>
  run(tx, "UPDATE deployment_schedule SET updated = ?2, schedule = ?3, active = ?4 WHERE id = ?1", [
    id,
    timeText(now),
    JSON.stringify(schedule),
    active,
  ]);

/** Deletes one schedule. */
export const deleteSchedule = (tx: Tx, id: Id): Promise<number> =>
  run(tx, "DELETE FROM deployment_schedule WHERE id = ?", [id]);

/** Deletes all schedules of a deployment. */
export const deleteSchedules = (tx: Tx, deploymentId: Id): Promise<number> =>
  run(tx, "DELETE FROM deployment_schedule WHERE deployment_id = ?", [deploymentId]);
