/**
 * What belongs to a cancelled run is cancelled too.
 *
 * @module
 */

import type { Tx } from "../store/database.ts";
import { listOrphanedSubFlowRuns, listOrphanedTaskRuns } from "../store/due_runs.ts";
import { readFlowRun } from "../store/flow_runs.ts";
import type { Given } from "./rule.ts";
import { setFlowRunState } from "./set_flow_run_state.ts";
import { setTaskRunState } from "./set_task_run_state.ts";

/** How many of each kind one call takes; Prefect's number. */
const BATCH = 100;

/**
 * Cancels task runs of flow runs that were cancelled during the last day, and their sub-flows: those with a deployment are asked to
 * stop (something runs for them elsewhere), the others are over with their parent.
 *
 * @returns How many were changed.
 */
export async function cleanUpCancelled(tx: Tx, given: Given): Promise<number> {
  const since = given.now.subtract({ hours: 24 });
  const message = "The parent flow run was cancelled.";
  let changed = 0;
  const subFlows = await listOrphanedSubFlowRuns(tx, since, BATCH);
  for (const id of subFlows) {
    const { deployment_id } = await readFlowRun(tx, id, given.now);
    const type = deployment_id === null ? "CANCELLED" as const : "CANCELLING" as const;
    const name = type === "CANCELLED" ? "Cancelled" : "Cancelling";
    // The rules may refuse, e.g. a run that is paused inside of its process (Prefect's too): such a run is not counted.
    if ((await setFlowRunState(tx, id, { type, name, message }, given)).written) changed++;
  }
  const tasks = await listOrphanedTaskRuns(tx, since, BATCH);
  for (const id of tasks) {
    await setTaskRunState(tx, id, { type: "CANCELLED", name: "Cancelled", message }, { ...given, force: true });
  }
  return changed + tasks.length;
}
