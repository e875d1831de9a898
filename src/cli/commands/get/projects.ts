/**
 * `flowctl get projects`: lists projects.
 *
 * @module
 */

import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const getProjects: MakeCommand = (context) =>
  command(context, "projects", {
    description: "List projects",
    examples: ["flowctl get projects", "flowctl get projects -n docker_1_project -o json"],
  })
    .option("-n, --name <name>", "only the one of this name")
    .addOption(outputOption())
    .action(async ({ name, output }) => {
      const { readPages } = await import("../../pages.ts");
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      const projects = name === undefined ? undefined : { name: { any_: [name] } };
      const rows = await readPages((page) => client.projects.list({ projects, ...page }));
      await context.out.list(output, rows, {
        columns: {
          "Name": (row) => row.name,
          "Flow count": (row) => String(row.flow_count),
          "Age": (row) => when(row.created, context.clock),
          "Description": (row) => row.description ?? "",
        },
        name: (row) => row.name,
        empty: "No projects found",
      });
    });
