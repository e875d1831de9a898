/**
 * What a rule is, and how a list of them decides about a proposed state.
 *
 * A rule is a pure function of a transition: everything it may ask was loaded before. Rules are asked in order; one may amend
 * what is proposed (later rules see that), or end the matter by refusing, waiting or choosing another state. Then the rules
 * after it have nothing to say, as in Prefect's "invalid", and the amendments of those before it are forgotten, as in its
 * "fizzle".
 *
 * @module
 */

import type { FlowRun } from "../domain/flow_runs.ts";
import type { State, StateDetails, StateType } from "../domain/states.ts";
import type { TaskRun } from "../domain/task_runs.ts";
import { isKept } from "../store/rows.ts";

/** Time and chance, handed in. */
export interface Given {
  now: Temporal.Instant;
  /** Numbers of [0, 1). */
  random: () => number;
}

/** A run that is asked to move from one state to another. */
export interface Transition<Run> extends Given {
  run: Run;
  from: State | null;
  to: State;
}

/** See {@link Transition}. */
export type FlowRunTransition = Transition<FlowRun>;

/** A task run's transition, with what its rules may ask. */
export interface TaskRunTransition extends Transition<TaskRun> {
  /** The run that it belongs to; loaded when RUNNING is proposed. */
  flowRun: Pick<FlowRun, "id" | "run_count" | "state"> | null;
  /** What is kept under the proposed state's cache key. */
  cached: State | undefined;
}

/** A state that a rule chooses; id and time are given to it when it is stored. */
export type ChosenState =
  & Pick<State, "type" | "name">
  & Partial<Pick<State, "message" | "data">>
  & { state_details?: Partial<StateDetails> };

/** What a rule says. Undefined instead of a verdict: nothing. */
export type Verdict<Run> =
  | {
    kind: "amend";
    to?: Partial<State>;
    run?: Partial<Run>;
    /** Changes of the run that the bookkeeping must not see yet. */
    after?: Partial<Run>;
    /** The state's data is to be kept under its cache key. */
    keepInCache?: boolean;
  }
  /** Without a state the current one stays. */
  | { kind: "reject"; reason: string; state?: ChosenState; run?: Partial<Run> }
  | { kind: "wait"; reason: string; delaySeconds: number }
  | { kind: "abort"; reason: string };

/** See the module's comment. */
export type Rule<T extends Transition<Run>, Run = T["run"]> = (transition: T) => Verdict<Run> | undefined;

/** See {@link Rule}. */
export type FlowRunRule = Rule<FlowRunTransition>;
/** See {@link Rule}. */
export type TaskRunRule = Rule<TaskRunTransition>;

/** What came out of a list of rules. */
export type Decision<Run> =
  | { status: "ACCEPT"; to: State; run: Run; after: Partial<Run>; keepInCache: boolean }
  | { status: "REJECT"; reason: string; state: ChosenState | undefined; run: Run }
  | { status: "WAIT"; reason: string; delaySeconds: number }
  | { status: "ABORT"; reason: string };

/** Asks the rules in order; see the module's comment. A rule that throws ends in ABORT, as in Prefect. */
export function decide<T extends Transition<Run>, Run>(
  rules: readonly Rule<T, Run>[],
  transition: T,
): Decision<Run> {
  let current = transition;
  let after: Partial<Run> = {};
  let keepInCache = false;
  for (const rule of rules) {
    let verdict: Verdict<Run> | undefined;
    try {
      verdict = rule(current);
    } catch (error) {
      return { status: "ABORT", reason: `Aborting orchestration due to error in ${rule.name}: ${error}` };
    }
    switch (verdict?.kind) {
      case "amend":
        current = { ...current, run: { ...current.run, ...verdict.run }, to: { ...current.to, ...verdict.to } };
        after = { ...after, ...verdict.after };
        keepInCache ||= verdict.keepInCache === true;
        break;
      case "reject":
        return {
          status: "REJECT",
          reason: verdict.reason,
          state: verdict.state,
          run: { ...transition.run, ...verdict.run },
        };
      case "wait":
        return { status: "WAIT", reason: verdict.reason, delaySeconds: verdict.delaySeconds };
      case "abort":
        return { status: "ABORT", reason: verdict.reason };
    }
  }
  return { status: "ACCEPT", to: current.to, run: current.run, after, keepInCache };
}

/** Whether a state has a result that is kept. What Python takes for false (`{}`, `[]`, `""`, `0`) is none, as in Prefect. */
export function hasResult({ data }: State): boolean {
  if (!data || !isKept(data)) return false;
  return typeof data !== "object" || Object.keys(data).length > 0;
}

/** Whether a state has one of the types. */
export const isOneOf = (state: State | null, ...types: StateType[]): boolean =>
  state !== null && types.includes(state.type);
