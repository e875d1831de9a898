/**
 * How a paused flow run goes on.
 *
 * @module
 */

import { isFinal } from "../../domain/states.ts";
import { formatInstant } from "../../support/clock.ts";
import { type FlowRunRule, isOneOf } from "../rule.ts";

/** PAUSED → any: to run, to wait, or to end; and not after its time is up. */
export const handleResumingPausedFlows: FlowRunRule = ({ run, from, to, now }) => {
  if (from?.type !== "PAUSED") return undefined;
  if (!isOneOf(to, "RUNNING", "SCHEDULED") && !isFinal(to.type)) {
    return {
      kind: "reject",
      reason: `This run cannot transition to the ${to.type} state from the ${from.type} state.`,
    };
  }
  if (from.state_details.pause_reschedule && run.deployment_id === null) {
    return {
      kind: "reject",
      reason: `Cannot reschedule a ${to.name.toLowerCase()} flow run without a deployment.`,
    };
  }
  const timeout = from.state_details.pause_timeout;
  if (timeout !== null && timeout < formatInstant(now)) {
    const verb = from.name === "Suspended" ? "suspend" : "pause";
    return {
      kind: "reject",
      reason: `The flow run ${verb} has timed out and can no longer resume.`,
      state: {
        type: "FAILED",
        name: "Failed",
        message: `The flow was ${from.name.toLowerCase()} and never resumed.`,
      },
    };
  }
  return { kind: "amend", after: { empirical_policy: { ...run.empirical_policy, resuming: true } } };
};
