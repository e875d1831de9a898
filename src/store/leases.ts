/**
 * Leases: one row for each attempt that is under way. A lease that is over has no row, so its token is worth nothing.
 *
 * Tokens are stored as they are: who can read this file (0600) can read and change everything else in it too, and an agent that
 * restarts asks for its leases with their tokens.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import type { ClaimAnswer, Lease } from "../domain/agents.ts";
import type { Id } from "../domain/common.ts";
import { FINAL_STATES, type StateType } from "../domain/states.ts";
import { newId } from "../support/ids.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { timeText } from "./rows.ts";
import type { LeaseTable } from "./tables.ts";

const leaseOf = (row: LeaseTable): Lease => ({
  id: row.id,
  flow_run_id: row.flow_run_id,
  agent_id: row.agent_id,
  attempt: row.attempt,
  token: row.token,
  started: row.started === 1,
  infrastructure_pid: row.infrastructure_pid,
  expires_at: row.expires_at,
});

/** Makes the lease of a new attempt; an older lease on that run is superseded by it. */
export async function insertLease(
  tx: Tx,
  { flow_run_id, agent_id, attempt, expiresAt }: Pick<Lease, "flow_run_id" | "agent_id" | "attempt"> & {
    expiresAt: Temporal.Instant;
  },
  now: Temporal.Instant,
): Promise<Lease> {
  const lease: Lease = {
    id: newId(),
    flow_run_id,
    agent_id,
    attempt,
    // 32 bytes that nobody guesses; `random` of callers is for names and jitter only.
    token: randomBytes(32).toString("base64url"),
    started: false,
    infrastructure_pid: null,
    expires_at: timeText(expiresAt),
  };
  await run(tx, "DELETE FROM lease WHERE flow_run_id = ?", [flow_run_id]);
  await run(
    tx,
    "INSERT INTO lease (id, created, flow_run_id, agent_id, attempt, token, expires_at) VALUES (?,?,?,?,?,?,?)",
    [lease.id, timeText(now), flow_run_id, agent_id, attempt, lease.token, lease.expires_at],
  );
  return lease;
}

/** The lease of the current attempt that bears the token, or undefined when that attempt is over: whoever sent it is fenced. */
export async function leaseByToken(db: Db, token: string): Promise<Lease | undefined> {
  const row = await queryOne<LeaseTable>(db, "SELECT * FROM lease WHERE token = ?", [token]);
  return row && leaseOf(row);
}

/** As {@link leaseByToken}, with the state of its run. */
export async function leaseWithState(
  db: Db,
  token: string,
): Promise<{ lease: Lease; runState: StateType | null } | undefined> {
  const row = await queryOne<LeaseTable & { state_type: StateType | null }>(
    db,
    "SELECT lease.*, flow_run.state_type FROM lease JOIN flow_run ON flow_run.id = lease.flow_run_id WHERE token = ?",
    [token],
  );
  return row && { lease: leaseOf(row), runState: row.state_type };
}

/** A lease, or undefined when it is over. */
export async function findLease(db: Db, id: Id): Promise<Lease | undefined> {
  const row = await queryOne<LeaseTable>(db, "SELECT * FROM lease WHERE id = ?", [id]);
  return row && leaseOf(row);
}

/** The leases of an agent, expired ones included as long as nobody else took the run. */
export const listLeases = async (db: Db, agentId: Id): Promise<Lease[]> =>
  (await queryAll<LeaseTable>(db, "SELECT * FROM lease WHERE agent_id = ? ORDER BY created, id", [agentId])).map(
    leaseOf,
  );

/** When the last live lease on a run expires; undefined when nobody holds the run. */
export async function leasedUntil(db: Db, flowRunId: Id, now: Temporal.Instant): Promise<Temporal.Instant | undefined> {
  const sql = "SELECT max(expires_at) AS at FROM lease WHERE flow_run_id = ? AND expires_at > ?";
  const { at } = (await queryOne<{ at: string | null }>(db, sql, [flowRunId, timeText(now)]))!;
  return at === null ? undefined : Temporal.Instant.from(at);
}

