/**
 * A flow run that failed with tries left waits and runs again. Retries live here: the client only obeys.
 *
 * @module
 */

import { formatInstant } from "../../support/clock.ts";
import type { FlowRunRule } from "../rule.ts";

/** RUNNING → FAILED. `run_count` was counted up by RUNNING already. The process stays and waits (`in_process`). */
export const retryFailedFlows: FlowRunRule = ({ run, from, to, now }) => {
  if (from?.type !== "RUNNING" || to.type !== "FAILED") return undefined;
  const policy = run.empirical_policy;
  const retries = policy.retries ?? (policy.max_retries || null);
  if (retries === null || run.run_count > retries) return undefined;
  const delay = policy.retry_delay ?? policy.retry_delay_seconds;
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
    run: { empirical_policy: { ...policy, resuming: false, pause_keys: [], retry_type: "in_process" } },
  };
};
