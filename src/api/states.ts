/**
 * Routes of the histories of runs; Prefect's.
 *
 * @module
 */

import { z } from "zod";
import { Id } from "../domain/common.ts";
import { State } from "../domain/states.ts";
import { listFlowRunStates, listTaskRunStates, readFlowRunState, readTaskRunState } from "../store/states.ts";
import { ok, type Route, route } from "./route.ts";
import { isOwnRun, isOwnTaskRun } from "./run_scope.ts";

const tag = "States";

/** See the module's comment. */
export const stateRoutes: Route[] = [
  route({
    method: "GET",
    path: "/flow_run_states/",
    tag,
    summary: "List the states of a flow run, oldest first",
    about: "Empty for a run that does not exist.",
    query: z.object({ flow_run_id: Id }),
    answers: { 200: z.array(State) },
    scope: (call, lease) => isOwnRun(call, lease, call.query.flow_run_id),
    handle: async ({ read, query }) => ok(await listFlowRunStates(read, query.flow_run_id)),
  }),
  route({
    method: "GET",
    path: "/flow_run_states/{id}",
    tag,
    summary: "Read a state of a flow run",
    answers: { 200: State },
    handle: async ({ read, params }) => ok(await readFlowRunState(read, params.id)),
  }),
  route({
    method: "GET",
    path: "/task_run_states/",
    tag,
    summary: "List the states of a task run, oldest first",
    about: "Empty for a run that does not exist.",
    query: z.object({ task_run_id: Id }),
    answers: { 200: z.array(State) },
    scope: (call, lease) => isOwnTaskRun(call, lease, call.query.task_run_id),
    handle: async ({ read, query }) => ok(await listTaskRunStates(read, query.task_run_id)),
  }),
  route({
    method: "GET",
    path: "/task_run_states/{id}",
    tag,
    summary: "Read a state of a task run",
    answers: { 200: State },
    handle: async ({ read, params }) => ok(await readTaskRunState(read, params.id)),
  }),
];
