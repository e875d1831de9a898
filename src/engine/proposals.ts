/**
 * Proposes states: waits when told to wait, and asks again when no answer came.
 *
 * Each proposal has a transition id of its own. When the answer was lost, the run is read: bears its state that id, the proposal was
 * carried out and is not sent again (a second RUNNING would count as a retry).
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import type { OrchestrationResult } from "../domain/orchestration.ts";
import { MAX_STATE_MESSAGE, type State, type StateCreate, type StateDetails } from "../domain/states.ts";
import { isFlowctlError } from "../support/errors.ts";
import type { Engine } from "./context.ts";
import { reach } from "./reach.ts";

/** What a state is proposed for. */
export interface Subject {
  kind: "flow" | "task";
  id: string;
}

/** A state to propose; details may be partial. */
export type Proposal = Omit<StateCreate, "state_details"> & { state_details?: Partial<StateDetails> };

/** What became of a proposal. */
export interface Answer {
  status: "ACCEPT" | "REJECT" | "ABORT";
  /** The run's state after the call. */
  state: State | null;
  reason: string;
}

/**
 * Proposes a state.
 *
 * @param signal Ends a wait; the answer is then ABORT.
 * @throws {FlowctlError} `fenced`, `not_found`, or `unavailable` after the grace.
 */
export async function propose(
  engine: Engine,
  subject: Subject,
  proposal: Proposal,
  signal?: AbortSignal,
): Promise<Answer> {
  const { client, clock, hide } = engine;
  const calls = subject.kind === "flow" ? client.flowRuns : client.taskRuns;
  for (;;) {
    const transition = randomUUID();
    const state = {
      ...proposal,
      message: cut(proposal.message == null ? undefined : hide(proposal.message)),
      state_details: { ...proposal.state_details, transition_id: transition },
    } as StateCreate;
    let isLost = false;
    const result = await reach(async (): Promise<OrchestrationResult> => {
      if (isLost) {
        const run = await calls.read(subject.id);
        if (run.state?.state_details.transition_id === transition) return accepted(run.state);
      }
      try {
        return await calls.setState(subject.id, state);
      } catch (error) {
        isLost = isFlowctlError(error, "unavailable");
        throw error;
      }
    }, clock);
    const { status, details } = result;
    const reason = "reason" in details ? details.reason : "";
    if (status !== "WAIT" || details.type !== "wait_details") {
      return { status: status === "WAIT" ? "ABORT" : status, state: result.state, reason };
    }
    await clock.sleep(details.delay_seconds * 1000, signal);
    if (signal?.aborted) return { status: "ABORT", state: result.state, reason: "The run was stopped while it waited" };
  }
}

const accepted = (state: State): OrchestrationResult => ({
  status: "ACCEPT",
  state,
  details: { type: "accept_details" },
});

const cut = (message: string | undefined): string | undefined =>
  message === undefined
    ? undefined
    : message.length > MAX_STATE_MESSAGE
    ? message.slice(0, MAX_STATE_MESSAGE - 1) + "…"
    : message;

/** Whether a state says "later": AwaitingRetry, or any other SCHEDULED. */
export const isLater = (state: State | null): state is State => state?.type === "SCHEDULED";

/** Waits until a scheduled state's time has come, by the server's clock: its own stamp says what time it was there. */
export async function waitFor(state: State, engine: Engine, signal: AbortSignal): Promise<void> {
  const at = state.state_details.scheduled_time;
  if (at === null) return;
  const ms = Temporal.Instant.from(at).epochMilliseconds - Temporal.Instant.from(state.timestamp).epochMilliseconds;
  if (ms > 0) await engine.clock.sleep(ms, signal);
}
