/**
 * `flowctl agent inspect`: shows one agent.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";
import { fieldLines } from "../../output.ts";

/** See the module's comment. */
export const agentInspect: MakeCommand = (context) =>
  command(context, "inspect", {
    description: "Show an agent",
    examples: ["flowctl agent inspect my-machine", "flowctl agent inspect my-machine -o json"],
  })
    .argument("<agent>", "name, id, or beginning of an id")
    .addOption(outputOption())
    .action(async (text, options) => {
      const { findAgent, lifeOf } = await import("../../agent_names.ts");
      const { exactly } = await import("../../times.ts");
      const { client } = await context.connect();
      const agent = await findAgent(client, text, "show");
      await context.out.item(options.output, agent, {
        name: (one) => one.id,
        text: (one) =>
          fieldLines([
            ["Name", harmlessLine(one.name)],
            ["Id", one.id],
            ["State", lifeOf(one)],
            ["Labels", harmlessLine(one.labels.join(", "))],
            ["Runners", harmlessLine(one.runners.join(", "))],
            ["Limit", one.limit === null ? undefined : String(one.limit)],
            ["Version", one.version && harmlessLine(one.version)],
            ["Engine", one.engine_id && harmlessLine(one.engine_id)],
            ["Last seen", exactly(one.last_seen, context.clock)],
            ["Stopped", exactly(one.stopped, context.clock)],
            ["Created", exactly(one.created, context.clock)],
          ]),
      });
    });
