/**
 * `flowctl describe flow-runs`: prints a flow run with its state.
 *
 * @module
 */

import { command, type MakeCommand } from "../../command.ts";
import { dataOption, printData } from "../../sorted.ts";

/** See the module's comment. */
export const describeFlowRuns: MakeCommand = (context) =>
  command(context, "flow-runs", {
    description: "Show the newest flow run of a name",
    examples: [
      "flowctl describe flow-runs -n heavy-parakeet",
      "flowctl describe flow-runs -n heavy-parakeet --flow-name docker_1_flow -o yaml",
    ],
  })
    .requiredOption("-n, --name <name>", "name of the flow run")
    .option("--flow-name <name>", "only a run of this flow; -fn works too")
    .addOption(dataOption())
    .action(async ({ name, flowName, output }) => {
      const { newestRun } = await import("../../older_filters.ts");
      const { client } = await context.connect();
      const run = await newestRun(client, name, "describe", flowName);
      const flow = await client.flows.read(run.flow_id);
      await printData(context, output, { ...run, flow_name: flow.name });
    });
