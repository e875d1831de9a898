/**
 * Makes task runs.
 *
 * @module
 */

import type { z } from "zod";
import { type TaskRun, type TaskRunCreate, TaskRunPolicy } from "../domain/task_runs.ts";
import { formatInstant } from "../support/clock.ts";
import { FlowctlError } from "../support/errors.ts";
import { newId } from "../support/ids.ts";
import type { Tx } from "../store/database.ts";
import { isForeignKeyViolation, isUniqueViolation } from "../store/sqlite_errors.ts";
import { findTaskRunByKeys, insertTaskRun, readTaskRun } from "../store/task_runs.ts";
import type { Given } from "./rule.ts";
import { moveTaskRun } from "./set_task_run_state.ts";

/**
 * Creates a task run, PENDING unless a state is given, or finds it by (flow run, task key, dynamic key).
 *
 * @throws {FlowctlError} `conflict` when the flow run does not exist or the id is taken.
 */
export async function createTaskRun(
  tx: Tx,
  body: z.output<typeof TaskRunCreate>,
  given: Given,
): Promise<{ run: TaskRun; created: boolean }> {
  const known = await findTaskRunByKeys(tx, body.flow_run_id ?? null, body.task_key, body.dynamic_key, given.now);
  if (known) return { run: known, created: false };
  const id = body.id ?? newId();
  try {
    await insertTaskRun(tx, {
      id,
      created: formatInstant(given.now),
      // Prefect's client sends no name for the stand-in of a sub-flow; the server makes one of the keys.
      name: body.name ?? `${body.task_key}-${body.dynamic_key.slice(0, 8)}`,
      flow_run_id: body.flow_run_id ?? null,
      task_key: body.task_key,
      dynamic_key: body.dynamic_key,
      cache_key: body.cache_key ?? null,
      cache_expiration: body.cache_expiration ?? null,
      task_version: body.task_version ?? null,
      empirical_policy: body.empirical_policy ?? TaskRunPolicy.parse({}),
      tags: body.tags,
      task_inputs: body.task_inputs,
    });
  } catch (error) {
    if (!isForeignKeyViolation(error) && !isUniqueViolation(error)) throw error;
    const why = isForeignKeyViolation(error) ? "its flow run does not exist" : "another one has that id";
    throw new FlowctlError("conflict", `Cannot create task run: ${why}`, { cause: error });
  }
  const state = body.state ?? { type: "PENDING" as const, name: "Pending" };
  await moveTaskRun(tx, await readTaskRun(tx, id, given.now), state, { ...given, force: true });
  return { run: await readTaskRun(tx, id, given.now), created: true };
}
