/**
 * Questions of dispatch and of the services: which runs are due, late, left over; which deployments want runs.
 *
 * @module
 */

import type { Agent } from "../domain/agents.ts";
import type { Id } from "../domain/common.ts";
import { FINAL_STATES } from "../domain/states.ts";
import { queryAll } from "./connection.ts";
import type { Db } from "./database.ts";
import { timeText } from "./rows.ts";

const idsOf = (rows: { id: Id }[]) => rows.map(({ id }) => id);

/**
 * Runs that an agent may take now, longest due first: SCHEDULED, of a deployment with a runner that it has, with labels that are
 * a subset of its own (a run without labels goes only to an agent without labels). A run that waits for its retry inside of a
 * process that lives is nobody's.
 */
export const listClaimableRuns = async (
  db: Db,
  { labels, runners, limit }: { labels: Agent["labels"]; runners: readonly string[]; limit: number },
  now: Temporal.Instant,
): Promise<Id[]> =>
  idsOf(
    await queryAll<{ id: Id }>(
      db,
      `SELECT r.id FROM flow_run r CROSS JOIN deployment_version v ON v.id = r.deployment_version_id
        WHERE r.state_type = 'SCHEDULED' AND r.next_scheduled_start_time <= ?1
          AND v.flow_runner ->> '$.type' IN (SELECT value FROM json_each(?2))
          AND coalesce(r.empirical_policy ->> '$.retry_type', '') <> 'in_process'
          AND (r.labels = '[]') = (?3 = '[]')
          AND NOT EXISTS (SELECT 1 FROM json_each(r.labels) wanted
            WHERE wanted.value NOT IN (SELECT value FROM json_each(?3)))
        ORDER BY r.next_scheduled_start_time, r.id LIMIT ?4`,
      [timeText(now), JSON.stringify(runners), JSON.stringify(labels), limit],
    ),
  );

/**
 * When the next run becomes due that is not due yet, so that an open claim knows when to look again; undefined when there is none.
 */
export async function nextDueTime(db: Db, now: Temporal.Instant): Promise<Temporal.Instant | undefined> {
  const [row] = await queryAll<{ next: string | null }>(
    db,
    "SELECT min(next_scheduled_start_time) AS next FROM flow_run WHERE state_type = 'SCHEDULED' AND next_scheduled_start_time > ?",
    [timeText(now)],
  );
  return row.next === null ? undefined : Temporal.Instant.from(row.next);
}

/** Runs named Scheduled that were due at the given moment or before, longest first. */
export const listUnstartedRuns = async (
  db: Db,
  dueBefore: Temporal.Instant,
  limit: number,
): Promise<{ id: Id; scheduledTime: string }[]> =>
  await queryAll<{ id: Id; scheduledTime: string }>(
    db,
    `SELECT id, next_scheduled_start_time AS scheduledTime FROM flow_run
      WHERE state_type = 'SCHEDULED' AND next_scheduled_start_time <= ? AND state_name = 'Scheduled'
      ORDER BY next_scheduled_start_time, id LIMIT ?`,
    [timeText(dueBefore), limit],
  );

/** SCHEDULED runs of some deployments that are due, as Prefect's runners ask for them; soonest first. */
export const listScheduledRunIds = async (
  db: Db,
  deploymentIds: readonly Id[],
  dueBefore: Temporal.Instant,
  limit: number,
): Promise<Id[]> =>
  idsOf(
    await queryAll<{ id: Id }>(
      db,
      `SELECT id FROM flow_run WHERE deployment_id IN (SELECT value FROM json_each(?)) AND state_type = 'SCHEDULED'
        AND next_scheduled_start_time <= ? ORDER BY next_scheduled_start_time, id LIMIT ?`,
      [JSON.stringify(deploymentIds), timeText(dueBefore), limit],
    ),
  );

/** Deployments with an active schedule that have fewer than `minRuns` future runs, or none as late as `until`; by id. */
export const listDeploymentsWithoutRuns = async (
  db: Db,
  { minRuns, until, after, limit }: { minRuns: number; until: Temporal.Instant; after: Id; limit: number },
  now: Temporal.Instant,
): Promise<Id[]> =>
  idsOf(
    await queryAll<{ id: Id }>(
      db,
      `SELECT d.id FROM deployment d WHERE d.paused = 0 AND d.id > ?1
        AND EXISTS (SELECT 1 FROM deployment_schedule s WHERE s.deployment_id = d.id AND s.active = 1)
        AND (SELECT count(*) < ?2 OR max(r.next_scheduled_start_time) < ?3 FROM flow_run r
          WHERE r.deployment_id = d.id AND r.state_type = 'SCHEDULED' AND r.next_scheduled_start_time >= ?4
            AND r.auto_scheduled = 1)
        ORDER BY d.id LIMIT ?5`,
      [after, minRuns, timeText(until), timeText(now), limit],
    ),
  );

/** Deployments that were made or changed at that moment or later. */
export const listDeploymentsUpdatedSince = async (db: Db, since: Temporal.Instant): Promise<Id[]> =>
  idsOf(
    await queryAll<{ id: Id }>(db, "SELECT id FROM deployment WHERE updated >= ? AND paused = 0", [timeText(since)]),
  );

const NOT_FINAL = `NOT IN (${FINAL_STATES.map((type) => `'${type}'`).join(", ")})`;

/** Task runs that are not over although their flow run was cancelled since the given moment. */
export const listOrphanedTaskRuns = async (db: Db, since: Temporal.Instant, limit: number): Promise<Id[]> =>
  idsOf(
    await queryAll<{ id: Id }>(
      db,
      `SELECT t.id FROM flow_run r INDEXED BY flow_run_cancelled CROSS JOIN task_run t ON t.flow_run_id = r.id
        WHERE r.state_type = 'CANCELLED' AND r.state_timestamp >= ?
          AND (t.state_type IS NULL OR t.state_type ${NOT_FINAL}) LIMIT ?`,
      [timeText(since), limit],
    ),
  );

/** Sub-flow runs that are not over (nor being cancelled) although their parent was cancelled since the given moment. */
export const listOrphanedSubFlowRuns = async (db: Db, since: Temporal.Instant, limit: number): Promise<Id[]> =>
  idsOf(
    await queryAll<{ id: Id }>(
      db,
      `SELECT c.id FROM flow_run r INDEXED BY flow_run_cancelled CROSS JOIN task_run t ON t.flow_run_id = r.id
        CROSS JOIN flow_run c ON c.parent_task_run_id = t.id
        WHERE r.state_type = 'CANCELLED' AND r.state_timestamp >= ?
          AND (c.state_type IS NULL OR c.state_type ${NOT_FINAL}) AND c.state_type <> 'CANCELLING' LIMIT ?`,
      [timeText(since), limit],
    ),
  );
