/**
 * `flowctl deployment ls`: lists deployments.
 *
 * @module
 */

import { collect, command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const deploymentLs: MakeCommand = (context) =>
  command(context, "ls", {
    description: "List deployments",
    examples: ["flowctl deployment ls", "flowctl deployment ls --flow-name my-flow -o name"],
  })
    .option("--flow-name <name>", "only those of this flow; repeat for more", collect)
    .option("--by-created", "sort by creation, newest first; default: by name")
    .addOption(outputOption())
    .action(async (options) => {
      const { deploymentNameOf } = await import("../../deployment_names.ts");
      const { readPages } = await import("../../pages.ts");
      const { runnerText, schedulesText } = await import("../../schedule_text.ts");
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      const flows = options.flowName ? { name: { any_: options.flowName } } : undefined;
      const sort = options.byCreated ? "CREATED_DESC" : "NAME_ASC";
      const rows = await readPages((page) => client.deployments.list({ flows, sort, ...page }));
      if (!options.byCreated) rows.sort((a, b) => deploymentNameOf(a) < deploymentNameOf(b) ? -1 : 1);
      await context.out.list(options.output, rows, {
        columns: {
          Name: deploymentNameOf,
          Runner: runnerText,
          Schedule: schedulesText,
          Tags: (row) => row.tags.join(", "),
          Version: (row) => String(row.version_number),
          Updated: (row) => when(row.updated, context.clock),
        },
        name: deploymentNameOf,
        empty: "No deployments found",
      });
    });
