/**
 * `flowctl get tasks`: lists the tasks of flows.
 *
 * @module
 */

import { command, type MakeCommand, outputOption, wholeNumber } from "../../command.ts";

/** See the module's comment. */
export const getTasks: MakeCommand = (context) =>
  command(context, "tasks", {
    description: "List the tasks of flows, of the newest version first",
    examples: ["flowctl get tasks", "flowctl get tasks --flow-name docker_1_flow --flow-version 2 -o json"],
    notes: "The tasks are those that the registration says; of flows that nobody registered, those of the latest runs.",
  })
    .option("-n, --name <name>", "only tasks of this name")
    .option("--flow-name <name>", "only of this flow; -fn works too")
    .option(
      "--flow-version <n>",
      "only of this version of the flow; -fv works too",
      wholeNumber("--flow-version", { least: 1 }),
    )
    .option("-p, --project <project>", "only of this project's flows")
    .option("-l, --limit <n>", "show at most so many", wholeNumber("--limit", { least: 1 }), 10)
    .addOption(outputOption())
    .action(async ({ name, flowName, flowVersion, project, limit, output }) => {
      const { flowsOf, versionsOf } = await import("../../older_filters.ts");
      const { readPages } = await import("../../pages.ts");
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      const query = {
        flows: flowsOf({ name: flowName, project }),
        flow_versions: versionsOf(flowVersion),
        tasks: name === undefined ? undefined : { name: { any_: [name] } },
      };
      const rows = await readPages((page) => client.flowVersions.tasks({ ...query, ...page }), limit);
      await context.out.list(output, rows, {
        columns: {
          "Name": (row) => row.name,
          "Flow name": (row) => row.flow_name,
          "Flow version": (row) => row.flow_version === null ? "-" : String(row.flow_version),
          "Age": (row) => when(row.created, context.clock),
          "Mapped": (row) => row.mapped === null ? "-" : String(row.mapped),
          // All tasks are functions; Prefect 1 has the class's name here.
          "Type": () => "function",
        },
        name: (row) => row.name,
        empty: "No tasks found",
      });
    });
