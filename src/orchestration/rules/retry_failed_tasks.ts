/**
 * A task run that failed with tries left waits and runs again.
 *
 * @module
 */

import { jitteredDelay, retryDelayFor } from "../../support/backoff.ts";
import { formatInstant } from "../../support/clock.ts";
import type { TaskRunRule } from "../rule.ts";

/** RUNNING → FAILED, unless the client says `retriable: false`. Delays may be a list and may be jittered. */
export const retryFailedTasks: TaskRunRule = ({ run, from, to, now, random }) => {
  if (from?.type !== "RUNNING" || to.type !== "FAILED" || to.state_details.retriable === false) return undefined;
  const policy = run.empirical_policy;
  const retries = policy.retries ?? (policy.max_retries || null);
  if (retries === null || run.run_count > retries) return undefined;
  const average = retryDelayFor(run.run_count, policy.retry_delay ?? policy.retry_delay_seconds);
  const delay = jitteredDelay(average, policy.retry_jitter_factor ?? 0, random);
  return {
    kind: "reject",
    reason: "Retrying",
    state: {
      type: "SCHEDULED",
      name: "AwaitingRetry",
      message: to.message,
      data: to.data,
      state_details: { scheduled_time: formatInstant(now.add({ milliseconds: Math.round(delay * 1000) })) },
    },
  };
};
