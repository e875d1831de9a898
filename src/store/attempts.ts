/**
 * Attempts: a row for each claim of a run, kept with the run.
 *
 * @module
 */

import type { z } from "zod";
import type { Lease } from "../domain/agents.ts";
import type { Attempt, Holder, LeaseEnded } from "../domain/attempts.ts";
import type { Id } from "../domain/common.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { fromJson, notFound, timeText } from "./rows.ts";
import type { AttemptTable } from "./tables.ts";

const attemptOf = ({ networks, oom_killed, ...row }: AttemptTable): Attempt => ({
  ...row,
  networks: fromJson(networks),
  oom_killed: oom_killed === null ? null : oom_killed === 1,
});

/** A run's attempts, the first first. */
export const listAttempts = async (db: Db, flowRunId: Id): Promise<Attempt[]> =>
  (await queryAll<AttemptTable>(db, "SELECT * FROM attempt WHERE flow_run_id = ? ORDER BY attempt, claimed, id", [
    flowRunId,
  ])).map(attemptOf);

/** Begins an attempt, with its lease. */
export const insertAttempt = (
  tx: Tx,
  { lease, agentName, runner }: { lease: Lease; agentName: string; runner: string | undefined },
  now: Temporal.Instant,
): Promise<number> =>
  run(
    tx,
    "INSERT INTO attempt (id, flow_run_id, attempt, agent_id, agent_name, runner, claimed) VALUES (?,?,?,?,?,?,?)",
    [lease.id, lease.flow_run_id, lease.attempt, lease.agent_id, agentName, runner, timeText(now)],
  );

/** Notes that something was started, and what. What was told before and is absent now stays. */
export const noteAttemptStarted = (
  tx: Tx,
  id: Id,
  pid: string,
  holder: z.output<typeof Holder> | undefined,
  now: Temporal.Instant,
): Promise<number> =>
  run(
    tx,
    `UPDATE attempt SET infrastructure_pid = ?2, started = coalesce(?3, started, ?4), kind = coalesce(?5, kind),
      name = coalesce(?6, name), container_id = coalesce(?7, container_id), image = coalesce(?8, image),
      image_id = coalesce(?9, image_id), digest = coalesce(?10, digest), networks = coalesce(?11, networks),
      engine_id = coalesce(?12, engine_id), host = coalesce(?13, host), created = coalesce(?14, created) WHERE id = ?1`,
    [
      id,
      pid,
      holder?.started,
      timeText(now),
      holder?.kind,
      holder?.name,
      holder?.container_id,
      holder?.image,
      holder?.image_id,
      holder?.digest,
      holder?.networks === undefined ? undefined : JSON.stringify(holder.networks),
      holder?.engine_id,
      holder?.host,
      holder?.created,
    ],
  );

/**
 * Notes how it ended; also long after its lease was over, as an agent that was away tells it late.
 *
 * @returns The run it was of.
 * @throws {FlowctlError} `not_found`
 */
export async function noteAttemptEnded(
  tx: Tx,
  id: Id,
  { exit_code, oom_killed, reason, ended }: z.output<typeof LeaseEnded>,
  now: Temporal.Instant,
): Promise<Id> {
  const row = await queryOne<{ flow_run_id: Id }>(
    tx,
    `UPDATE attempt SET exit_code = ?2, oom_killed = ?3, reason = ?4, ended = coalesce(?5, ended, ?6) WHERE id = ?1
      RETURNING flow_run_id`,
    [id, exit_code, oom_killed, reason, ended, timeText(now)],
  );
  if (row === undefined) throw notFound("Attempt", id);
  return row.flow_run_id;
}

/** Notes that nobody follows it any more; how it ended may have been told, or be told later. */
export const noteAttemptOver = (tx: Tx, id: Id, now: Temporal.Instant, why?: string): Promise<number> =>
  run(tx, "UPDATE attempt SET ended = coalesce(ended, ?2), reason = coalesce(reason, ?3) WHERE id = ?1", [
    id,
    timeText(now),
    why,
  ]);
