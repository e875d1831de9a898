/**
 * After a start, and after a claim whose answer was lost: what does this agent hold, and what of it is there?
 *
 * @module
 */

import type { Lease } from "../domain/agents.ts";
import type { Runner } from "../runners/runner.ts";
import { isFlowctlError } from "../support/errors.ts";
import { Attempt } from "./attempts.ts";
import { type AgentContext, attemptClient, untilReady } from "./context.ts";

/**
 * Asks for the agent's leases and deals with those that nobody here knows: running containers are followed again, ended ones are
 * closed, and what was never started is given back.
 *
 * @param keep Takes over each attempt's promise.
 * @throws FlowctlError of the API
 */
export async function reconcile(context: AgentContext, keep: (work: Promise<void>) => void): Promise<void> {
  const { client, identity, attempts } = context;
  // One that was known when the question was asked and is not any more has ended in between.
  const known = new Set(attempts.keys());
  for (const lease of await client.agents.leases(identity.id)) {
    if (known.has(lease.id) || attempts.has(lease.id)) continue;
    const attempt = new Attempt(context, lease, await nameOf(context, lease));
    // Known from now on, so that the heartbeat keeps the lease while its engine is away.
    attempts.set(lease.id, attempt);
    keep(takeOver(context, attempt));
  }
}

async function takeOver(context: AgentContext, attempt: Attempt): Promise<void> {
  const type = await typeOf(context, attempt.lease);
  const runner = context.runners.find((runner) => runner.type === type);
  if (runner !== undefined) await untilReady(runner, context.stopping);
  if (context.stopping.aborted) return;
  await attempt.resume(runner);
}

/** Which runner started it, or would have. */
async function typeOf(context: AgentContext, lease: Lease): Promise<Runner["type"]> {
  if (lease.infrastructure_pid?.startsWith("docker:")) return "docker";
  if (lease.infrastructure_pid?.startsWith("process:")) return "subprocess";
  const client = attemptClient(context, lease.token);
  try {
    const { deployment_id } = await client.flowRuns.read(lease.flow_run_id);
    if (deployment_id === null) return "subprocess";
    return (await client.deployments.read(deployment_id)).flow_runner?.type ?? "subprocess";
  } catch {
    // Only an engine can hold something that was started and not reported.
    return "docker";
  }
}

/** As the attempt: an agent's own token need not open anything of a run. */
async function nameOf(context: AgentContext, lease: Lease): Promise<string> {
  try {
    return (await attemptClient(context, lease.token).flowRuns.read(lease.flow_run_id)).name;
  } catch (error) {
    // Fenced: the lease ended in between.
    if (isFlowctlError(error, "not_found") || isFlowctlError(error, "fenced")) return lease.flow_run_id;
    throw error;
  }
}
