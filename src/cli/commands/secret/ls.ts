/**
 * `flowctl secret ls`: lists secrets, without their values.
 *
 * @module
 */

import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const secretLs: MakeCommand = (context) =>
  command(context, "ls", {
    description: "List secrets; values are never shown",
    examples: ["flowctl secret ls", "flowctl secret ls -o name"],
  })
    .addOption(outputOption())
    .action(async (options) => {
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      await context.out.list(options.output, await client.secrets.list(), {
        columns: {
          Name: ({ name }) => name,
          Created: ({ created }) => when(created, context.clock),
          Updated: ({ updated }) => when(updated, context.clock),
        },
        name: ({ name }) => name,
        empty: "No secrets found",
      });
    });
