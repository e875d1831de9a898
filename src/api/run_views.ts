/**
 * Routes of pages about one run: what it shows in one answer, why it waits, what it printed. Ours.
 *
 * @module
 */

import { z } from "zod";
import { optional } from "../domain/common.ts";
import { FlowRunView, TaskRunView } from "../domain/run_views.ts";
import { Waiting } from "../domain/waiting_reasons.ts";
import { consoleText } from "../store/console.ts";
import { readFlowRun } from "../store/flow_runs.ts";
import { readFlowRunView, readTaskRunView } from "../store/run_views.ts";
import { readWaiting } from "../store/waiting_reasons.ts";
import { ok, type Route, route } from "./route.ts";

/** See the module's comment. */
export const runViewRoutes: Route[] = [
  route({
    method: "GET",
    path: "/flow_runs/{id}/view",
    tag: "Flow runs",
    summary: "Read a flow run with what it belongs to",
    about: "Ours. With its flow, deployment, parent and history, and how long such runs usually take.",
    answers: { 200: FlowRunView },
    handle: async ({ read, params, now }) => ok(await readFlowRunView(read, params.id, now())),
  }),
  route({
    method: "GET",
    path: "/task_runs/{id}/view",
    tag: "Task runs",
    summary: "Read a task run with what it belongs to",
    about: "Ours. With its flow run, its history, and the task runs whose results it takes.",
    answers: { 200: TaskRunView },
    handle: async ({ read, params, now }) => ok(await readTaskRunView(read, params.id, now())),
  }),
  route({
    method: "GET",
    path: "/flow_runs/{id}/waiting",
    tag: "Flow runs",
    summary: "Say why a flow run waits",
    about: "Ours. Null when it does not wait.",
    answers: { 200: Waiting.nullable() },
    async handle({ read, params, now }) {
      return ok(await readWaiting(read, await readFlowRun(read, params.id, now()), now()));
    },
  }),
  route({
    method: "GET",
    path: "/flow_runs/{id}/console",
    tag: "Flow runs",
    summary: "Read what a flow run printed",
    about:
      "Ours. Plain text, in order. Of all attempts unless `attempt` says which; `tail` asks for so many last records.",
    query: z.object({
      attempt: optional(z.coerce.number().int().nonnegative()),
      tail: optional(z.coerce.number().int().min(1).max(100_000)),
    }),
    answers: { 200: "text/plain" },
    async handle({ read, params, query, now }) {
      const { id: flowRunId } = await readFlowRun(read, params.id, now());
      const pieces = consoleText(read, { flowRunId, ...query });
      const encoder = new TextEncoder();
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { value, done } = await pieces.next();
          if (done) controller.close();
          else controller.enqueue(encoder.encode(value));
        },
        cancel: () => void pieces.return(),
      });
      return new Response(body, {
        headers: {
          "content-type": "text/plain; charset=utf-8",
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
        },
      });
    },
  }),
];
