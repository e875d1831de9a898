/**
 * Routes of flow runs; Prefect's, with `wait` beside.
 *
 * @module
 */

import { z } from "zod";
import { Filters, FlowRunQuery } from "../domain/filters.ts";
import { FlowRun, FlowRunCreate, FlowRunUpdate } from "../domain/flow_runs.ts";
import { OrchestrationResult, SetState } from "../domain/orchestration.ts";
import { Id, JsonObject, optional } from "../domain/common.ts";
import { createFlowRun } from "../orchestration/create_flow_run.ts";
import { resumeFlowRun } from "../orchestration/resume_flow_run.ts";
import type { Outcome } from "../orchestration/result.ts";
import { setFlowRunState } from "../orchestration/set_flow_run_state.ts";
import type { Tx } from "../store/database.ts";
import { leasedUntil } from "../store/leases.ts";
import { isFinal } from "../domain/states.ts";
import { deleteFlowRun, findFlowRun, readFlowRun, updateFlowRun } from "../store/flow_runs.ts";
import { countFlowRuns, flowRunHistory, flowRunLateness, listFlowRuns } from "../store/run_lists.ts";
import { countRoutes } from "./run_counts.ts";
import { type Call, made, nothing, ok, type Route, route, type ScopeRule } from "./route.ts";
import { isOwnRun, isOwnTaskRun, visible } from "./run_scope.ts";
import { answerOf, missingAs } from "./set_state.ts";
import { waitFor } from "./waiting.ts";

const tag = "Flow runs";

/** The longest that {@link waitRoute} stays open, in seconds. */
const MAX_WAIT_SECONDS = 60;

// deno-lint-ignore no-explicit-any -- whatever body and query the route has
const own: ScopeRule<Call<any, any>> = (call, lease) => isOwnRun(call, lease, call.params.id);

const waitRoute = route({
  method: "GET",
  path: "/flow_runs/{id}/wait",
  tag,
  summary: "Wait until a flow run changes",
  about:
    `Ours. Answers the run as soon as its state is another than \`state_id\` (without it: as soon as it has one), at the latest
after \`wait_seconds\` (0 to ${MAX_WAIT_SECONDS}).`,
  query: z.object({
    state_id: optional(Id),
    wait_seconds: z.coerce.number().min(0).max(MAX_WAIT_SECONDS).default(30),
  }),
  answers: { 200: FlowRun },
  afterEnd: true,
  scope: own,
  async handle(call) {
    const { read, params, query, now } = call;
    let last: FlowRun | undefined;
    await waitFor(call, {
      async look() {
        last = await readFlowRun(read, params.id, now());
        return last.state_id === (query.state_id ?? null) ? undefined : last;
      },
      concerns: (change) => change.kind === "flow_run" && change.id === params.id,
      waitSeconds: query.wait_seconds,
    });
    return ok(last);
  },
});

const settledRoute = route({
  method: "GET",
  path: "/flow_runs/{id}/settled",
  tag,
  summary: "Wait until everything is known of a flow run",
  about:
    `Ours. True as soon as the run is final and no agent holds it any more, so that no more of its lines can come; a lease
that expired counts no longer. False after \`wait_seconds\` (0 to ${MAX_WAIT_SECONDS}).`,
  query: z.object({ wait_seconds: z.coerce.number().min(0).max(MAX_WAIT_SECONDS).default(30) }),
  answers: { 200: z.boolean() },
  afterEnd: true,
  scope: own,
  async handle(call) {
    const { read, params, query, now } = call;
    let until: Temporal.Instant | undefined;
    const settled = await waitFor(call, {
      async look() {
        const { state_type } = await readFlowRun(read, params.id, now());
        until = await leasedUntil(read, params.id, now());
        return isFinal(state_type) && until === undefined ? true : undefined;
      },
      concerns: (change) => change.kind === "flow_run" && change.id === params.id,
      waitSeconds: query.wait_seconds,
      // deno-lint-ignore require-await -- others have to look it up
      again: async () => until === undefined ? undefined : until.epochMilliseconds - now().epochMilliseconds,
    });
    return ok(settled ?? false);
  },
});

