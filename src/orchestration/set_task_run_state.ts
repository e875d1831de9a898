/**
 * Asks a task run to take a state.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { ProposedState, State } from "../domain/states.ts";
import type { TaskRun } from "../domain/task_runs.ts";
import type { Tx } from "../store/database.ts";
import { findFlowRun } from "../store/flow_runs.ts";
import { findCachedState, insertCachedState, readTaskRun, saveTaskRunState } from "../store/task_runs.ts";
import { taskRunBooks } from "./bookkeeping.ts";
import { newState } from "./new_state.ts";
import { FORCED_TASK_POLICY, LONE_TASK_POLICY, TASK_POLICY } from "./policies.ts";
import { type Outcome, outcomeOf } from "./result.ts";
import { type ChosenState, decide, type Given, type TaskRunTransition } from "./rule.ts";

/**
 * Proposes a state. The answer's `state` is the run's afterwards.
 *
 * @throws {FlowctlError} `not_found`
 */
export async function setTaskRunState(
  tx: Tx,
  id: Id,
  proposed: ProposedState | ChosenState,
  given: Given & { force?: boolean },
): Promise<Outcome> {
  return await moveTaskRun(tx, await readTaskRun(tx, id, given.now), proposed, given);
}

/** As {@link setTaskRunState}, of a run that was read in the same transaction. */
export async function moveTaskRun(
  tx: Tx,
  run: TaskRun,
  proposed: ProposedState | ChosenState,
  { now, random, force = false }: Given & { force?: boolean },
): Promise<Outcome> {
  const from = run.state;
  const owner = { flow_run_id: run.flow_run_id, task_run_id: run.id };
  const to = newState(proposed, owner, from, now);
  const decision = decide(policyFor(run, force), {
    run,
    from,
    to,
    now,
    random,
    ...(force ? { flowRun: null, cached: undefined } : await factsFor(tx, run, to, now)),
  });
  if (decision.status === "WAIT" || decision.status === "ABORT") return outcomeOf(decision, from, false);
  if (decision.status === "REJECT" && decision.state === undefined) return outcomeOf(decision, from, false);
  const chosen = decision.status === "ACCEPT" ? decision.to : newState(decision.state!, owner, from, now);
  const books = {
    ...taskRunBooks(decision.run, from, chosen),
    ...(decision.status === "ACCEPT" ? decision.after : {}),
  };
  await saveTaskRunState(tx, run.id, chosen, books);
  tx.announce({ kind: "task_run", id: run.id, flow_run_id: run.flow_run_id, state: chosen.type });
  if (decision.status === "ACCEPT" && decision.keepInCache) {
    const { cache_key: key, cache_expiration: expiration } = chosen.state_details;
    await insertCachedState(tx, key!, expiration, chosen);
  }
  return outcomeOf(decision, chosen, true);
}

const policyFor = (run: TaskRun, force: boolean) => {
  if (force) return FORCED_TASK_POLICY;
  return run.flow_run_id === null ? LONE_TASK_POLICY : TASK_POLICY;
};

async function factsFor(
  tx: Tx,
  run: TaskRun,
  to: State,
  now: Temporal.Instant,
): Promise<Pick<TaskRunTransition, "flowRun" | "cached">> {
  if (to.type !== "RUNNING") return { flowRun: null, cached: undefined };
  const { cache_key: key, refresh_cache: refresh } = to.state_details;
  return {
    flowRun: run.flow_run_id === null ? null : await findFlowRun(tx, run.flow_run_id, now) ?? null,
    cached: key === null || refresh === true ? undefined : await findCachedState(tx, key, now),
  };
}
