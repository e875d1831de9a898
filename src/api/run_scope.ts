/**
 * What a request on behalf of a lease may touch: its own run, that run's task runs, logs and sub-flows, its deployment and bundle.
 *
 * The agent adds the lease's token to whatever comes out of a container, so code in there reaches nothing else, and nothing at all
 * once another attempt is the current one.
 *
 * @module
 */

import type { Lease } from "../domain/agents.ts";
import type { Deployment } from "../domain/deployments.ts";
import { isFinal } from "../domain/states.ts";
import { FlowctlError } from "../support/errors.ts";
import type { Db, Tx } from "../store/database.ts";
import { findDeployment, findDeploymentVersion } from "../store/deployments.ts";
import { findFlowRun } from "../store/flow_runs.ts";
import { leaseByToken, leaseWithState } from "../store/leases.ts";
import { findTaskRun } from "../store/task_runs.ts";
import type { Call } from "./route.ts";

/** Sub-flows of sub-flows deeper than this are nobody's. */
const DEEPEST = 200;

/** A lease, and whether its run has come to its final state: little of what the lease allowed is allowed then. */
export interface BorneLease {
  lease: Lease;
  hasEnded: boolean;
}

/** The lease that a request bears. @throws {FlowctlError} `fenced` when its attempt is over. */
export async function readLease(db: Db, token: string): Promise<BorneLease> {
  const found = await leaseWithState(db, token);
  if (found === undefined) throw fenced();
  return { lease: found.lease, hasEnded: isFinal(found.runState) };
}

/** Part of each write: between the reading of a request and its transaction another attempt may have begun. */
export async function checkLease(tx: Tx, lease: Lease): Promise<void> {
  if (await leaseByToken(tx, lease.token) === undefined) throw fenced();
}

/** What a request of an attempt that is over is told. */
export const fenced = (): FlowctlError =>
  new FlowctlError(
    "fenced",
    "Cannot go on with this attempt: it is over, or another attempt of the run is the current one",
  );

/** What a request that goes too far is told. */
export const outOfScope = (): FlowctlError =>
  new FlowctlError(
    "forbidden",
    "Cannot do this on behalf of a run: it is not about the run, its tasks, sub-flows or logs",
  );

/** Whether a run is the lease's, or a sub-flow below it. A run that does not exist passes: reading it is a 404. */
export async function isOwnRun(call: Pick<Call, "read" | "now">, lease: Lease, flowRunId: string): Promise<boolean> {
  let id = flowRunId;
  for (let depth = 0; depth < DEEPEST; depth++) {
    if (id === lease.flow_run_id) return true;
    const run = await findFlowRun(call.read, id, call.now());
    if (run === undefined) return depth === 0;
    if (run.parent_task_run_id === null) return false;
    const parent = await findTaskRun(call.read, run.parent_task_run_id, call.now());
    if (parent === undefined || parent.flow_run_id === null) return false;
    id = parent.flow_run_id;
  }
  return false;
}

/** Whether a task run belongs to {@link isOwnRun}; one that does not exist passes. */
export async function isOwnTaskRun(call: Pick<Call, "read" | "now">, lease: Lease, id: string): Promise<boolean> {
  const task = await findTaskRun(call.read, id, call.now());
  if (task === undefined) return true;
  return task.flow_run_id !== null && await isOwnRun(call, lease, task.flow_run_id);
}

/** The rows that the lease may see; all of them without a lease. */
export async function visible<T>(
  call: Pick<Call, "read" | "now" | "lease">,
  rows: T[],
  runOf: (row: T) => string | null,
): Promise<T[]> {
  const { lease } = call;
  if (lease === undefined) return rows;
  const known = new Map<string, boolean>();
  const found: T[] = [];
  for (const row of rows) {
    const id = runOf(row);
    if (id === null) continue;
    if (!known.has(id)) known.set(id, await isOwnRun(call, lease, id));
    if (known.get(id)) found.push(row);
  }
  return found;
}

/** The deployment of the lease's run, as it was in the version that the run is pinned to. */
export async function ownDeployment(call: Pick<Call, "read" | "now">, lease: Lease): Promise<Deployment | undefined> {
  const run = await findFlowRun(call.read, lease.flow_run_id, call.now());
  if (run === undefined || run.deployment_id === null) return undefined;
  return run.deployment_version_id === null
    ? await findDeployment(call.read, run.deployment_id)
    : await findDeploymentVersion(call.read, run.deployment_id, run.deployment_version_id);
}