/** How many runs an agent holds: counted, never kept in a number of its own. */
export async function countLeases(db: Db, agentId: Id): Promise<number> {
  const sql = "SELECT count(*) AS count FROM lease WHERE agent_id = ?";
  return (await queryOne<{ count: number }>(db, sql, [agentId]))!.count;
}

/** Renews those of the leases that are the agent's, lost ones too; answers their ids. */
export const extendLeases = async (
  tx: Tx,
  agentId: Id,
  ids: readonly Id[],
  expiresAt: Temporal.Instant,
): Promise<Id[]> =>
  (await queryAll<{ id: Id }>(
    tx,
    `UPDATE lease SET expires_at = ?, lost_at = NULL
      WHERE agent_id = ? AND id IN (SELECT value FROM json_each(?)) RETURNING id`,
    [timeText(expiresAt), agentId, JSON.stringify(ids)],
  )).map(({ id }) => id);

/** Notes that the container or process exists. */
export const markLeaseStarted = (tx: Tx, id: Id, pid: string): Promise<number> =>
  run(tx, "UPDATE lease SET started = 1, infrastructure_pid = ? WHERE id = ?", [pid, id]);

/** Ends a lease; answers false when it was over already. */
export const deleteLease = async (tx: Tx, id: Id): Promise<boolean> =>
  await run(tx, "DELETE FROM lease WHERE id = ?", [id]) === 1;

/** A lease whose agent gave no sign of life in time, with what decides about it. */
export interface LapsedLease {
  lease: Lease;
  agentName: string;
  lostAt: string | null;
}

/** Leases that expired, longest first. */
export const listLapsedLeases = async (db: Db, now: Temporal.Instant): Promise<LapsedLease[]> =>
  (await queryAll<LeaseTable & { agent_name: string }>(
    db,
    `SELECT l.*, a.name AS agent_name FROM lease l JOIN agent a ON a.id = l.agent_id
      WHERE l.expires_at <= ? ORDER BY l.expires_at, l.id LIMIT 500`,
    [timeText(now)],
  )).map((row) => ({ lease: leaseOf(row), agentName: row.agent_name, lostAt: row.lost_at }));

/** Notes since when a started run has no agent. */
export const markLeaseLost = (tx: Tx, id: Id, now: Temporal.Instant): Promise<number> =>
  run(tx, "UPDATE lease SET lost_at = ? WHERE id = ?", [timeText(now), id]);

/** How long a container may take to end by itself after its run did, in seconds, before its agent is told to end it. */
export const FINISHING_SECONDS = 30;

/**
 * What an agent must end: runs of its leases that are CANCELLING or CANCELLED, deleted, or final for a while (a run that just
 * ended itself is given time to exit).
 *
 * @param known Runs that the agent knows of already.
 */
export async function listCancellations(
  db: Db,
  agentId: Id,
  known: readonly Id[],
  now: Temporal.Instant,
): Promise<ClaimAnswer["cancellations"]> {
  const rows = await queryAll<{ flow_run_id: Id; lease_id: Id; type: StateType | null; at: string | null }>(
    db,
    `SELECT l.flow_run_id, l.id AS lease_id, r.state_type AS type, r.state_timestamp AS at
      FROM lease l LEFT JOIN flow_run r ON r.id = l.flow_run_id
      WHERE l.agent_id = ?1 AND l.flow_run_id NOT IN (SELECT value FROM json_each(?2))
        AND (r.id IS NULL OR r.state_type IN ('CANCELLING', ${FINAL_STATES.map((type) => `'${type}'`).join(", ")}))
      ORDER BY l.created, l.id`,
    [agentId, JSON.stringify(known)],
  );
  const before = timeText(now.subtract({ seconds: FINISHING_SECONDS }));
  return rows
    .filter(({ type, at }) => type === null || type === "CANCELLING" || type === "CANCELLED" || at! <= before)
    .map(({ flow_run_id, lease_id }) => ({ flow_run_id, lease_id }));
}
