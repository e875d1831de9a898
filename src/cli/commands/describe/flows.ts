/**
 * `flowctl describe flows`: prints a flow in one version.
 *
 * @module
 */

import { command, type MakeCommand, wholeNumber } from "../../command.ts";
import { dataOption, printData } from "../../sorted.ts";

/** See the module's comment. */
export const describeFlows: MakeCommand = (context) =>
  command(context, "flows", {
    description: "Show a flow as it was registered",
    examples: ["flowctl describe flows -n docker_1_flow", "flowctl describe flows -n docker_1_flow -v 1 -o yaml"],
  })
    .requiredOption("-n, --name <name>", "name of the flow")
    .option("-v, --version <n>", "this version; default: the current one", wholeNumber("--version", { least: 1 }))
    .option("-p, --project <project>", "project of the flow, where several have one of that name")
    .addOption(dataOption())
    .action(async ({ name, version, project, output }) => {
      const { readFlowVersion } = await import("../../flow_names.ts");
      const { client } = await context.connect();
      await printData(context, output, await readFlowVersion(client, { name, version, project }));
    });
