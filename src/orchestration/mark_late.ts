/**
 * Names runs Late that nobody started in time. Late is a name: agents still take them.
 *
 * @module
 */

import type { Tx } from "../store/database.ts";
import { listUnstartedRuns } from "../store/due_runs.ts";
import { readFlowRun } from "../store/flow_runs.ts";
import { LATE_POLICY } from "./policies.ts";
import type { Given } from "./rule.ts";
import { moveFlowRun } from "./set_flow_run_state.ts";

/** How long after its time a run is late, in seconds; Prefect's number. */
export const LATE_AFTER_SECONDS = 15;

/** The most runs of one call; Prefect's number. */
export const LATE_BATCH = 400;

/** Marks runs that are {@link LATE_AFTER_SECONDS} over their time, at most {@link LATE_BATCH}; answers how many. */
export async function markLate(tx: Tx, given: Given): Promise<number> {
  const due = given.now.subtract({ seconds: LATE_AFTER_SECONDS });
  const runs = await listUnstartedRuns(tx, due, LATE_BATCH);
  for (const { id, scheduledTime } of runs) {
    const late = { type: "SCHEDULED" as const, name: "Late", state_details: { scheduled_time: scheduledTime } };
    await moveFlowRun(tx, await readFlowRun(tx, id, given.now), late, LATE_POLICY, given);
  }
  return runs.length;
}
