/**
 * `task()`: makes a function a task.
 *
 * @module
 */

import type { TaskDefinition } from "../engine/definitions.ts";
import { futureOf, type TaskCall, type TaskFuture } from "../engine/futures.ts";
import { beginTask } from "../engine/run_task.ts";
import { checkNumber, checkOptions } from "./options.ts";
import { registerTask } from "./registry.ts";
import { FlowctlError } from "../support/errors.ts";

/** Options of {@link task}. */
export interface TaskOptions<A extends unknown[] = unknown[]> {
  /** How often a failed run is tried again. Default 0. The server counts. */
  retries?: number;
  /** Seconds before each retry: one number, or one for each retry (the last repeats). Default 0. */
  retryDelaySeconds?: number | number[];
  /** Seconds after which a try is Failed, with the state name TimedOut. Default: no limit. */
  timeoutSeconds?: number;
  /** Written on every run; the server limits how many runs of a tag go on at once. */
  tags?: string[];
  /** A word that is written on every run. */
  version?: string;
  /** A run whose key was seen before takes the stored result instead of running; the key is shared by all flows and tasks. */
  cacheKey?: string | ((...args: A) => string | undefined);
  /** How long a stored result counts, in seconds. Default: for ever. */
  cacheExpirationSeconds?: number;
}

/** An argument of a task: the value, a future of it, or an array with futures in it. */
export type TaskInput<T> = T | TaskFuture<T> | (T extends readonly (infer E)[] ? readonly TaskInput<E>[] : never);

/** The arguments of a task. */
export type TaskInputs<A extends unknown[]> = { [K in keyof A]: TaskInput<A[K]> };

type Rest<A extends unknown[]> = A extends [unknown?, ...infer R] ? R : [];

/**
 * A task: call it inside of a flow.
 *
 * A call records a task run and resolves with what the function returns. Calls may go on at the same time (`Promise.all`).
 *
 * @typeParam A The arguments.
 * @typeParam R What it returns, without its promise.
 */
export interface Task<A extends unknown[], R> {
  /** Runs it. @throws what the function throws, when it has no retries left; `FlowctlError` `invalid` outside of a flow */
  (...args: TaskInputs<A>): Promise<R>;
  /** Begins a run and gives a future at once. The flow waits for it at its end; a failure nobody asked about fails the flow. */
  submit(...args: TaskInputs<A>): TaskFuture<R>;
  /** One run for each item of the first argument, all at once; the other arguments are the same for all. */
  map(items: Iterable<TaskInput<A[0]>>, ...rest: TaskInputs<Rest<A>>): TaskFuture<R>[];
  /** What its runs and its lines are called. */
  readonly name: string;
  /** The function itself: calling it makes no run. */
  readonly fn: (...args: A) => R | Promise<R>;
}

const OPTIONS = [
  "retries",
  "retryDelaySeconds",
  "timeoutSeconds",
  "tags",
  "version",
  "cacheKey",
  "cacheExpirationSeconds",
];

/**
 * Makes a function a task.
 *
 * @param name What its runs and its lines are called, e.g. `say_hello`.
 * @throws {FlowctlError} `invalid` for an unknown option.
 *
 * @example
 * ```ts
 * import { flow, task } from "flowctl";
 *
 * const double = task("double", (n: number) => n * 2, { retries: 3, retryDelaySeconds: [1, 10, 60] });
 * const sum = task("sum", (numbers: number[]) => numbers.reduce((a, b) => a + b, 0));
 *
 * const total = flow("total", async () => await sum(double.map([1, 2, 3])));
 * console.assert(double.fn(2) === 4 && total.name === "total");
 * ```
 */
export function task<A extends unknown[], R>(
  name: string,
  fn: (...args: A) => R,
  options: TaskOptions<A> = {},
): Task<A, Awaited<R>> {
  if (typeof name !== "string" || name === "") throw new FlowctlError("invalid", "Cannot make task: its name is empty");
  checkOptions(`task "${name}"`, options, OPTIONS);
  for (const option of ["retries", "retryDelaySeconds", "timeoutSeconds", "cacheExpirationSeconds"] as const) {
    checkNumber(`task "${name}"`, option, options[option]);
  }
  const { cacheKey } = options;
  const definition: TaskDefinition = {
    name,
    fn: fn as (...args: unknown[]) => unknown,
    version: options.version,
    retries: options.retries ?? 0,
    retryDelaySeconds: options.retryDelaySeconds ?? 0,
    timeoutSeconds: options.timeoutSeconds,
    tags: options.tags ?? [],
    cacheKey: cacheKey === undefined
      ? undefined
      : (args) => typeof cacheKey === "function" ? cacheKey(...args as A) : cacheKey,
    cacheExpirationSeconds: options.cacheExpirationSeconds,
  };
  const call = async (...args: unknown[]): Promise<unknown> => {
    const begun = observed(beginTask(definition, args));
    const outcome = await begun.outcome;
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  };
  const submit = (...args: unknown[]) => futureOf<Awaited<R>>(beginTask(definition, args));
  const map = (items: Iterable<unknown>, ...rest: unknown[]) => Array.from(items, (item) => submit(item, ...rest));
  for (const [key, value] of Object.entries({ name, fn, submit, map })) {
    Object.defineProperty(call, key, { value, enumerable: true });
  }
  registerTask(name);
  return call as unknown as Task<A, Awaited<R>>;
}

/** The caller of a plain call gets the error itself, or the runtime reports a rejection that nobody handled. */
function observed(call: TaskCall): TaskCall {
  call.isObserved = true;
  return call;
}
