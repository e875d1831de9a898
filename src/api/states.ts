/**
 * Routes of the histories of runs; Prefect's.
 *
 * @module
 */

import { z } from "zod";
import { Id } from "../domain/common.ts";
import { State } from "../domain/states.ts";
import { flowRunStates, taskRunStates } from "../store/states.ts";
import { ok, type Route, route } from "./route.ts";
import { isOwnRun, isOwnTaskRun } from "./run_scope.ts";

const tag = "States";

const routesOf = (
  kind: "flow_run" | "task_run",
  noun: string,
  states: typeof flowRunStates,
  isOwn: typeof isOwnRun,
): Route[] => {
  const owner = `${kind}_id`;
  return [
    route({
      method: "GET",
      path: `/${kind}_states/`,
      tag,
      summary: `List the states of a ${noun}, oldest first`,
      about: "Empty for a run that does not exist.",
      query: z.object({ [owner]: Id }),
      answers: { 200: z.array(State) },
      scope: (call, lease) => isOwn(call, lease, call.query[owner]),
      handle: async ({ read, query }) => ok(await states.list(read, query[owner])),
    }),
    route({
      method: "GET",
      path: `/${kind}_states/{id}`,
      tag,
      summary: `Read a state of a ${noun}`,
      answers: { 200: State },
      handle: async ({ read, params }) => ok(await states.read(read, params.id)),
    }),
  ];
};

/** See the module's comment. */
export const stateRoutes: Route[] = [
  ...routesOf("flow_run", "flow run", flowRunStates, isOwnRun),
  ...routesOf("task_run", "task run", taskRunStates, isOwnTaskRun),
];
