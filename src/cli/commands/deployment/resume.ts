/**
 * `flowctl deployment resume`: starts the schedules of a paused deployment again.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const deploymentResume: MakeCommand = (context) =>
  command(context, "resume", {
    description: "Start the schedules of a paused deployment again",
    examples: ["flowctl deployment resume my-flow/example"],
  })
    .argument("<deployment>", "FLOW/NAME, PROJECT/FLOW/NAME or an id")
    .action(async (text) => {
      const { deploymentNameOf, readDeployment } = await import("../../deployment_names.ts");
      const { client } = await context.connect();
      const deployment = await readDeployment(client, text, "resume");
      await client.deployments.resume(deployment.id);
      context.out.line(`Resumed deployment '${harmlessLine(deploymentNameOf(deployment))}'`);
    });
