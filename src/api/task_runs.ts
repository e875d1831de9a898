/**
 * Routes of task runs; Prefect's.
 *
 * @module
 */

import { z } from "zod";
import { TaskRunQuery } from "../domain/filters.ts";
import { OrchestrationResult, SetState } from "../domain/orchestration.ts";
import { TaskRun, TaskRunCreate, TaskRunUpdate } from "../domain/task_runs.ts";
import { createTaskRun } from "../orchestration/create_task_run.ts";
import { setTaskRunState } from "../orchestration/set_task_run_state.ts";
import { countTaskRuns, listTaskRuns, taskRunHistory } from "../store/run_lists.ts";
import { deleteTaskRun, readTaskRun, updateTaskRun } from "../store/task_runs.ts";
import { countRoutes } from "./run_counts.ts";
import { type Call, made, nothing, ok, type Route, route, type ScopeRule } from "./route.ts";
import { isOwnRun, isOwnTaskRun, visible } from "./run_scope.ts";
import { answerOf, missingAs } from "./set_state.ts";

const tag = "Task runs";

// deno-lint-ignore no-explicit-any -- whatever body and query the route has
const own: ScopeRule<Call<any, any>> = (call, lease) => isOwnTaskRun(call, lease, call.params.id);

/** See the module's comment. */
export const taskRunRoutes: Route[] = [
  route({
    method: "POST",
    path: "/task_runs/",
    tag,
    summary: "Create a task run, or find it by flow run, task key and dynamic key",
    body: TaskRunCreate,
    answers: { 201: TaskRun, 200: TaskRun },
    scope: async (call, lease) =>
      call.body.flow_run_id !== undefined && await isOwnRun(call, lease, call.body.flow_run_id),
    async handle({ write, body, given }) {
      const { run, created } = await write((tx) => createTaskRun(tx, body, given()));
      return made(run, created);
    },
  }),
  route({
    method: "POST",
    path: "/task_runs/filter",
    tag,
    summary: "List task runs",
    body: TaskRunQuery,
    bodyOptional: true,
    answers: { 200: z.array(TaskRun) },
    scope: "allowed",
    handle: async (call) =>
      ok(await visible(call, await listTaskRuns(call.read, call.body, call.now()), (run) => run.flow_run_id)),
  }),
  ...countRoutes("/task_runs", { tag, noun: "task runs", count: countTaskRuns, history: taskRunHistory }),
  route({
    method: "GET",
    path: "/task_runs/{id}",
    tag,
    summary: "Read a task run",
    answers: { 200: TaskRun },
    scope: own,
    handle: async ({ read, params, now }) => ok(await readTaskRun(read, params.id, now())),
  }),
  route({
    method: "PATCH",
    path: "/task_runs/{id}",
    tag,
    summary: "Change a task run",
    body: TaskRunUpdate,
    answers: { 204: "Changed" },
    scope: own,
    async handle({ write, params, body, now }) {
      await write((tx) => updateTaskRun(tx, params.id, body, now()));
      return nothing();
    },
  }),
  route({
    method: "DELETE",
    path: "/task_runs/{id}",
    tag,
    summary: "Delete a task run",
    answers: { 204: "Deleted" },
    async handle({ write, params }) {
      await write((tx) => deleteTaskRun(tx, params.id));
      return nothing();
    },
  }),
  route({
    method: "POST",
    path: "/task_runs/{id}/set_state",
    tag,
    summary: "Propose a state of a task run",
    about: "201 when a state was stored, be it the proposed one or another, else 200.",
    body: SetState,
    answers: { 201: OrchestrationResult, 200: OrchestrationResult },
    scope: own,
    async handle({ write, params, body, given }) {
      const { state, force } = body;
      const set = write((tx) => setTaskRunState(tx, params.id, state, { force, ...given() }));
      return answerOf(await missingAs(`Task run with id ${params.id} not found`, set));
    },
  }),
];
