/**
 * `flowctl agent ls`: lists agents.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const agentLs: MakeCommand = (context) =>
  command(context, "ls", {
    description: "List agents with their labels and their last sign of life",
    examples: ["flowctl agent ls", "flowctl agent ls --alive -o json"],
  })
    .option("--alive", "only those that are alive")
    .addOption(outputOption())
    .action(async (options) => {
      const { lifeOf } = await import("../../agent_names.ts");
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      const agents = (await client.agents.list()).filter(({ alive }) => alive || !options.alive);
      await context.out.list(options.output, agents, {
        columns: {
          Name: (one) => harmlessLine(one.name),
          State: lifeOf,
          Labels: (one) => harmlessLine(one.labels.join(", ")),
          Version: (one) => harmlessLine(one.version ?? ""),
          "Last seen": (one) => when(one.last_seen, context.clock),
          Id: (one) => one.id,
        },
        name: (one) => one.id,
        empty: "No agents found",
      });
    });
