/**
 * Futures: handles on task runs that go on while the flow does.
 *
 * A future given to a task as an argument (also inside arrays and plain objects) is waited for, and the task's run records that its
 * input came from there.
 *
 * @module
 */

import type { State } from "../domain/states.ts";

/** How a run ended. */
export type Outcome =
  | { ok: true; state: State | null; value: unknown }
  | { ok: false; state: State | null; error: unknown };

/** A task run that was begun. */
export interface TaskCall {
  name: string;
  /** The id of its task run; rejects when it could not be created. */
  created: Promise<string>;
  /** How it ended; never rejects. */
  outcome: Promise<Outcome>;
  /** The state last answered by the API. */
  state: State | null;
  /** Whether user code has asked how it ended. */
  isObserved: boolean;
}

/**
 * The handle that `task.submit()` gives.
 *
 * @example
 * ```ts
 * import type { TaskFuture } from "./futures.ts";
 *
 * const both = async (a: TaskFuture<number>, b: TaskFuture<number>) => await a.result() + await b.result();
 * console.assert(typeof both === "function");
 * ```
 */
export class TaskFuture<R> {
  readonly #call: TaskCall;

  /** Made by `task.submit()`, not by users. */
  constructor(call: TaskCall) {
    this.#call = call;
  }

  /** What the task returned. @throws what the task threw, when it has no retries left */
  async result(): Promise<R> {
    this.#call.isObserved = true;
    const outcome = await this.#call.outcome;
    if (!outcome.ok) throw outcome.error;
    return outcome.value as R;
  }

  /** Waits for the end and answers the final state; does not throw when the task failed. */
  async wait(): Promise<State | null> {
    this.#call.isObserved = true;
    return (await this.#call.outcome).state;
  }

  /** The state last answered by the API: null before there is one. Asks nobody. */
  state(): State | null {
    return this.#call.state;
  }

  /** The id of the task run. */
  get taskRunId(): Promise<string> {
    return this.#call.created;
  }
}

const calls = new WeakMap<TaskFuture<unknown>, TaskCall>();

/** Makes a future of a call. */
export function futureOf<R>(call: TaskCall): TaskFuture<R> {
  const future = new TaskFuture<R>(call);
  calls.set(future as TaskFuture<unknown>, call);
  return future;
}

/** The calls whose futures are in a value: itself, in arrays, in plain objects. */
export function callsIn(value: unknown, depth = 0): TaskCall[] {
  if (value instanceof TaskFuture) return [calls.get(value)!];
  if (depth > 20 || !isContainer(value)) return [];
  return Object.values(value).flatMap((item) => callsIn(item, depth + 1));
}

/** The value with results in the place of futures. */
export async function withResults(value: unknown, depth = 0): Promise<unknown> {
  if (value instanceof TaskFuture) {
    const outcome = await calls.get(value)!.outcome;
    return outcome.ok ? outcome.value : undefined;
  }
  if (depth > 20 || !isContainer(value) || callsIn(value).length === 0) return value;
  if (Array.isArray(value)) return await Promise.all(value.map((item) => withResults(item, depth + 1)));
  const pairs = Object.entries(value).map(async ([key, item]) => [key, await withResults(item, depth + 1)] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

function isContainer(value: unknown): value is Record<string, unknown> | unknown[] {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
