/**
 * Runs that are to end because somebody said so: cancelled, made final by another hand, or deleted.
 *
 * Waiting: the API closes them itself and nothing is created. Being pulled: the pull is aborted. Running: SIGTERM, a grace of 30 s,
 * SIGKILL, and then CANCELLED unless the flow closed its run itself.
 *
 * @module
 */

import type { ClaimAnswer } from "../domain/agents.ts";
import { messageOf } from "../support/errors.ts";
import type { AgentContext } from "./context.ts";

/** Ends the attempts that an answer to a claim names. */
export function cancelAttempts(context: AgentContext, cancellations: ClaimAnswer["cancellations"]): void {
  for (const { lease_id } of cancellations) {
    const attempt = context.attempts.get(lease_id);
    if (attempt !== undefined) attempt.cancel();
    // Nothing of that lease is here any more: without it the API has nobody to wait for.
    else context.client.agents.release(lease_id).catch((error) => context.log.debug(messageOf(error)));
  }
}
