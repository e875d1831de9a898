/**
 * `flowctl deployment pause`: stops the schedules of a deployment.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const deploymentPause: MakeCommand = (context) =>
  command(context, "pause", {
    description: "Stop the schedules of a deployment; runs that are asked for still start",
    examples: ["flowctl deployment pause my-flow/example"],
  })
    .argument("<deployment>", "FLOW/NAME, PROJECT/FLOW/NAME or an id")
    .action(async (text) => {
      const { deploymentNameOf, readDeployment } = await import("../../deployment_names.ts");
      const { client } = await context.connect();
      const deployment = await readDeployment(client, text, "pause");
      await client.deployments.pause(deployment.id);
      context.out.line(`Paused deployment '${harmlessLine(deploymentNameOf(deployment))}'`);
    });
