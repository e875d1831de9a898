/**
 * Cancels or deletes many flow runs, each as if it were the only one.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { BulkResult } from "../domain/flow_run_pages.ts";
import { isFinal, type ProposedState } from "../domain/states.ts";
import { deleteFlowRun } from "../store/flow_runs.ts";
import type { Tx } from "../store/database.ts";
import { isFlowctlError } from "../support/errors.ts";
import type { Given } from "./rule.ts";
import { setFlowRunState } from "./set_flow_run_state.ts";

/** So many runs share a transaction: others wait no longer for their write. */
export const BULK_BATCH = 50;

/** What became of some runs. */
export type BulkOutcome = Omit<BulkResult, "next">;

/** Nothing became of nothing. */
export const noOutcome = (): BulkOutcome => ({ done: 0, stopping: 0, over: 0, missing: 0, refused: [] });

/** Both together. */
export const addOutcomes = (a: BulkOutcome, b: BulkOutcome): BulkOutcome => ({
  done: a.done + b.done,
  stopping: a.stopping + b.stopping,
  over: a.over + b.over,
  missing: a.missing + b.missing,
  refused: [...a.refused, ...b.refused],
});

const CANCELLING: ProposedState = {
  type: "CANCELLING",
  name: undefined,
  message: undefined,
  data: undefined,
  state_details: undefined,
};

/** Proposes CANCELLING of each, as `flow-run cancel` does: one that waits becomes Cancelled at once, one that is over stays. */
export async function cancelFlowRuns(tx: Tx, ids: readonly Id[], given: Given): Promise<BulkOutcome> {
  const outcome = noOutcome();
  for (const id of ids) {
    try {
      const { state, details } = await setFlowRunState(tx, id, CANCELLING, given);
      if (details.type !== "abort_details") state?.type === "CANCELLED" ? outcome.done++ : outcome.stopping++;
      else if (isFinal(state?.type)) outcome.over++;
      else outcome.refused.push({ id, reason: details.reason });
    } catch (error) {
      if (!isFlowctlError(error, "not_found")) throw error;
      outcome.missing++;
    }
  }
  return outcome;
}

/** Deletes each with its task runs; their logs stay. */
export async function deleteFlowRuns(tx: Tx, ids: readonly Id[]): Promise<BulkOutcome> {
  const outcome = noOutcome();
  for (const id of ids) {
    try {
      await deleteFlowRun(tx, id);
      outcome.done++;
    } catch (error) {
      if (!isFlowctlError(error, "not_found")) throw error;
      outcome.missing++;
    }
  }
  return outcome;
}
