/**
 * Makes flow runs that a client runs itself: `python flow.py`, `flowctl ./flow.ts`, sub-flows.
 *
 * @module
 */

import type { z } from "zod";
import { type FlowRun, type FlowRunCreate, FlowRunPolicy } from "../domain/flow_runs.ts";
import type { ProposedState } from "../domain/states.ts";
import { formatInstant } from "../support/clock.ts";
import { FlowctlError } from "../support/errors.ts";
import { newId } from "../support/ids.ts";
import { randomRunName } from "../support/names.ts";
import type { Tx } from "../store/database.ts";
import { findDeployment } from "../store/deployments.ts";
import { findFlowRunByKey, insertFlowRun, type NewFlowRun, readFlowRun } from "../store/flow_runs.ts";
import { isForeignKeyViolation } from "../store/sqlite_errors.ts";
import { FORCED_FLOW_POLICY } from "./policies.ts";
import type { ChosenState, Given } from "./rule.ts";
import { moveFlowRun } from "./set_flow_run_state.ts";

/** A run, and whether it is new; an old one was made with the same idempotency key. */
export interface MadeFlowRun {
  run: FlowRun;
  created: boolean;
}

/**
 * Creates a run, PENDING unless a state is given, which is applied without rules but with bookkeeping (Prefect). A second one
 * with the same flow and idempotency key is the first.
 *
 * @throws {FlowctlError} `conflict` when flow or parent task run do not exist (Prefect answers 409 there).
 */
export async function createFlowRun(
  tx: Tx,
  body: z.output<typeof FlowRunCreate>,
  given: Given,
): Promise<MadeFlowRun> {
  const deployment = body.deployment_id === undefined ? undefined : await findDeployment(tx, body.deployment_id);
  return await addFlowRun(
    tx,
    {
      name: body.name,
      flow_id: body.flow_id,
      deployment_id: body.deployment_id ?? null,
      deployment_version: deployment?.version ?? null,
      deployment_version_id: deployment?.version_id ?? null,
      work_queue_name: null,
      flow_version: body.flow_version ?? null,
      parameters: body.parameters,
      idempotency_key: body.idempotency_key ?? null,
      context: body.context,
      empirical_policy: body.empirical_policy ?? FlowRunPolicy.parse({}),
      tags: body.tags,
      labels: deployment?.labels ?? [],
      parent_task_run_id: body.parent_task_run_id ?? null,
      auto_scheduled: false,
      infrastructure_document_id: body.infrastructure_document_id ?? null,
      created_by: null,
      job_variables: null,
    },
    body.state ?? { type: "PENDING", name: "Pending" },
    given,
  );
}

/** What all ways of making a run have in common. A run without a name gets one of two words. */
export async function addFlowRun(
  tx: Tx,
  made: Omit<NewFlowRun, "id" | "created" | "name"> & { name?: string | undefined },
  state: ProposedState | ChosenState,
  given: Given,
): Promise<MadeFlowRun> {
  const known = made.idempotency_key === null
    ? undefined
    : await findFlowRunByKey(tx, made.flow_id, made.idempotency_key, given.now);
  if (known) return { run: known, created: false };
  const id = newId();
  try {
    await insertFlowRun(tx, {
      ...made,
      id,
      created: formatInstant(given.now),
      name: made.name ?? randomRunName(given.random),
    });
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    throw new FlowctlError("conflict", "Cannot create flow run: its flow or its parent task run does not exist", {
      cause: error,
    });
  }
  await moveFlowRun(tx, await readFlowRun(tx, id, given.now), state, FORCED_FLOW_POLICY, given);
  return { run: await readFlowRun(tx, id, given.now), created: true };
}
