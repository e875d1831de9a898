/**
 * Runs flows against the API in memory.
 *
 * @module
 */

import type { FlowDefinition, TaskDefinition } from "../../src/engine/definitions.ts";
import type { Outcome } from "../../src/engine/futures.ts";
import { runFlow, type RunFlowOptions } from "../../src/engine/run_flow.ts";
import { beginTask } from "../../src/engine/run_task.ts";
import { FakeApi } from "../testing/fake_api.ts";

/** A flow with defaults. */
export const aFlow = (fn: FlowDefinition["fn"], more: Partial<FlowDefinition> = {}): FlowDefinition => ({
  name: "my-flow",
  fn,
  retries: 0,
  retryDelaySeconds: 0,
  tags: [],
  ...more,
});

/** A task with defaults, as a function that behaves like the SDK's. */
export function aTask(name: string, fn: TaskDefinition["fn"], more: Partial<TaskDefinition> = {}) {
  const definition: TaskDefinition = { name, fn, retries: 0, retryDelaySeconds: 0, tags: [], ...more };
  return async (...args: unknown[]): Promise<unknown> => {
    const call = beginTask(definition, args);
    call.isObserved = true;
    const outcome = await call.outcome;
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  };
}

/** What a test sees of a run. */
export interface Ran {
  api: FakeApi;
  outcome: Outcome;
  printed: string[];
}

/** Runs a flow from PENDING. */
export async function run(
  definition: FlowDefinition,
  options: Partial<RunFlowOptions> = {},
  api: FakeApi = new FakeApi(options.clock),
): Promise<Ran> {
  const printed: string[] = [];
  const { retries, retryDelaySeconds: retry_delay } = definition;
  const row = api.flowRuns[0] ?? api.aFlowRun({ name: "my-run", empirical_policy: { retries, retry_delay } });
  const outcome = await runFlow(definition, {
    client: api.client,
    run: row as RunFlowOptions["run"],
    print: (line) => void printed.push(line),
    ...options,
  });
  return { api, outcome, printed };
}
