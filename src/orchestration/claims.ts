/**
 * Hands runs to agents. A claim is a lease: the run becomes PENDING and the lease is made in one transaction, so a run has one
 * claim per attempt.
 *
 * @module
 */

import { type Agent, type Claim, LEASE_SECONDS } from "../domain/agents.ts";
import type { Id } from "../domain/common.ts";
import type { Tx } from "../store/database.ts";
import { insertAttempt } from "../store/attempts.ts";
import { noteAgentAway, noteAgentSeen, readAgent } from "../store/agents.ts";
import { findDeploymentVersion } from "../store/deployments.ts";
import { listClaimableRuns } from "../store/due_runs.ts";
import { readFlow } from "../store/flows.ts";
import { noteClaim, readFlowRun } from "../store/flow_runs.ts";
import { countLeases, insertLease } from "../store/leases.ts";
import { FLOW_POLICY } from "./policies.ts";
import type { Given } from "./rule.ts";
import { moveFlowRun } from "./set_flow_run_state.ts";

/**
 * Claims due runs for an agent, at most `slots` and never more than its limit leaves free.
 *
 * @param runners Only runs of these runners, of those that the agent has.
 * @throws {FlowctlError} `not_found` for an agent that is not known
 */
export async function claimRuns(
  tx: Tx,
  agentId: Id,
  { slots, runners }: { slots: number; runners?: readonly string[] | undefined },
  given: Given,
): Promise<Claim[]> {
  const agent = await readAgent(tx, agentId);
  await noteAgentSeen(tx, agentId, given.now);
  const startable = runners ? agent.runners.filter((runner) => runners.includes(runner)) : agent.runners;
  await noteAgentAway(tx, agentId, agent.runners.filter((runner) => !startable.includes(runner)));
  const free = agent.limit === null ? slots : Math.min(slots, agent.limit - await countLeases(tx, agentId));
  if (free <= 0) return [];
  const due = await listClaimableRuns(tx, { labels: agent.labels, runners: startable, limit: free }, given.now);
  const claims: Claim[] = [];
  for (const id of due) {
    const claim = await claimRun(tx, agent, id, given);
    if (claim) claims.push(claim);
  }
  return claims;
}

async function claimRun(
  tx: Tx,
  { id: agentId, name: agentName }: Agent,
  id: Id,
  given: Given,
): Promise<Claim | undefined> {
  const run = await readFlowRun(tx, id, given.now);
  const deployment = await findDeploymentVersion(tx, run.deployment_id!, run.deployment_version_id!);
  if (!deployment) return undefined;
  const { status } = await moveFlowRun(tx, run, { type: "PENDING", name: "Pending" }, FLOW_POLICY, given);
  if (status !== "ACCEPT") return undefined;
  const attempt = run.attempt + 1;
  await noteClaim(tx, id, agentId, attempt);
  const expiresAt = given.now.add({ seconds: LEASE_SECONDS });
  const lease = await insertLease(tx, { flow_run_id: id, agent_id: agentId, attempt, expiresAt }, given.now);
  await insertAttempt(tx, { lease, agentName, runner: deployment.flow_runner?.type }, given.now);
  return {
    lease,
    flow_run: await readFlowRun(tx, id, given.now),
    flow: await readFlow(tx, run.flow_id),
    deployment,
  };
}
