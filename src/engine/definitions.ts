/**
 * What the engine knows of a flow and of a task: the function and how it is to be run. The SDK makes these of users' options.
 *
 * @module
 */

import type { FlowRun } from "../domain/flow_runs.ts";

/** The second argument of every flow function. */
export interface FlowContext {
  /**
   * Aborted when the run is cancelled, times out, or the process is asked to stop. A flow that has looked at it is given a grace
   * (25 s) to end by itself; one that has not is ended at once.
   */
  readonly signal: AbortSignal;
  /** The run as the API answered it after it became RUNNING; the names are the wire's (snake_case). */
  readonly run: FlowRun;
}

/** A flow as the engine sees it. Times are seconds. */
export interface FlowDefinition {
  /** Unique in its project. */
  name: string;
  /** The user's function. */
  fn: (parameters: unknown, context: FlowContext) => unknown;
  /** A word that is written on every run. */
  version?: string;
  /** What it is for. */
  description?: string;
  /** How often a failed run is tried again; the server decides and counts. */
  retries: number;
  /** Seconds before each retry. */
  retryDelaySeconds: number;
  /** Seconds after which a run is TimedOut. */
  timeoutSeconds?: number;
  /** Written on every run that is made by a call. */
  tags: readonly string[];
  /** The namespace; default: the parent's, else `default`. */
  project?: string;
  /** Checks the parameters and answers what the function gets. @throws FlowctlError `invalid` */
  prepare?: (parameters: unknown) => Promise<unknown>;
}

/** A task as the engine sees it. Times are seconds. */
export interface TaskDefinition {
  name: string;
  fn: (...args: unknown[]) => unknown;
  version?: string;
  retries: number;
  /** One number, or one for each retry, of which the last repeats. */
  retryDelaySeconds: number | readonly number[];
  timeoutSeconds?: number;
  tags: readonly string[];
  /** A run whose key was seen before takes the stored result instead of running. */
  cacheKey?: (args: unknown[]) => string | undefined;
  cacheExpirationSeconds?: number;
}
