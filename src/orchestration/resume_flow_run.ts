/**
 * Resumes a flow run that is paused.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { Tx } from "../store/database.ts";
import { readFlowRun } from "../store/flow_runs.ts";
import type { Outcome } from "./result.ts";
import type { Given } from "./rule.ts";
import { setFlowRunState } from "./set_flow_run_state.ts";

/**
 * A run that waits in its process is RUNNING again; one that was suspended is scheduled for now, for somebody to start it.
 *
 * @throws {FlowctlError} `not_found`
 */
export async function resumeFlowRun(tx: Tx, id: Id, given: Given): Promise<Outcome> {
  const { state } = await readFlowRun(tx, id, given.now);
  if (state?.type !== "PAUSED") {
    const reason = "Cannot resume a flow run that is not paused.";
    return { state: null, status: "ABORT", details: { type: "abort_details", reason }, written: false };
  }
  // Nobody can have stored the schema of an input: there are no inputs of runs yet.
  if (state.state_details.run_input_keyset !== null) {
    const reason = "Run input schema not found.";
    return { state, status: "REJECT", details: { type: "reject_details", reason }, written: false };
  }
  const next = state.state_details.pause_reschedule
    ? { type: "SCHEDULED" as const, name: "Resuming" }
    : { type: "RUNNING" as const, name: "Running" };
  return await setFlowRunState(tx, id, next, given);
}
