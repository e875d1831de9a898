/**
 * Adds, changes and removes single schedules of deployments. Each time the automatic runs that wait go: they are made anew.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { DeploymentSchedule } from "../domain/deployments.ts";
import type { Schedule } from "../domain/schedules/mod.ts";
import { run } from "../store/connection.ts";
import type { Tx } from "../store/database.ts";
import { deleteScheduledRuns, readDeployment } from "../store/deployments.ts";
import { timeText } from "../store/rows.ts";
import { deleteSchedule, insertSchedules, type NewSchedule, readSchedule, updateSchedule } from "../store/schedules.ts";
import { completed } from "./deployments.ts";
import type { Given } from "./rule.ts";

/** @throws {FlowctlError} `not_found`; `invalid` for a schedule that never runs. */
export async function createDeploymentSchedules(
  tx: Tx,
  deploymentId: Id,
  schedules: readonly NewSchedule[],
  { now }: Given,
): Promise<DeploymentSchedule[]> {
  await readDeployment(tx, deploymentId);
  const ids = await insertSchedules(tx, deploymentId, completed(schedules, now), now);
  await startAnew(tx, deploymentId, now);
  return await Promise.all(ids.map((id) => readSchedule(tx, deploymentId, id)));
}

/** @throws {FlowctlError} `not_found`; `invalid` for a schedule that never runs. */
export async function updateDeploymentSchedule(
  tx: Tx,
  deploymentId: Id,
  id: Id,
  update: { schedule?: Schedule | undefined; active?: boolean | undefined },
  { now }: Given,
): Promise<void> {
  const old = await readSchedule(tx, deploymentId, id);
  const given = { ...old, schedule: update.schedule ?? old.schedule, active: update.active ?? old.active };
  const [{ schedule, active }] = update.schedule ? completed([given], now) : [given];
  await updateSchedule(tx, id, { schedule, active }, now);
  await startAnew(tx, deploymentId, now);
}

/** @throws {FlowctlError} `not_found` */
export async function deleteDeploymentSchedule(tx: Tx, deploymentId: Id, id: Id, { now }: Given): Promise<void> {
  await readSchedule(tx, deploymentId, id);
  await deleteSchedule(tx, id);
  await startAnew(tx, deploymentId, now);
}

async function startAnew(tx: Tx, deploymentId: Id, now: Temporal.Instant): Promise<void> {
  await deleteScheduledRuns(tx, deploymentId, "auto");
  // The scheduler looks at deployments that changed.
  await run(tx, "UPDATE deployment SET updated = ? WHERE id = ?", [timeText(now), deploymentId]);
  tx.announce({ kind: "deployment", id: deploymentId });
}
