/**
 * What states and logs say of errors in user code, and the errors by which the engine itself ends a run.
 *
 * @module
 */

import type { State } from "../domain/states.ts";
import { FlowctlError } from "../support/errors.ts";
import { describeError } from "../support/stacks.ts";
import { harmless } from "../support/text.ts";
import type { Proposal } from "./proposals.ts";

/** FAILED because the function threw. The wording is Prefect's; file and line are the user's. */
export const failed = (what: "Flow" | "Task", error: unknown): Proposal => ({
  type: "FAILED",
  message: harmless(`${what} run encountered an exception: ${describeError(error)}`),
});

/** FAILED because it took too long. */
export const timedOut = (what: "Flow" | "Task", seconds: number): Proposal => ({
  type: "FAILED",
  name: "TimedOut",
  message: `${what} run exceeded timeout of ${seconds} seconds`,
});

/** What is thrown to the flow for a task (or sub-flow) that ran out of time. */
export const timeoutError = (what: string, name: string, seconds: number): FlowctlError =>
  new FlowctlError("timeout", `Cannot finish ${what} "${name}": it took longer than ${seconds} seconds`);

/** What is thrown to user code that goes on in a run that was stopped. */
export const stoppedError = (what: string, name: string, reason = "the run was stopped"): FlowctlError =>
  new FlowctlError("cancelled", `Cannot run ${what} "${name}": ${reason}`);

/** The error of a run that ended in a state that this process did not choose. */
export function stateError(what: string, name: string, state: State | null, reason: string): FlowctlError {
  const said = (state?.message ?? reason).replace(/\.$/, "");
  const is = state === null ? "it has no state" : `it is ${state.name}`;
  return new FlowctlError("conflict", `Cannot finish ${what} "${name}": ${is}${said === "" ? "" : `: ${said}`}`);
}
