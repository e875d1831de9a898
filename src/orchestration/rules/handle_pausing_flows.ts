/**
 * When a flow run may pause, or be suspended (which ends its process until it is resumed).
 *
 * @module
 */

import { newId } from "../../support/ids.ts";
import type { FlowRunRule } from "../rule.ts";

/** Any → PAUSED. Each pause has a key and happens once: a flow that runs again from its beginning passes it. */
export const handlePausingFlows: FlowRunRule = ({ run, from, to }) => {
  if (to.type !== "PAUSED") return undefined;
  const verb = to.name === "Suspended" ? "suspend" : "pause";
  if (from === null) return { kind: "abort", reason: `Cannot ${verb} flows with no state.` };
  if (from.type !== "RUNNING") {
    return { kind: "reject", reason: `Cannot ${verb} flows that are not currently running.` };
  }
  const key = to.state_details.pause_key ?? newId();
  const keys = run.empirical_policy.pause_keys ?? [];
  if (keys.includes(key)) return { kind: "reject", reason: `This ${verb} has already fired.` };
  if (to.state_details.pause_reschedule) {
    if (run.parent_task_run_id !== null) return { kind: "abort", reason: `Cannot ${verb} subflows.` };
    if (run.deployment_id === null) return { kind: "abort", reason: `Cannot ${verb} flows without a deployment.` };
  }
  return { kind: "amend", run: { empirical_policy: { ...run.empirical_policy, pause_keys: [...keys, key] } } };
};
