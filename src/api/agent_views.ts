/**
 * Routes that answer what the pages of agents show. Ours.
 *
 * @module
 */

import { z } from "zod";
import { AgentRow, AgentView } from "../domain/agent_views.ts";
import { agentView, listAgentRows } from "../store/agent_views.ts";
import { ok, type Route, route } from "./route.ts";

const tag = "Agents";

/** See the module's comment. */
export const agentViewRoutes: Route[] = [
  route({
    method: "POST",
    path: "/agents/page",
    tag,
    summary: "List agents with how many runs they hold",
    about: "Those that live first, then by name.",
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: z.array(AgentRow) },
    handle: async ({ read, now }) => ok(await listAgentRows(read, now())),
  }),
  route({
    method: "GET",
    path: "/agents/{id}/view",
    tag,
    summary: "Read an agent with what it holds, held, and would take",
    about: "For each run that is due and each deployment it says why the agent does not take it, or null.",
    answers: { 200: AgentView },
    handle: async ({ read, params, now }) => ok(await agentView(read, params.id, now())),
  }),
];
