/**
 * A flow called in a flow: a run of its own, linked to a stand-in task run of the parent, whose states the server moves.
 *
 * @module
 */

import type { FlowRun } from "../domain/flow_runs.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { newId } from "../support/ids.ts";
import { outsideScopes, type Scope } from "./context.ts";
import type { FlowDefinition } from "./definitions.ts";
import { stoppedError } from "./failures.ts";
import { callsIn, type Outcome, type TaskCall, withResults } from "./futures.ts";
import { reach } from "./reach.ts";
import { jsonable } from "./results.ts";
import { enterFlow, executionOf } from "./run_flow.ts";
import { keyOf, nextCount } from "./run_task.ts";

/**
 * Runs a flow as part of the present one.
 *
 * @throws {FlowctlError} `invalid` inside of a task; else what the flow threw.
 */
export async function runSubFlow(definition: FlowDefinition, parameters: unknown, scope: Scope): Promise<unknown> {
  if (scope.task !== undefined) {
    throw new FlowctlError(
      "invalid",
      `Cannot run flow "${definition.name}" in task "${scope.task.definition.name}": a task cannot contain a flow run`,
      { hint: "Call it in a flow, or call its function with .fn(…)." },
    );
  }
  const { flow: parent } = scope;
  const key = `child-${keyOf(definition.name).slice(-8)}`;
  const count = nextCount(parent, key);
  const outcome = outsideScopes(() => begin(definition, parameters, parent, key, count));
  const call: TaskCall = {
    name: definition.name,
    created: Promise.resolve(""),
    outcome: outcome.catch((error): Outcome => ({ ok: false, state: null, error })),
    state: null,
    isObserved: true,
  };
  parent.calls.push(call);
  const ended = await call.outcome;
  if (!ended.ok) throw ended.error;
  return ended.value;
}

async function begin(
  definition: FlowDefinition,
  parameters: unknown,
  parent: Scope["flow"],
  key: string,
  count: number,
): Promise<Outcome> {
  const { engine } = parent;
  if (parent.signal.aborted) throw stoppedError("flow", definition.name);
  const upstream = callsIn(parameters);
  for (const call of upstream) {
    const ended = await call.outcome;
    if (!ended.ok) {
      throw new FlowctlError(
        "user_code",
        `Cannot run flow "${definition.name}": task "${call.name}", whose result it needs, failed`,
        {
          cause: ended.error,
        },
      );
    }
  }
  const given = upstream.length === 0 ? parameters : await withResults(parameters);
  const ids = await Promise.all(upstream.map((call) => call.created));
  const standIn = await reach(() =>
    engine.client.taskRuns.create({
      id: newId(),
      task_key: key,
      dynamic_key: String(count),
      flow_run_id: parent.run.id,
      name: `${definition.name}-${count}`.slice(-500),
      state: { type: "PENDING" },
      task_inputs: ids.length === 0 ? {} : { parameters: ids.map((id) => ({ input_type: "task_run" as const, id })) },
    }), engine.clock);
  const run = await earlierRun(parent, standIn.id) ?? await newRun(definition, given, parent, standIn.id);
  const execution = executionOf(engine, definition, run, parent.signal, parent);
  try {
    return await enterFlow(execution, given);
  } catch (error) {
    if (isFlowctlError(error, "fenced")) parent.abort.abort(error);
    throw error;
  }
}

/** When the parent is tried again, its sub-flow runs are found by their stand-ins and go on; as Prefect does. */
async function earlierRun(parent: Scope["flow"], standInId: string): Promise<FlowRun | undefined> {
  if (parent.run.run_count <= 1) return undefined;
  const { client, clock } = parent.engine;
  const found = await reach(() =>
    client.flowRuns.list({
      flow_runs: { parent_task_run_id: { any_: [standInId] } },
      sort: "EXPECTED_START_TIME_ASC",
    }), clock);
  return found.at(-1);
}

async function newRun(
  definition: FlowDefinition,
  parameters: unknown,
  parent: Scope["flow"],
  standInId: string,
): Promise<FlowRun> {
  const { client, clock } = parent.engine;
  const flow = await reach(
    () => client.flows.create({ name: definition.name, project: definition.project ?? parent.run.project }),
    clock,
  );
  const idempotencyKey = `${standInId}:${parent.run.run_count}`;
  return await reach(
    () => client.flowRuns.create(flowRunBody(definition, flow.id, parameters, standInId, idempotencyKey)),
    clock,
  );
}

/** The body of `POST /flow_runs/` for a flow that is called. */
export function flowRunBody(
  definition: FlowDefinition,
  flowId: string,
  parameters: unknown,
  parentTaskRunId?: string,
  idempotencyKey?: string,
) {
  return {
    flow_id: flowId,
    state: { type: "PENDING" as const },
    parameters: jsonable(parameters),
    flow_version: definition.version,
    tags: [...definition.tags],
    empirical_policy: { retries: definition.retries, retry_delay: definition.retryDelaySeconds },
    parent_task_run_id: parentTaskRunId,
    idempotency_key: idempotencyKey,
  };
}
