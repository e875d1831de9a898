/**
 * Asks a flow run to take a state.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import type { ProposedState, State } from "../domain/states.ts";
import type { Tx } from "../store/database.ts";
import { readFlowRun, saveFlowRunState } from "../store/flow_runs.ts";
import { findTaskRun } from "../store/task_runs.ts";
import { flowRunBooks } from "./bookkeeping.ts";
import { newState } from "./new_state.ts";
import { FLOW_POLICY, FORCED_FLOW_POLICY } from "./policies.ts";
import { type Outcome, outcomeOf } from "./result.ts";
import { type ChosenState, decide, type FlowRunRule, type Given } from "./rule.ts";
import { moveTaskRun } from "./set_task_run_state.ts";

/**
 * Proposes a state. The answer's `state` is the run's afterwards. `force` skips the rules (all but a few), never the bookkeeping.
 *
 * @throws {FlowctlError} `not_found`
 */
export async function setFlowRunState(
  tx: Tx,
  id: Id,
  proposed: ProposedState | ChosenState,
  { force = false, ...given }: Given & { force?: boolean },
): Promise<Outcome> {
  const run = await readFlowRun(tx, id, given.now);
  return await moveFlowRun(tx, run, proposed, force ? FORCED_FLOW_POLICY : FLOW_POLICY, given);
}

/** As {@link setFlowRunState}, of a run that was read in the same transaction, by other rules. */
export async function moveFlowRun(
  tx: Tx,
  run: FlowRun,
  proposed: ProposedState | ChosenState,
  rules: readonly FlowRunRule[],
  { now, random }: Given,
): Promise<Outcome> {
  const from = run.state;
  const owner = {
    flow_run_id: run.id,
    ...(run.parent_task_run_id === null ? {} : { task_run_id: run.parent_task_run_id }),
  };
  const to = newState(proposed, owner, from, now);
  const decision = decide(rules, { run, from, to, now, random });
  if (decision.status === "WAIT" || decision.status === "ABORT") return outcomeOf(decision, from, false);
  if (decision.status === "REJECT" && decision.state === undefined) return outcomeOf(decision, from, false);
  const chosen = decision.status === "ACCEPT" ? decision.to : newState(decision.state!, owner, from, now);
  const books = {
    ...flowRunBooks(decision.run, from, chosen),
    ...(decision.status === "ACCEPT" ? decision.after : {}),
  };
  await saveFlowRunState(tx, run.id, chosen, books);
  if (run.parent_task_run_id !== null) {
    await moveParentTask(tx, run.parent_task_run_id, run.id, chosen, { now, random });
  }
  return outcomeOf(decision, chosen, true);
}

/** The task run that stands for a sub-flow in its parent has always a copy of the sub-flow's state; it is forced, as in Prefect. */
async function moveParentTask(tx: Tx, taskRunId: Id, flowRunId: Id, state: State, given: Given): Promise<void> {
  const task = await findTaskRun(tx, taskRunId, given.now);
  if (!task) return;
  const { type, name, message, data, state_details } = state;
  const copy = { type, name, message, data, state_details: { ...state_details, child_flow_run_id: flowRunId } };
  await moveTaskRun(tx, task, copy, { ...given, force: true });
}
