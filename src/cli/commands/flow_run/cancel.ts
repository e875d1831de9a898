/**
 * `flowctl flow-run cancel`: asks for the end of a flow run.
 *
 * A run that waits is Cancelled at once; one that runs is told to stop, and killed after a grace of 30 seconds.
 *
 * @module
 */

import { FlowctlError } from "../../../support/errors.ts";
import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const flowRunCancel: MakeCommand = (context) =>
  command(context, "cancel", {
    description: "Cancel a flow run: one that waits at once, one that runs within its grace of 30 seconds",
    examples: ["flowctl flow-run cancel heavy-parakeet"],
  })
    .argument("<run>", "id, beginning of an id, or name")
    .action(async (text) => {
      const { readFlowRun } = await import("../../flow_run_ids.ts");
      const { client } = await context.connect();
      const run = await readFlowRun(client, text, "cancel");
      const name = harmlessLine(run.name);
      const answer = await client.flowRuns.setState(run.id, { type: "CANCELLING" });
      // The server may answer with another state (a waiting run becomes Cancelled at once): also that is what was wanted.
      if (answer.details.type !== "abort_details") {
        return context.out.line(`Flow run '${name}' was successfully scheduled for cancellation`);
      }
      throw new FlowctlError("conflict", `Cannot cancel flow run "${name}": ${harmlessLine(answer.details.reason)}`);
    });
