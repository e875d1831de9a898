/**
 * Runs one flow in this process, from RUNNING to its final state.
 *
 * The server decides: a rejected state is replaced by the answered one, WAIT is waited for, retries come back as AwaitingRetry. What
 * the process knows only by itself is whether it was stopped, and then it asks why before it says how the run ended.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import type { LogLevelName } from "../domain/logs.ts";
import { isFinal, type State } from "../domain/states.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { isFlowctlError, messageOf } from "../support/errors.ts";
import { userStack } from "../support/stacks.ts";
import { type Ended, runBody } from "./bodies.ts";
import { captureConsole } from "./console.ts";
import { type Engine, type FlowExecution, inScope, listen, outsideScopes } from "./context.ts";
import type { FlowContext, FlowDefinition } from "./definitions.ts";
import { failed, stateError, stoppedError, timedOut, timeoutError } from "./failures.ts";
import type { Outcome } from "./futures.ts";
import { LogSender } from "./log_sender.ts";
import { type Answer, isLater, type Proposal, propose, waitFor } from "./proposals.ts";
import { reach } from "./reach.ts";
import { readResult, resultData } from "./results.ts";
import { LogBook } from "./run_log.ts";
import { watchUncaught } from "./uncaught.ts";

/** How long a stopped flow that looked at its signal may take, in milliseconds: less than the 30 s before an agent's SIGKILL. */
export const STOP_GRACE_MS = 25_000;

/** What {@link runFlow} needs. */
export interface RunFlowOptions {
  client: Client;
  /** The run, which exists and is not RUNNING yet. */
  run: FlowRun;
  /** What the function gets; default: the run's parameters. They need not be JSON. */
  parameters?: unknown;
  clock?: Clock;
  /** Takes one console line without its newline. */
  print: (line: string) => void;
  /** Aborted when the process is asked to stop (SIGTERM), or with a FlowctlError `cancelled` when the run was cancelled. */
  signal?: AbortSignal;
  /** Which attempt of the run this is; begins the keys of log records. */
  attempt?: number;
  /** End printed lines in invisible marks (`FLOWCTL_LOG_MARKS=1`). */
  marks?: boolean;
  /** Records below it are dropped. Default: none are. */
  logLevel?: LogLevelName;
  graceMs?: number;
  /** Takes secrets out of records and of what states say. */
  hide?: (text: string) => string;
}

/**
 * Runs a flow. Resolves with how it ended; logs are stored by then.
 *
 * @throws {FlowctlError} only when the end could not be told to the API: `fenced`, `not_found`, `unavailable` after the grace.
 */
export async function runFlow(definition: FlowDefinition, options: RunFlowOptions): Promise<Outcome> {
  const { client, run, clock = systemClock, print, signal, attempt = run.attempt ?? 0, marks = false } = options;
  const { hide = (text: string) => text, graceMs = STOP_GRACE_MS } = options;
  const sender = new LogSender({ client, clock });
  const logs = new LogBook({ sender, clock, print, attempt, flowRunId: run.id, hide, marks, level: options.logLevel });
  const engine: Engine = { client, clock, sender, logs, hide, graceMs, isListening: false };
  // Kept over the waits between attempts; each attempt has a watch of its own, for an abort is for ever.
  using _uncaught = watchUncaught();
  using _console = captureConsole();
  const execution = executionOf(engine, definition, run, signal);
  try {
    return await outsideScopes(() => enterFlow(execution, options.parameters ?? run.parameters));
  } catch (error) {
    if (isFlowctlError(error, "fenced")) sender.abandon();
    throw error;
  } finally {
    await sender.close();
  }
}

/** A run that begins in this process. */
export function executionOf(
  engine: Engine,
  definition: FlowDefinition,
  run: FlowRun,
  outer?: AbortSignal,
  parent?: FlowExecution,
): FlowExecution {
  const abort = new AbortController();
  const signal = outer === undefined ? abort.signal : AbortSignal.any([outer, abort.signal]);
  return { engine, definition, run, abort, signal, counts: new Map(), calls: [], parent };
}

