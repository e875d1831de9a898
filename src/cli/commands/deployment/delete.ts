/**
 * `flowctl deployment delete`: deletes a deployment and its waiting flow runs, as Prefect does; the others stay.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const deploymentDelete: MakeCommand = (context) =>
  command(context, "delete", {
    description: "Delete a deployment and the flow runs that still wait",
    examples: ["flowctl deployment delete my-flow/example", "flowctl deployment delete my-flow/example --yes"],
  })
    .argument("<deployment>", "FLOW/NAME, PROJECT/FLOW/NAME or an id")
    .option("-y, --yes", "do not ask")
    .action(async (text, options) => {
      const { deploymentNameOf, readDeployment } = await import("../../deployment_names.ts");
      const { confirm } = await import("../../ask.ts");
      const { client } = await context.connect();
      const deployment = await readDeployment(client, text, "delete");
      const name = harmlessLine(deploymentNameOf(deployment));
      await confirm(context, `Delete deployment '${name}'`, options);
      await client.deployments.delete(deployment.id);
      context.out.line(`Deleted deployment '${name}'`);
    });
