/**
 * Routes of agents and their leases. Ours; Prefect's agents poll work queues instead.
 *
 * @module
 */

import { z } from "zod";
import {
  AgentCreate,
  AgentStatus,
  agentStatus,
  ClaimAnswer,
  ClaimRequest,
  Heartbeat,
  HeartbeatAnswer,
  Lease,
  LeaseStarted,
} from "../domain/agents.ts";
import { isFinal } from "../domain/states.ts";
import { claimRuns } from "../orchestration/claims.ts";
import { releaseLease, renewLeases, startLease } from "../orchestration/leases.ts";
import { deleteAgent, listAgents, noteAgentStopped, putAgent, readAgent } from "../store/agents.ts";
import { nextDueTime } from "../store/due_runs.ts";
import { countLeases, listCancellations, listLeases } from "../store/leases.ts";
import { FlowctlError } from "../support/errors.ts";
import { made, nothing, ok, type Route, route } from "./route.ts";
import { waitFor } from "./waiting.ts";

const tag = "Agents";

const claimRoute = route({
  method: "POST",
  path: "/agents/{id}/claim",
  tag,
  access: "RUNNER",
  summary: "Claim runs, and hear of cancellations",
  about: "Answers as soon as there is something, at the latest after `wait_seconds`; then both lists are empty.",
  body: ClaimRequest,
  answers: { 200: ClaimAnswer },
  async handle(call) {
    const { read, write, params, body, given, now } = call;
    await readAgent(read, params.id);
    const found = await waitFor(call, {
      async look() {
        // Runs claimed for a client that is gone would wait for their lease to lapse.
        if (call.signal.aborted) return undefined;
        const claims = body.slots === 0 ? [] : await write((tx) => claimRuns(tx, params.id, body, given()));
        const cancellations = await listCancellations(read, params.id, body.cancelling, now());
        return claims.length + cancellations.length === 0 ? undefined : { claims, cancellations };
      },
      concerns: (change) =>
        change.kind === "flow_run" &&
        (change.state === null || change.state === "SCHEDULED" || change.state === "CANCELLING" ||
          isFinal(change.state)),
      waitSeconds: body.wait_seconds,
      async again() {
        const due = body.slots === 0 ? undefined : await nextDueTime(read, now());
        return due === undefined ? undefined : due.epochMilliseconds - now().epochMilliseconds;
      },
    });
    return ok(found ?? { claims: [], cancellations: [] });
  },
});

/** See the module's comment. */
export const agentRoutes: Route[] = [
  route({
    method: "POST",
    path: "/agents/",
    tag,
    access: "RUNNER",
    summary: "Make an agent known, or renew what is known of it",
    body: AgentCreate,
    answers: { 201: AgentStatus, 200: AgentStatus },
    async handle({ write, body, now }) {
      const { agent, created } = await write((tx) => putAgent(tx, body, now()));
      return made(agentStatus(agent, now()), created);
    },
  }),
  route({
    method: "POST",
    path: "/agents/filter",
    tag,
    summary: "List agents",
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: z.array(AgentStatus) },
    handle: async ({ read, now }) => ok((await listAgents(read)).map((agent) => agentStatus(agent, now()))),
  }),
  route({
    method: "GET",
    path: "/agents/{id}",
    tag,
    access: "RUNNER",
    summary: "Read an agent",
    answers: { 200: AgentStatus },
    handle: async ({ read, params, now }) => ok(agentStatus(await readAgent(read, params.id), now())),
  }),
  route({
    method: "DELETE",
    path: "/agents/{id}",
    tag,
    summary: "Forget an agent",
    answers: { 204: "Forgotten", 409: "It is alive, or holds runs" },
    async handle({ write, params, now }) {
      await write(async (tx) => {
        const agent = agentStatus(await readAgent(tx, params.id), now());
        const refuse = (why: string, hint: string) =>
          new FlowctlError("conflict", `Cannot delete agent "${agent.name}": ${why}`, { hint });
        if (agent.alive) throw refuse("it is alive", "Stop it first: it would make itself known again");
        const held = await countLeases(tx, agent.id);
        const hint = "Start it again, or wait until these runs are given up";
        if (held > 0) throw refuse(`it holds ${held} ${held === 1 ? "run" : "runs"}`, hint);
        await deleteAgent(tx, agent.id);
      });
      return nothing();
    },
  }),
  route({
    method: "POST",
    path: "/agents/{id}/stopped",
    tag,
    access: "RUNNER",
    summary: "Say that an agent stops",
    about: "Its leases stay, and it counts as dead until its next sign of life.",
    answers: { 204: "Noted" },
    async handle({ write, params, now }) {
      await write((tx) => noteAgentStopped(tx, params.id, now()));
      return nothing();
    },
  }),
  route({
    method: "GET",
    path: "/agents/{id}/leases",
    tag,
    access: "RUNNER",
    summary: "List an agent's leases",
    about: "Expired ones too, as long as nobody else took the run: an agent that was restarted takes them up again.",
    answers: { 200: z.array(Lease) },
    handle: async ({ read, params }) => ok(await listLeases(read, params.id)),
  }),
  claimRoute,
  route({
    method: "POST",
    path: "/agents/{id}/heartbeat",
    tag,
    access: "RUNNER",
    summary: "Renew leases",
    body: Heartbeat,
    answers: { 200: HeartbeatAnswer },
    async handle({ write, params, body, given }) {
      return ok(await write((tx) => renewLeases(tx, params.id, body.lease_ids, given())));
    },
  }),
  route({
    method: "POST",
    path: "/leases/{id}/started",
    tag,
    access: "RUNNER",
    summary: "Say that a run's container or process exists",
    body: LeaseStarted,
    answers: { 204: "Noted", 409: "The lease is over: end what was started" },
    async handle({ write, params, body, given }) {
      await write((tx) => startLease(tx, params.id, body, given()));
      return nothing();
    },
  }),
  route({
    method: "POST",
    path: "/leases/{id}/release",
    tag,
    access: "RUNNER",
    summary: "Give a run back: its attempt is over",
    answers: { 204: "Over" },
    async handle({ write, params, given }) {
      await write((tx) => releaseLease(tx, params.id, given()));
      return nothing();
    },
  }),
];
