/**
 * Why a run that waits is taken by nobody. Ours; a flow's answer carries the same about its deployments.
 *
 * @module
 */

import { z } from "zod";
import { readFlowRun } from "../store/flow_runs.ts";
import { runLabelWarning } from "../store/label_warnings.ts";
import { ok, type Route, route } from "./route.ts";

/** See the module's comment. */
export const labelWarningRoutes: Route[] = [
  route({
    method: "GET",
    path: "/flow_runs/{id}/label_warning",
    tag: "Flow runs",
    summary: "Say why no agent takes a flow run",
    about: "Ours. Null when a live agent would take it, or when it waits for none.",
    answers: { 200: z.string().nullable() },
    async handle({ read, params, now }) {
      await readFlowRun(read, params.id, now());
      return ok(await runLabelWarning(read, params.id, now()));
    },
  }),
];
