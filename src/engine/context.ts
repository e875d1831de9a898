/**
 * Where user code is: in which run of which flow, and in which run of which task. Follows `await`, timers and callbacks.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Client } from "../client/client.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import type { Clock } from "../support/clock.ts";
import type { FlowDefinition, TaskDefinition } from "./definitions.ts";
import type { TaskCall } from "./futures.ts";
import type { LogSender } from "./log_sender.ts";
import type { LogBook, LogSource } from "./run_log.ts";

/** What all runs of one process share. */
export interface Engine {
  client: Client;
  clock: Clock;
  sender: LogSender;
  logs: LogBook;
  /** Takes secrets out of what states say. */
  hide: (text: string) => string;
  /** How long a stopped flow that listens may take to end. */
  graceMs: number;
  /** Whether user code has looked at a signal. */
  isListening: boolean;
}

/** One run of a flow in this process. */
export interface FlowExecution {
  engine: Engine;
  definition: FlowDefinition;
  run: FlowRun;
  /** Stops this run and all in it. */
  abort: AbortController;
  signal: AbortSignal;
  /** How often each task was called, for dynamic keys. */
  counts: Map<string, number>;
  /** The task runs begun since the last RUNNING. */
  calls: TaskCall[];
  parent?: FlowExecution;
}

/** One run of a task in this process. */
export interface TaskExecution {
  definition: TaskDefinition;
  id: string;
  name: string;
  signal: AbortSignal;
}

/** Where user code is. */
export interface Scope {
  flow: FlowExecution;
  task?: TaskExecution;
}

const storage = new AsyncLocalStorage<Scope>();

/** The present scope; undefined outside of runs. */
export const currentScope = (): Scope | undefined => storage.getStore();

/** Runs a function in a scope. */
export const inScope = <T>(scope: Scope, work: () => T): T => storage.run(scope, work);

/** Runs a function outside of any scope: our own work must not be logged as the user's. */
export const outsideScopes = <T>(work: () => T): T => storage.exit(work);

/** Whose records a scope's records are: `flowctl.<task>` in a task, else `flowctl.<flow>`. */
export function logSource({ flow, task }: Scope): LogSource {
  return {
    name: `flowctl.${task?.definition.name ?? flow.definition.name}`,
    flowRunId: flow.run.id,
    taskRunId: task?.id,
  };
}

/** A scope's signal, remembering that user code has looked at it. */
export function listen({ flow, task }: Scope): AbortSignal {
  flow.engine.isListening = true;
  return task?.signal ?? flow.signal;
}
