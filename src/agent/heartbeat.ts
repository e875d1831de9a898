/**
 * The sign of life: all leases in one request, so that many runs cost no more than one.
 *
 * @module
 */

import { isFlowctlError, messageOf } from "../support/errors.ts";
import type { AgentContext } from "./context.ts";

/** A third of a lease's life, so that two may get lost. */
export const HEARTBEAT_MS = 10_000;

/** Beats until the agent is stopped. Never rejects. */
export async function runHeartbeat(context: AgentContext, register: () => Promise<void>): Promise<void> {
  const { client, identity, clock, log, attempts, stopping } = context;
  while (!stopping.aborted) {
    await clock.sleep(HEARTBEAT_MS, stopping);
    if (stopping.aborted) return;
    try {
      const { lost } = await client.agents.heartbeat(identity.id, { lease_ids: [...attempts.keys()] }, stopping);
      for (const id of lost) attempts.get(id)?.lose();
    } catch (error) {
      if (isFlowctlError(error, "not_found")) await register().catch(() => {});
      // The claim, which is always open, tells the operator that the API is away.
      log.debug(messageOf(error));
    }
  }
}