/** Runs a flow's attempts until there is a final state. */
export async function enterFlow(flow: FlowExecution, parameters: unknown): Promise<Outcome> {
  const { definition } = flow;
  say(flow, "info", `Beginning Flow run for '${definition.name}'`);
  let ready: unknown;
  try {
    ready = definition.prepare === undefined ? parameters : await definition.prepare(parameters);
  } catch (error) {
    say(flow, "error", messageOf(error));
    return await finish(flow, { kind: "threw", error }, { type: "FAILED", message: messageOf(error) }) ??
      neverRan(flow, error);
  }
  for (;;) {
    const begun = await proposeFlow(flow, { type: "RUNNING" });
    if (begun.status === "REJECT" && isLater(begun.state)) {
      await waitFor(begun.state, flow.engine, flow.signal);
      continue;
    }
    if (begun.status !== "ACCEPT") return await notBegun(flow, begun);
    flow.run = await reach(() => flow.engine.client.flowRuns.read(flow.run.id), flow.engine.clock);
    flow.counts.clear();
    flow.calls = [];
    const ended = await body(flow, ready);
    const outcome = await finish(flow, ended, await verdict(flow, ended));
    if (outcome !== undefined) return outcome;
  }
}

/** A class, so that giving it to a task does not look into it: a look at the signal counts. */
class Context implements FlowContext {
  readonly #flow: FlowExecution;
  constructor(flow: FlowExecution) {
    this.#flow = flow;
  }
  get signal(): AbortSignal {
    return listen({ flow: this.#flow });
  }
  get run(): FlowRun {
    return this.#flow.run;
  }
}

async function body(flow: FlowExecution, parameters: unknown): Promise<Ended> {
  const { definition, engine } = flow;
  // What nobody waits for fails the whole process's run, not a sub-flow.
  using uncaught = flow.parent === undefined ? watchUncaught() : undefined;
  const context = new Context(flow);
  const ended = await runBody(
    () =>
      inScope({ flow }, async () => {
        const value = await definition.fn(parameters, context);
        await settleCalls(flow);
        return value;
      }),
    {
      clock: engine.clock,
      timeoutSeconds: definition.timeoutSeconds,
      signal: flow.signal,
      onTimeout: () => flow.abort.abort(timeoutError("flow", definition.name, definition.timeoutSeconds ?? 0)),
      isListening: () => engine.isListening,
      graceMs: engine.graceMs,
      broken: uncaught?.signal,
    },
  );
  if (ended.kind !== "returned") {
    // Task runs that go on (Promise.all with one failure) end before their flow does, or are stopped with it.
    await Promise.race([settleCalls(flow), aborted(flow)]);
    if (flow.signal.aborted) await settleCalls(flow);
    return ended;
  }
  const lost = flow.calls.filter((call) => !call.isObserved);
  const failures = (await Promise.all(lost.map(async (call) => ({ call, outcome: await call.outcome }))))
    .flatMap(({ call, outcome }) => outcome.ok ? [] : [{ name: call.name, error: outcome.error }]);
  if (failures.length === 0) return ended;
  const names = [...new Set(failures.map(({ name }) => `'${name}'`))].join(", ");
  const error = new Error(
    `${failures.length} of ${flow.calls.length} task runs failed: ${names}: ${messageOf(failures[0].error)}`,
  );
  error.stack = failures[0].error instanceof Error ? failures[0].error.stack : undefined;
  return { kind: "threw", error };
}

/** Waits for task runs that nobody awaited, and lets the runtime report rejections that nobody handled. */
async function settleCalls(flow: FlowExecution): Promise<void> {
  for (let seen = -1; seen !== flow.calls.length;) {
    seen = flow.calls.length;
    await Promise.all(flow.calls.map((call) => call.outcome));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const aborted = ({ signal }: FlowExecution): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** The state to propose for how the function ended. */
async function verdict(flow: FlowExecution, ended: Ended): Promise<Proposal> {
  const { definition } = flow;
  switch (ended.kind) {
    case "returned":
      return { type: "COMPLETED", message: "All states completed.", data: resultData(ended.value) };
    case "timed_out":
      return timedOut("Flow", definition.timeoutSeconds!);
    case "threw": {
      const text = ended.error instanceof Error ? userStack(ended.error) : messageOf(ended.error);
      say(flow, "error", `Unexpected error: ${text}`);
      return failed("Flow", ended.error);
    }
    case "stopped":
      return await stopState(flow);
  }
}

/** Why was the run stopped? Cancelled when the API says so; else the process was asked to end, which is a crash of the run. */
async function stopState(flow: FlowExecution): Promise<Proposal> {
  const reason = flow.signal.reason;
  if (isFlowctlError(reason, "fenced")) throw reason;
  if (isFlowctlError(reason, "timeout")) return { type: "CANCELLED", message: "The parent flow run timed out" };
  const root = rootOf(flow);
  const { state_type: type } = await reach(() => flow.engine.client.flowRuns.read(root.run.id), flow.engine.clock);
  // A signal to the process is no cancellation: its reason names the signal.
  const isCancelled = isFlowctlError(reason, "cancelled") && reason.details.signal === undefined;
  if (type === "CANCELLING" || type === "CANCELLED" || isCancelled) {
    return { type: "CANCELLED", message: "The flow run was cancelled" };
  }
  return { type: "CRASHED", message: "The process that ran the flow was asked to stop" };
}

const rootOf = (flow: FlowExecution): FlowExecution => flow.parent === undefined ? flow : rootOf(flow.parent);

/** Proposes the final state; undefined when the flow is to run again. */
async function finish(flow: FlowExecution, ended: Ended, proposal: Proposal): Promise<Outcome | undefined> {
  const { definition, engine, run } = flow;
  // The last line is written before the final state when the answer is known beforehand, so that who follows the logs until the
  // end has it.
  const retries = run.empirical_policy?.retries ?? run.empirical_policy?.max_retries ?? 0;
  const isSure = proposal.type !== "FAILED" || run.run_count > retries;
  if (isSure) sayEnd(flow, proposal.type, proposal.name ?? undefined);
  await engine.sender.flush();
  let answer = await proposeFlow(flow, proposal);
  if (answer.status === "REJECT" && isLater(answer.state)) {
    say(flow, "info", "Flow run FAILED: it is tried again");
    await waitFor(answer.state, engine, flow.signal);
    return undefined;
  }
  if (answer.state?.type === "CANCELLING" && proposal.type !== "CANCELLED") {
    answer = await proposeFlow(flow, { type: "CANCELLED", message: "The flow run was cancelled" });
  }
  const { state } = answer;
  if (!isSure || (state !== null && state.type !== proposal.type)) sayEnd(flow, state?.type, state?.name);
  await engine.sender.flush();
  if (ended.kind === "returned" && answer.status === "ACCEPT" && state?.type === "COMPLETED") {
    return { ok: true, state, value: ended.value };
  }
  if (ended.kind === "returned" && state?.type === "COMPLETED") {
    return { ok: true, state, value: readResult(state.data) };
  }
  return { ok: false, state, error: errorOf(flow, ended, answer, definition) };
}

function errorOf(flow: FlowExecution, ended: Ended, answer: Answer, definition: FlowDefinition): unknown {
  if (ended.kind === "threw") return ended.error;
  if (ended.kind === "timed_out") return timeoutError("flow", definition.name, definition.timeoutSeconds!);
  if (ended.kind === "stopped") {
    return flow.signal.reason instanceof Error ? flow.signal.reason : stoppedError("flow", definition.name);
  }
  return stateError("flow", definition.name, answer.state, answer.reason);
}

function neverRan(flow: FlowExecution, error: unknown): Outcome {
  return { ok: false, state: flow.run.state, error };
}

/** RUNNING was not accepted: the run is over, cancelled, or not ours to run. */
async function notBegun(flow: FlowExecution, answer: Answer): Promise<Outcome> {
  const { definition, engine } = flow;
  let { state } = answer;
  if (state?.type === "CANCELLING") {
    ({ state } = await proposeFlow(flow, { type: "CANCELLED", message: "The flow run was cancelled" }));
  } else if (flow.signal.aborted && !isFinal(state?.type)) {
    ({ state } = await proposeFlow(flow, await stopState(flow)));
  }
  if (state?.type === "COMPLETED") return { ok: true, state, value: readResult(state.data) };
  say(flow, "info", `Flow run ${word(state)}: ${answer.reason || "it cannot begin"}`);
  await engine.sender.flush();
  return { ok: false, state, error: stateError("flow", definition.name, state, answer.reason) };
}

async function proposeFlow(flow: FlowExecution, proposal: Proposal): Promise<Answer> {
  const answer = await propose(flow.engine, { kind: "flow", id: flow.run.id }, proposal, flow.signal);
  if (answer.state !== null) flow.run = { ...flow.run, state: answer.state, state_type: answer.state.type };
  return answer;
}

function say(flow: FlowExecution, level: "info" | "error", message: string): void {
  flow.engine.logs.for({ name: "flowctl.FlowRunner", flowRunId: flow.run.id })[level](message);
}

const word = (state: State | null): string => state === null ? "ENDED" : state.name.toUpperCase();

/** The last line, in the words of Prefect 1. */
function sayEnd(flow: FlowExecution, type: string | undefined, name: string | undefined): void {
  if (type === "COMPLETED") return say(flow, "info", "Flow run SUCCESS: all reference tasks succeeded");
  if (name === "TimedOut") {
    return say(flow, "error", `Flow run FAILED: it took longer than ${flow.definition.timeoutSeconds} seconds`);
  }
  if (type === "FAILED") return say(flow, "error", "Flow run FAILED: some reference tasks failed.");
  say(flow, "info", `Flow run ${type ?? "ENDED"}`);
}
