/**
 * Routes of attempts: what agents started for a run, and how it ended. Ours.
 *
 * @module
 */

import { z } from "zod";
import { Attempt, LeaseEnded } from "../domain/attempts.ts";
import { listAttempts, noteAttemptEnded } from "../store/attempts.ts";
import { findFlowRun, readFlowRun } from "../store/flow_runs.ts";
import { findLease } from "../store/leases.ts";
import { nothing, ok, type Route, route } from "./route.ts";

/** See the module's comment. */
export const attemptRoutes: Route[] = [
  route({
    method: "GET",
    path: "/flow_runs/{id}/attempts",
    tag: "Flow runs",
    summary: "List what agents started for a flow run, and how it ended",
    about: "Ours. The first attempt first; empty for a run that no agent took.",
    answers: { 200: z.array(Attempt) },
    async handle({ read, params, now }) {
      await readFlowRun(read, params.id, now());
      return ok(await listAttempts(read, params.id));
    },
  }),
  route({
    method: "POST",
    path: "/leases/{id}/ended",
    tag: "Agents",
    access: "RUNNER",
    summary: "Say how a run's container or process ended",
    about: "Taken also when the lease is over: an agent that was away tells it late. Saying it twice is fine.",
    body: LeaseEnded,
    answers: { 204: "Noted" },
    async handle({ write, params, body, now }) {
      await write(async (tx) => {
        const id = await noteAttemptEnded(tx, params.id, body, now());
        // One whose lease is not over is given back in a moment, which is announced.
        if (await findLease(tx, params.id) !== undefined) return;
        const run = await findFlowRun(tx, id, now());
        tx.announce({ kind: "flow_run", id, state: run?.state_type ?? null });
      });
      return nothing();
    },
  }),
];
