/**
 * Which state a run gets when its container or process has ended. Pure.
 *
 * The flow itself proposes its final state; what is left for the agent are ends that the flow could not tell of.
 *
 * @module
 */

import { constants } from "node:os";
import { isFinal, MAX_STATE_MESSAGE, type StateCreate, type StateType } from "../domain/states.ts";
import type { Exit } from "../runners/runner.ts";
import { FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import { harmless } from "../support/text.ts";

/** What is known about an end. */
export interface Ending {
  exit: Exit;
  /** The run's state now; undefined when the run was deleted. */
  state: StateType | null | undefined;
  /** Whether somebody asked for the end. */
  isCancelled: boolean;
  hasCommand: boolean;
  kind: "container" | "process";
  lastLines: readonly string[];
}

/** How many of the last lines a message quotes. */
export const QUOTED_LINES = 10;

/** The state to propose; undefined when the run says all there is to say. */
export function closing({ exit, state, isCancelled, hasCommand, kind, lastLines }: Ending): StateCreate | undefined {
  if (state === undefined || isFinal(state)) return undefined;
  if (isCancelled || state === "CANCELLING") return { type: "CANCELLED", message: "Flow run was cancelled." };
  // It handed itself back: a retry that is rescheduled, a pause without a process.
  if (state === "SCHEDULED" || (state === "PAUSED" && exit.code === 0)) return undefined;

  const What = kind === "container" ? "Container" : "Process";
  const crashed = (sentence: string): StateCreate => ({ type: "CRASHED", message: withLines(sentence, lastLines) });
  if (exit.oomKilled) return crashed(`${What} ran out of memory and was killed: exit code ${exit.code}`);
  if (exit.gone || exit.code === null) {
    return crashed(`${What} ended without telling how: ${exit.reason ?? "nobody knows its exit code"}`);
  }
  if (hasCommand) {
    return exit.code === 0
      ? { type: "COMPLETED" }
      : { type: "FAILED", message: withLines(`Command ended with ${codeOf(exit.code)}`, lastLines) };
  }
  if (exit.code === 0) return crashed(`${What} ended without a final state: exit code 0`);
  return crashed(`${What} ended with ${codeOf(exit.code)}${exit.reason === undefined ? "" : `: ${exit.reason}`}`);
}

/** The state of a run that could not be started. */
export function notStarted(error: unknown): StateCreate {
  const hint = isFlowctlError(error) && error.hint !== undefined ? `. ${error.hint}` : "";
  return { type: "FAILED", message: clip(`Submission failed: ${messageOf(error)}${hint}`) };
}

/** Why a run isn't started in Docker by an agent whose API is in its own process. */
export function refuseEphemeral(): FlowctlError {
  return new FlowctlError(
    "unsupported",
    "Cannot start a container with an ephemeral API: nobody would answer the container once this process ends",
    { hint: "Start a server with: flowctl orion start, then set FLOWCTL_API_URL for the agent" },
  );
}

/** `exit code 137 (SIGKILL)`: shells and engines report a signal as 128 and its number. */
function codeOf(code: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined ? `exit code ${code}` : `exit code ${code} (${name})`;
}

function withLines(sentence: string, lines: readonly string[]): string {
  const last = lines.map((line) => harmless(line).slice(0, 2000)).filter((line) => line.trim() !== "");
  return clip([sentence, ...last.slice(-QUOTED_LINES)].join("\n"));
}

const clip = (text: string) => text.length > MAX_STATE_MESSAGE ? text.slice(0, MAX_STATE_MESSAGE).toWellFormed() : text;
