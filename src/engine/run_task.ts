/**
 * Runs a task inside a flow: PENDING, RUNNING, a final state, three requests in all.
 *
 * The server decides on retries, caching and waiting: what it answers is the truth.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { isFinal, type State } from "../domain/states.ts";
import { formatInstant } from "../support/clock.ts";
import { FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import { newId } from "../support/ids.ts";
import { userStack } from "../support/stacks.ts";
import { type Ended, runBody } from "./bodies.ts";
import { currentScope, type FlowExecution, inScope, outsideScopes, type Scope, type TaskExecution } from "./context.ts";
import type { TaskDefinition } from "./definitions.ts";
import { failed, stateError, stoppedError, timedOut, timeoutError } from "./failures.ts";
import { callsIn, type Outcome, type TaskCall, withResults } from "./futures.ts";
import { type Answer, isLater, type Proposal, propose, waitFor } from "./proposals.ts";
import { reach } from "./reach.ts";
import { isLiteral, readResult, resultData } from "./results.ts";

/** What a task is called by in its runs: its name and eight characters of its hash, as Prefect's keys look. */
export const keyOf = (name: string): string => `${name}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;

/** The number of this call among the flow run's calls of that key; a retried flow counts anew and finds the same runs again. */
export function nextCount(flow: FlowExecution, key: string): number {
  const count = flow.counts.get(key) ?? 0;
  flow.counts.set(key, count + 1);
  return count;
}

/**
 * Begins a task run in the present flow run.
 *
 * @throws {FlowctlError} `invalid` outside of a flow.
 */
export function beginTask(definition: TaskDefinition, args: unknown[]): TaskCall {
  const scope = currentScope();
  if (scope === undefined) {
    throw new FlowctlError("invalid", `Cannot run task "${definition.name}": it is called outside of a flow`, {
      hint: "Call it in a flow, or call its function with .fn(…).",
    });
  }
  const { flow } = scope;
  const key = keyOf(definition.name);
  const count = nextCount(flow, key);
  const created = Promise.withResolvers<string>();
  created.promise.catch(() => {});
  const call: TaskCall = {
    name: definition.name,
    created: created.promise,
    outcome: Promise.resolve({ ok: true, state: null, value: undefined }),
    state: null,
    isObserved: false,
  };
  const upstream = args.map((arg) => callsIn(arg));
  call.outcome = outsideScopes(() => new TaskRunner(definition, flow, call).run(args, upstream, key, count, created))
    .catch((error): Outcome => {
      created.reject(error);
      if (isFlowctlError(error, "fenced")) flow.abort.abort(error);
      return { ok: false, state: call.state, error };
    });
  flow.calls.push(call);
  return call;
}

class TaskRunner {
  readonly #log;
  #id = "";

  constructor(
    private readonly definition: TaskDefinition,
    private readonly flow: FlowExecution,
    private readonly call: TaskCall,
  ) {
    this.#log = (level: "info" | "error", message: string) =>
      flow.engine.logs.for({ name: "flowctl.TaskRunner", flowRunId: flow.run.id, taskRunId: this.#id || undefined })
        [level](`Task '${definition.name}': ${message}`);
  }

  async run(
    args: unknown[],
    upstream: TaskCall[][],
    key: string,
    count: number,
    created: PromiseWithResolvers<string>,
  ): Promise<Outcome> {
    const { definition, flow } = this;
    const { client, clock } = flow.engine;
    if (flow.signal.aborted) throw stoppedError("task", definition.name);
    const inputs: [string, { input_type: "task_run"; id: string }[]][] = [];
    for (const [i, calls] of upstream.entries()) {
      if (calls.length === 0) continue;
      const ids = await Promise.all(calls.map((call) => call.created));
      inputs.push([String(i), ids.map((id) => ({ input_type: "task_run", id }))]);
    }
    const run = await reach(() =>
      client.taskRuns.create({
        id: newId(),
        task_key: key,
        dynamic_key: String(count),
        flow_run_id: flow.run.id,
        name: `${definition.name}-${count}`.slice(-500),
        state: { type: "PENDING" },
        task_version: definition.version,
        empirical_policy: policyOf(definition),
        tags: [...definition.tags],
        task_inputs: Object.fromEntries(inputs),
      }), clock);
    this.#id = run.id;
    this.#took(run.state);
    created.resolve(run.id);
    this.#log("info", "Starting task run...");
    const notReady = await this.#failedUpstream(upstream.flat());
    if (notReady !== undefined) return notReady;
    const resolved = upstream.some((calls) => calls.length > 0) ? await withResults(args) as unknown[] : args;
    return await this.#attempts(run.name, resolved);
  }

  async #failedUpstream(calls: TaskCall[]): Promise<Outcome | undefined> {
    for (const call of calls) {
      const outcome = await call.outcome;
      call.isObserved = true;
      if (outcome.ok) continue;
      const id = await call.created.catch(() => "");
      const message = `Upstream task run '${id}' did not reach a 'COMPLETED' state.`;
      await this.#propose({ type: "PENDING", name: "NotReady", message });
      this.#log("info", "Finished task run for task with final state: 'NotReady'");
      const error = new FlowctlError(
        "user_code",
        `Cannot run task "${this.definition.name}": task "${call.name}", whose result it needs, failed`,
        { cause: outcome.error },
      );
      return { ok: false, state: this.call.state, error };
    }
    return undefined;
  }

  async #attempts(name: string, args: unknown[]): Promise<Outcome> {
    const { definition } = this;
    const cacheKey = definition.cacheKey?.(args)?.slice(0, 2000);
    for (;;) {
      const begun = await this.#propose({ type: "RUNNING", state_details: { cache_key: cacheKey ?? null } });
      if (begun.status === "REJECT" && isLater(begun.state)) {
        await this.#until(begun.state);
        continue;
      }
      if (begun.status !== "ACCEPT") return await this.#notBegun(begun);
      const ended = await this.#body(name, args);
      const { proposal, error } = this.#verdict(ended, cacheKey);
      const answer = await this.#propose(proposal);
      if (answer.status === "REJECT" && isLater(answer.state)) {
        this.#log("info", "Finished task run for task with final state: 'Retrying'");
        await this.#until(answer.state);
        continue;
      }
      const word = answer.state?.type === "COMPLETED" ? "Success" : answer.state?.name ?? "Failed";
      this.#log("info", `Finished task run for task with final state: '${word}'`);
      if (ended.kind === "returned" && answer.status === "ACCEPT") {
        return { ok: true, state: answer.state, value: ended.value };
      }
      if (ended.kind === "returned" && answer.state?.type === "COMPLETED") {
        return { ok: true, state: answer.state, value: readResult(answer.state.data) };
      }
      return {
        ok: false,
        state: answer.state,
        error: error ?? stateError("task", definition.name, answer.state, answer.reason),
      };
    }
  }

  /** RUNNING was not accepted: a cached or kept result, a flow that is not running any more, or somebody's hand. */
  async #notBegun({ status, state, reason }: Answer): Promise<Outcome> {
    const { definition, flow } = this;
    if (status === "REJECT" && state?.type === "COMPLETED") {
      const word = state.name === "Cached" ? "Cached" : "Success";
      this.#log("info", `Finished task run for task with final state: '${word}'`);
      return { ok: true, state, value: readResult(state.data) };
    }
    if (!isFinal(state?.type) && !flow.signal.aborted) {
      // The enclosing run does not run any more: most likely it was cancelled.
      const run = await reach(() => flow.engine.client.flowRuns.read(flow.run.id), flow.engine.clock);
      if (run.state_type === "CANCELLING" || isFinal(run.state_type)) {
        flow.abort.abort(stoppedError("flow", flow.definition.name, `it is ${run.state_name}`));
      }
    }
    const error = flow.signal.aborted
      ? stoppedError("task", definition.name, reason.replace(/\.$/, ""))
      : stateError("task", definition.name, state, reason);
    return { ok: false, state, error };
  }

  async #body(name: string, args: unknown[]): Promise<Ended> {
    const { definition, flow } = this;
    const abort = new AbortController();
    const task: TaskExecution = {
      definition,
      id: this.#id,
      name,
      signal: AbortSignal.any([flow.signal, abort.signal]),
    };
    const scope: Scope = { flow, task };
    return await runBody(() => inScope(scope, () => definition.fn(...args)), {
      clock: flow.engine.clock,
      timeoutSeconds: definition.timeoutSeconds,
      signal: flow.signal,
      onTimeout: () => abort.abort(timeoutError("task", definition.name, definition.timeoutSeconds ?? 0)),
      isListening: () => flow.engine.isListening,
      graceMs: flow.engine.graceMs,
    });
  }

  #verdict(ended: Ended, cacheKey: string | undefined): { proposal: Proposal; error?: unknown } {
    const { definition, flow } = this;
    switch (ended.kind) {
      case "returned": {
        const data = resultData(ended.value);
        const details = cacheKey === undefined || !isLiteral(data) ? undefined : this.#cacheDetails(cacheKey);
        return { proposal: { type: "COMPLETED", data, state_details: details } };
      }
      case "timed_out": {
        const seconds = definition.timeoutSeconds!;
        this.#log("error", `Task run exceeded timeout of ${seconds} seconds`);
        return { proposal: timedOut("Task", seconds), error: timeoutError("task", definition.name, seconds) };
      }
      case "stopped":
        return {
          proposal: { type: "CANCELLED", message: "The flow run was stopped" },
          error: flow.signal.reason instanceof Error ? flow.signal.reason : stoppedError("task", definition.name),
        };
      case "threw":
        this.#log("error", `Exception encountered during task execution!\n${stackOf(ended.error)}`);
        return { proposal: failed("Task", ended.error), error: ended.error };
    }
  }

  #cacheDetails(key: string) {
    const { definition, flow } = this;
    const seconds = definition.cacheExpirationSeconds;
    const until = seconds === undefined
      ? null
      : formatInstant(flow.engine.clock.now().add({ milliseconds: Math.round(seconds * 1000) }));
    return { cache_key: key, cache_expiration: until };
  }

  async #propose(proposal: Proposal): Promise<Answer> {
    const { flow } = this;
    const answer = await propose(flow.engine, { kind: "task", id: this.#id }, proposal, flow.signal);
    this.#took(answer.state);
    return answer;
  }

  async #until(state: State): Promise<void> {
    await waitFor(state, this.flow.engine, this.flow.signal);
    if (this.flow.signal.aborted) throw stoppedError("task", this.definition.name);
  }

  #took(state: State | null): void {
    this.call.state = state;
  }
}

const stackOf = (error: unknown) => error instanceof Error ? userStack(error) : messageOf(error);

function policyOf({ retries, retryDelaySeconds }: TaskDefinition) {
  const delay = typeof retryDelaySeconds === "number" ? retryDelaySeconds : [...retryDelaySeconds];
  return { retries, retry_delay: delay };
}
