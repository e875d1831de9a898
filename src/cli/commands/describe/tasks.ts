/**
 * `flowctl describe tasks`: prints the tasks of a flow.
 *
 * @module
 */

import { command, type MakeCommand, wholeNumber } from "../../command.ts";
import { dataOption, printData } from "../../sorted.ts";

/** See the module's comment. */
export const describeTasks: MakeCommand = (context) =>
  command(context, "tasks", {
    description: "Show the tasks of a flow",
    examples: ["flowctl describe tasks -n docker_1_flow", "flowctl describe tasks -n docker_1_flow -v 1 -o yaml"],
  })
    .requiredOption("-n, --name <name>", "name of the flow")
    .option("-v, --version <n>", "of this version; default: the current one", wholeNumber("--version", { least: 1 }))
    .option("-p, --project <project>", "project of the flow, where several have one of that name")
    .addOption(dataOption())
    .action(async ({ name, version, project, output }) => {
      const { readFlowVersion } = await import("../../flow_names.ts");
      const { versionsOf } = await import("../../older_filters.ts");
      const { readPages } = await import("../../pages.ts");
      const { client } = await context.connect();
      const flow = await readFlowVersion(client, { name, version, project });
      const query = { flows: { id: { any_: [flow.flow_id] } }, flow_versions: versionsOf(flow.version ?? undefined) };
      await printData(context, output, await readPages((page) => client.flowVersions.tasks({ ...query, ...page })));
    });
