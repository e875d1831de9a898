/**
 * The life of a lease: renewed by heartbeats, started with the container, released with its end, lapsed when its agent
 * goes away.
 *
 * @module
 */

import {
  ADOPTION_GRACE_SECONDS,
  type HeartbeatAnswer,
  type Lease,
  LEASE_SECONDS,
  type LeaseStarted,
} from "../domain/agents.ts";
import type { z } from "zod";
import type { Id } from "../domain/common.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import { isFinal } from "../domain/states.ts";
import { FlowctlError } from "../support/errors.ts";
import { noteAgentSeen, readAgent } from "../store/agents.ts";
import { noteAttemptOver, noteAttemptStarted } from "../store/attempts.ts";
import type { Tx } from "../store/database.ts";
import { findFlowRun, noteInfrastructure } from "../store/flow_runs.ts";
import {
  deleteLease,
  extendLeases,
  findLease,
  type LapsedLease,
  listLapsedLeases,
  markLeaseLost,
  markLeaseStarted,
} from "../store/leases.ts";
import { timeText } from "../store/rows.ts";
import { FLOW_POLICY, FORCED_FLOW_POLICY } from "./policies.ts";
import type { ChosenState, Given } from "./rule.ts";
import { moveFlowRun } from "./set_flow_run_state.ts";

const expiry = ({ now }: Given) => now.add({ seconds: LEASE_SECONDS });

/**
 * A heartbeat: renews the leases that are still the agent's, also those that it had lost. The others must end.
 *
 * @throws {FlowctlError} `not_found` for an agent that is not known
 */
export async function renewLeases(
  tx: Tx,
  agentId: Id,
  leaseIds: readonly Id[],
  given: Given,
): Promise<HeartbeatAnswer> {
  await readAgent(tx, agentId);
  await noteAgentSeen(tx, agentId, given.now);
  const renewed = new Set(await extendLeases(tx, agentId, leaseIds, expiry(given)));
  return {
    renewed: leaseIds.filter((id) => renewed.has(id)),
    lost: leaseIds.filter((id) => !renewed.has(id)),
  };
}

/**
 * The container or process exists: from now on the run is not handed out again by itself. Saying it twice is fine.
 *
 * @throws {FlowctlError} `fenced` when the lease is over: end what was started
 */
export async function startLease(
  tx: Tx,
  leaseId: Id,
  { infrastructure_pid: pid, holder }:
    & Pick<z.output<typeof LeaseStarted>, "infrastructure_pid">
    & Partial<z.output<typeof LeaseStarted>>,
  given: Given,
): Promise<void> {
  const lease = await findLease(tx, leaseId);
  if (!lease) throw new FlowctlError("fenced", `Cannot start lease "${leaseId}": it is over`);
  await markLeaseStarted(tx, leaseId, pid);
  await extendLeases(tx, lease.agent_id, [leaseId], expiry(given));
  await noteInfrastructure(tx, lease.flow_run_id, pid);
  await noteAttemptStarted(tx, leaseId, pid, holder, given.now);
  const run = await findFlowRun(tx, lease.flow_run_id, given.now);
  tx.announce({ kind: "flow_run", id: lease.flow_run_id, state: run?.state_type ?? null });
}

/**
 * The attempt is over; its token is worth nothing from now on. A lease that is over already is fine.
 *
 * An agent closes its runs before it releases them. What it left open is closed here: a run that was not started goes back to
 * wait, one that was is Crashed, one that is being cancelled is Cancelled.
 */
export async function releaseLease(tx: Tx, leaseId: Id, given: Given): Promise<void> {
  const lease = await findLease(tx, leaseId);
  if (!lease) return;
  await deleteLease(tx, leaseId);
  await noteAttemptOver(tx, leaseId, given.now);
  const run = await findFlowRun(tx, lease.flow_run_id, given.now);
  // Whoever follows the run waits for this: from now on no line of the attempt can come.
  tx.announce({ kind: "flow_run", id: lease.flow_run_id, state: run?.state_type ?? null });
  if (run) await closeRun(tx, run, lease, "The agent gave the run back before it ended", given);
}

/** What {@link lapseLeases} did. */
export interface Lapses {
  /** Runs that go back to wait, for nothing was started. */
  rescheduled: number;
  /** Runs that go on without an agent, which may come back. */
  lost: number;
  /** Runs whose agent did not come back in time. */
  ended: number;
}

/** Sees to leases whose agents gave no sign of life in time. */
export async function lapseLeases(tx: Tx, given: Given): Promise<Lapses> {
  const lapses: Lapses = { rescheduled: 0, lost: 0, ended: 0 };
  for (const lapsed of await listLapsedLeases(tx, given.now)) {
    const what = await lapse(tx, lapsed, given);
    if (what) lapses[what]++;
  }
  return lapses;
}

async function lapse(
  tx: Tx,
  { lease, agentName, lostAt }: LapsedLease,
  given: Given,
): Promise<keyof Lapses | undefined> {
  const run = await findFlowRun(tx, lease.flow_run_id, given.now);
  if (!run || isFinal(run.state_type)) {
    await deleteLease(tx, lease.id);
    await noteAttemptOver(tx, lease.id, given.now);
    return undefined;
  }
  // RUNNING without "started": the agent died between the two. Its container lives, and the agent may come back.
  if (!lease.started && run.state_type !== "RUNNING") {
    await deleteLease(tx, lease.id);
    const why = `Agent "${agentName}" went away before it started the run`;
    await noteAttemptOver(tx, lease.id, given.now, why);
    await closeRun(tx, run, lease, why, given);
    return "rescheduled";
  }
  if (lostAt === null) {
    await markLeaseLost(tx, lease.id, given.now);
    tx.announce({ kind: "agent", id: lease.agent_id });
    return "lost";
  }
  if (lostAt > timeText(given.now.subtract({ seconds: ADOPTION_GRACE_SECONDS }))) return undefined;
  await deleteLease(tx, lease.id);
  const minutes = ADOPTION_GRACE_SECONDS / 60;
  const message = `Agent "${agentName}" went away, and did not come back within ${minutes} minutes`;
  await noteAttemptOver(tx, lease.id, given.now, message);
  await closeRun(tx, run, { ...lease, started: true }, message, given);
  return "ended";
}

/** Gives a run whose attempt ended without a word the state that follows from it. */
async function closeRun(tx: Tx, run: FlowRun, lease: Lease, message: string, given: Given): Promise<void> {
  const state = stateAfter(run, lease.started, message);
  if (state) await moveFlowRun(tx, run, state, state.type === "CANCELLED" ? FORCED_FLOW_POLICY : FLOW_POLICY, given);
}

function stateAfter(run: FlowRun, started: boolean, message: string): ChosenState | undefined {
  switch (run.state_type) {
    case "PENDING":
      return started
        ? { type: "CRASHED", name: "Crashed", message }
        // An absent time means now: the run is taken at once by whoever is there.
        : { type: "SCHEDULED", name: "Scheduled", message };
    case "RUNNING":
      return { type: "CRASHED", name: "Crashed", message };
    case "CANCELLING":
      return { type: "CANCELLED", name: "Cancelled", message };
    case "SCHEDULED":
      // The process that waited for its retry is gone; nobody else would take the run.
      return run.empirical_policy.retry_type === "in_process"
        ? { type: "CRASHED", name: "Crashed", message }
        : undefined;
    case "PAUSED":
      // A suspended run has no process by design.
      return run.state?.state_details.pause_reschedule ? undefined : { type: "CRASHED", name: "Crashed", message };
    default:
      return undefined;
  }
}
