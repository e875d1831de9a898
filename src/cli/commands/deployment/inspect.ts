/**
 * `flowctl deployment inspect`: shows one deployment.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";
import { fieldLines } from "../../output.ts";

/** See the module's comment. */
export const deploymentInspect: MakeCommand = (context) =>
  command(context, "inspect", {
    description: "Show a deployment",
    examples: ["flowctl deployment inspect my-flow/example", "flowctl deployment inspect my-flow/example -o json"],
  })
    .argument("<deployment>", "FLOW/NAME, PROJECT/FLOW/NAME or an id")
    .addOption(outputOption())
    .action(async (text, options) => {
      const { deploymentNameOf, readDeployment } = await import("../../deployment_names.ts");
      const { runnerText, schedulesText } = await import("../../schedule_text.ts");
      const { exactly } = await import("../../times.ts");
      const { client } = await context.connect();
      const deployment = await readDeployment(client, text, "show");
      await context.out.item(options.output, deployment, {
        name: deploymentNameOf,
        text: (one) =>
          fieldLines([
            ["Name", harmlessLine(deploymentNameOf(one))],
            ["Id", one.id],
            ["Description", one.description && harmlessLine(one.description)],
            ["Version", `${one.version_number}${one.version ? ` (${harmlessLine(one.version)})` : ""}`],
            ["Runner", harmlessLine(runnerText(one))],
            ["Schedule", harmlessLine(schedulesText(one))],
            ["Paused", one.paused ? "yes" : undefined],
            ["Parameters", textOf(one.parameters)],
            ["Tags", harmlessLine(one.tags.join(", "))],
            ["Labels", harmlessLine(one.labels.join(", "))],
            ["Entrypoint", one.entrypoint && harmlessLine(one.entrypoint)],
            ["Bundle", one.bundle_hash],
            ["Created", exactly(one.created, context.clock)],
            ["Updated", exactly(one.updated, context.clock)],
          ]),
      });
    });

const textOf = (parameters: Record<string, unknown>) =>
  Object.keys(parameters).length === 0 ? undefined : harmlessLine(JSON.stringify(parameters));
