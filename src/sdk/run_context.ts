/**
 * What code inside of a run may ask: where it is, and a logger.
 *
 * @module
 */

import { format } from "node:util";
import type { FlowRun } from "../domain/flow_runs.ts";
import { LOG_LEVELS } from "../domain/logs.ts";
import { currentScope, listen, logSource, type Scope } from "../engine/context.ts";
import { FlowctlError } from "../support/errors.ts";

/** Writes records of the present run; `%s` and the like are filled in as by `console.log`. */
export interface RunLogger {
  /** Level 10. */
  debug(message: string, ...values: unknown[]): void;
  /** Level 20. */
  info(message: string, ...values: unknown[]): void;
  /** Level 30. */
  warning(message: string, ...values: unknown[]): void;
  /** Level 40. */
  error(message: string, ...values: unknown[]): void;
  /** Level 50. */
  critical(message: string, ...values: unknown[]): void;
}

/** Where code is. */
export interface RunContext {
  /** The flow run as the API answered it; the names are the wire's (snake_case). */
  readonly flowRun: FlowRun;
  /** The task run, inside of a task. */
  readonly taskRun: { readonly id: string; readonly name: string; readonly taskName: string } | undefined;
  /** Aborted when the run is cancelled or its time is up; see `FlowContext`. */
  readonly signal: AbortSignal;
}

function here(what: string): Scope {
  const scope = currentScope();
  if (scope !== undefined) return scope;
  throw new FlowctlError("invalid", `Cannot ${what}: no flow is running here`, {
    hint: "Call it inside of a flow or a task.",
  });
}

/**
 * The logger of the present task run, or of the flow run. Its records go to the API and are printed.
 *
 * @throws {FlowctlError} `invalid` outside of runs.
 *
 * @example
 * ```ts
 * import { flow, getRunLogger } from "flowctl";
 *
 * const load = flow("load", () => getRunLogger().info("Loaded %d rows", 3));
 * console.assert(load.name === "load");
 * ```
 */
export function getRunLogger(): RunLogger {
  const scope = here("get a run logger");
  const source = logSource(scope);
  const at = (level: number) => (message: string, ...values: unknown[]) =>
    scope.flow.engine.logs.write(source, level, format(message, ...values));
  return {
    debug: at(LOG_LEVELS.DEBUG),
    info: at(LOG_LEVELS.INFO),
    warning: at(LOG_LEVELS.WARNING),
    error: at(LOG_LEVELS.ERROR),
    critical: at(LOG_LEVELS.CRITICAL),
  };
}

/**
 * Where the code is: run, task run, signal.
 *
 * @throws {FlowctlError} `invalid` outside of runs.
 *
 * @example
 * ```ts
 * import { getRunContext, task } from "flowctl";
 *
 * const download = task("download", (url: string) => fetch(url, { signal: getRunContext().signal }));
 * console.assert(download.name === "download");
 * ```
 */
export function getRunContext(): RunContext {
  const scope = here("get a run context");
  const { task } = scope;
  return {
    flowRun: scope.flow.run,
    taskRun: task === undefined ? undefined : { id: task.id, name: task.name, taskName: task.definition.name },
    get signal() {
      return listen(scope);
    },
  };
}
