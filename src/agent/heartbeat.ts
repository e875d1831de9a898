/**
 * The sign of life: all leases in one request, so that many runs cost no more than one.
 *
 * @module
 */

import { isFlowctlError, messageOf } from "../support/errors.ts";
import type { AgentContext } from "./context.ts";

/** A third of a lease's life, so that two may get lost. */
export const HEARTBEAT_MS = 10_000;
/** How long the API may take for an answer. */
const PATIENCE_MS = 9_000;

/** Beats until the agent is stopped. Never rejects. */
export async function runHeartbeat(context: AgentContext, register: () => Promise<void>): Promise<void> {
  const { client, identity, clock, log, attempts, stopping } = context;
  while (!stopping.aborted) {
    await clock.sleep(HEARTBEAT_MS, stopping);
    if (stopping.aborted) return;
    const over = new AbortController();
    // A connection that died without a word must not cost the beats that come after.
    const late = clock.sleep(PATIENCE_MS, over.signal).then(() => over.abort());
    try {
      const signal = AbortSignal.any([stopping, over.signal]);
      const { lost } = await client.agents.heartbeat(identity.id, { lease_ids: [...attempts.keys()] }, signal);
      for (const id of lost) attempts.get(id)?.lose();
    } catch (error) {
      if (isFlowctlError(error, "not_found")) await register().catch(() => {});
      // The claim, which is always open, tells the operator that the API is away.
      log.debug(messageOf(error));
    } finally {
      over.abort();
      await late;
    }
  }
}
