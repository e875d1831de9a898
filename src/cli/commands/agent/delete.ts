/**
 * `flowctl agent delete`: forgets an agent that is gone.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const agentDelete: MakeCommand = (context) =>
  command(context, "delete", {
    description: "Delete an agent that is gone",
    examples: ["flowctl agent delete my-machine", "flowctl agent delete my-machine --yes"],
    notes: "One that is alive, or holds flow runs, is not deleted: it would make itself known again.",
  })
    .argument("<agent>", "name, id, or beginning of an id")
    .option("-y, --yes", "do not ask")
    .action(async (text, options) => {
      const { findAgent } = await import("../../agent_names.ts");
      const { confirm } = await import("../../ask.ts");
      const { client } = await context.connect();
      const agent = await findAgent(client, text, "delete");
      const name = harmlessLine(agent.name);
      await confirm(context, `Delete agent '${name}'`, options);
      await client.agents.delete(agent.id);
      context.out.line(`Deleted agent '${name}'`);
    });
