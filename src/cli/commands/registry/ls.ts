/**
 * `flowctl registry ls`: lists registries that there are logins for.
 *
 * @module
 */

import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const registryLs: MakeCommand = (context) =>
  command(context, "ls", {
    description: "List registries whose logins are stored; passwords are never shown",
    examples: ["flowctl registry ls", "flowctl registry ls -o json"],
  })
    .addOption(outputOption())
    .action(async (options) => {
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      await context.out.list(options.output, await client.registryLogins.list(), {
        columns: {
          Registry: ({ registry }) => registry,
          Created: ({ created }) => when(created, context.clock),
          Updated: ({ updated }) => when(updated, context.clock),
        },
        name: ({ registry }) => registry,
        empty: "No logins found",
      });
    });