/** What a run's own token is told once the run has its final state: that stays, whatever others may make of it. */
async function endOf(tx: Tx, id: string, now: Temporal.Instant): Promise<Outcome | undefined> {
  const run = await findFlowRun(tx, id, now);
  if (run === undefined || !isFinal(run.state_type)) return undefined;
  const reason = `Run is already in terminal state ${run.state_type}.`;
  return { state: run.state, status: "ABORT", details: { type: "abort_details", reason }, written: false };
}

/** See the module's comment. */
export const flowRunRoutes: Route[] = [
  route({
    method: "POST",
    path: "/flow_runs/",
    tag,
    summary: "Create a flow run",
    about: "A second one with the same flow and `idempotency_key` is the first. Without a state it is PENDING.",
    body: FlowRunCreate,
    answers: { 201: FlowRun, 200: FlowRun },
    // A run may make sub-flows of its own tasks; with a deployment it would make an agent start something.
    scope: async (call, lease) =>
      call.body.parent_task_run_id !== undefined && call.body.deployment_id === undefined &&
      await isOwnTaskRun(call, lease, call.body.parent_task_run_id),
    async handle({ write, body, given }) {
      const { run, created } = await write((tx) => createFlowRun(tx, body, given()));
      return made(run, created);
    },
  }),
  route({
    method: "POST",
    path: "/flow_runs/filter",
    tag,
    summary: "List flow runs",
    body: FlowRunQuery,
    bodyOptional: true,
    answers: { 200: z.array(FlowRun) },
    scope: "allowed",
    handle: async (call) =>
      ok(await visible(call, await listFlowRuns(call.read, call.body, call.now()), (run) => run.id)),
  }),
  ...countRoutes("/flow_runs", { tag, noun: "flow runs", count: countFlowRuns, history: flowRunHistory }),
  route({
    method: "POST",
    path: "/flow_runs/lateness",
    tag,
    summary: "Say how late flow runs began, in seconds on average",
    body: Filters,
    bodyOptional: true,
    answers: { 200: z.number().nullable() },
    handle: async ({ read, body, now }) => ok(await flowRunLateness(read, body, now())),
  }),
  route({
    method: "GET",
    path: "/flow_runs/{id}",
    tag,
    afterEnd: true,
    summary: "Read a flow run",
    answers: { 200: FlowRun },
    scope: own,
    handle: async ({ read, params, now }) => ok(await readFlowRun(read, params.id, now())),
  }),
  waitRoute,
  settledRoute,
  route({
    method: "PATCH",
    path: "/flow_runs/{id}",
    tag,
    summary: "Change a flow run",
    body: FlowRunUpdate,
    answers: { 204: "Changed" },
    scope: own,
    async handle({ write, params, body, now }) {
      await write((tx) => updateFlowRun(tx, params.id, body, now()));
      return nothing();
    },
  }),
  route({
    method: "DELETE",
    path: "/flow_runs/{id}",
    tag,
    summary: "Delete a flow run with its task runs; its logs stay",
    answers: { 204: "Deleted" },
    async handle({ write, params }) {
      await write((tx) => deleteFlowRun(tx, params.id));
      return nothing();
    },
  }),
  route({
    method: "POST",
    path: "/flow_runs/{id}/set_state",
    tag,
    summary: "Propose a state of a flow run",
    about: "201 when a state was stored, be it the proposed one or another, else 200.",
    body: SetState,
    answers: { 201: OrchestrationResult, 200: OrchestrationResult },
    // Who comes second hears how the run ended.
    afterEnd: true,
    scope: own,
    async handle({ write, params, body, given, lease, now }) {
      const { state, force } = body;
      const set = write(async (tx) => {
        const ended = lease?.flow_run_id === params.id ? await endOf(tx, params.id, now()) : undefined;
        return ended ?? await setFlowRunState(tx, params.id, state, { force, ...given() });
      });
      return answerOf(await missingAs(`Flow run with id ${params.id} not found`, set));
    },
  }),
  route({
    method: "POST",
    path: "/flow_runs/{id}/resume",
    tag,
    summary: "Resume a flow run that is paused",
    about: "`run_input` is Prefect's, for runs that wait for input; there are none yet.",
    body: z.object({ run_input: optional(JsonObject) }),
    bodyOptional: true,
    answers: { 201: OrchestrationResult, 200: OrchestrationResult },
    handle: async ({ write, params, given }) => answerOf(await write((tx) => resumeFlowRun(tx, params.id, given()))),
  }),
];
