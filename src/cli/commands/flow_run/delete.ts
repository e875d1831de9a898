/**
 * `flowctl flow-run delete`: deletes a flow run with its task runs and logs.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const flowRunDelete: MakeCommand = (context) =>
  command(context, "delete", {
    description: "Delete a flow run with its task runs and logs",
    examples: ["flowctl flow-run delete heavy-parakeet", "flowctl flow-run delete heavy-parakeet --yes"],
  })
    .argument("<run>", "id, beginning of an id, or name")
    .option("-y, --yes", "do not ask")
    .action(async (text, options) => {
      const { readFlowRun } = await import("../../flow_run_ids.ts");
      const { confirm } = await import("../../ask.ts");
      const { client } = await context.connect();
      const run = await readFlowRun(client, text, "delete");
      const name = harmlessLine(run.name);
      await confirm(context, `Delete flow run '${name}' (${run.id})`, options);
      await client.flowRuns.delete(run.id);
      context.out.line(`Successfully deleted flow run '${name}' (${run.id})`);
    });
