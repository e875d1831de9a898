/**
 * `flowctl get flows`: lists flows with what was registered of them, one row for each project and name.
 *
 * @module
 */

import { command, type MakeCommand, outputOption, wholeNumber } from "../../command.ts";

/** See the module's comment. */
export const getFlows: MakeCommand = (context) =>
  command(context, "flows", {
    description: "List flows in their current version, newest first",
    examples: ["flowctl get flows", "flowctl get flows -n docker_1_flow -p docker_1_project --all-versions"],
    notes:
      "The id is that of the version, which other commands take; of a flow that nobody registered it is the flow's.",
  })
    .option("-n, --name <name>", "only flows of this name")
    .option("-v, --version <n>", "only this version", wholeNumber("--version", { least: 1 }))
    .option("-p, --project <project>", "only flows of this project")
    .option("-l, --limit <n>", "show at most so many", wholeNumber("--limit", { least: 1 }), 10)
    .option("--all-versions", "show older versions too")
    .addOption(outputOption())
    .action(async ({ name, project, version, allVersions, limit, output }) => {
      const { flowsOf, versionsOf } = await import("../../older_filters.ts");
      const { readPages } = await import("../../pages.ts");
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      const query = { flows: flowsOf({ name, project }), flow_versions: { ...versionsOf(version), all: allVersions } };
      const rows = await readPages((page) => client.flowVersions.list({ ...query, ...page }), limit);
      await context.out.list(output, rows, {
        columns: {
          "Name": (row) => row.name,
          "Version": (row) => row.version === null ? "-" : String(row.version),
          "Age": (row) => when(row.created, context.clock),
          "Id": (row) => row.id ?? row.flow_id,
          "Project name": (row) => row.project,
        },
        name: (row) => row.id ?? row.flow_id,
        empty: "No flows found",
      });
    });
