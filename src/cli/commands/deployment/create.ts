/**
 * `flowctl deployment create`: sends the deployments of a flow file or a YAML file to the API.
 *
 * @module
 */

import { extname, normalize } from "node:path";
import type { Deployment } from "../../../domain/deployments.ts";
import { FlowctlError, isFlowctlError } from "../../../support/errors.ts";
import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";
import type { Context } from "../../context.ts";
import { exitCodeOf, renderError } from "../../exit.ts";
import type { DeploymentFound } from "../../parts.ts";

const KINDS: Record<string, string> = {
  ".ts": "typescript file",
  ".mts": "typescript file",
  ".js": "javascript file",
  ".mjs": "javascript file",
  ".yaml": "yaml file",
  ".yml": "yaml file",
};

/** See the module's comment. */
export const deploymentCreate: MakeCommand = (context) =>
  command(context, "create", {
    description: "Create the deployments that a file describes, or replace those of the same name",
    examples: [
      "flowctl deployment create ./example-deployment.ts",
      "flowctl deployment create ./deployments.yaml -o name",
    ],
    notes: "npm packages that a runner names in its env, as EXTRA_NPM_PACKAGES, need not be installed beside the file.",
  })
    .argument("<path>", "flow file (.ts, .mts, .js, .mjs) or description (.yaml, .yml)")
    .addOption(outputOption())
    .action(async (given, options) => {
      const path = normalize(given);
      const kind = KINDS[extname(path).toLowerCase()];
      if (kind === undefined) {
        throw new FlowctlError("invalid", `Cannot load deployments from "${path}": its file type is unknown`, {
          hint: `Give a file that ends in ${Object.keys(KINDS).join(", ")}`,
        });
      }
      const isTable = options.output === "table";
      const say = isTable ? context.out.line : context.out.note;
      say(`Loading deployments from ${kind} at '${harmlessLine(path)}'...`);
      const found = await load(context, path);
      const { client } = await context.connect();
      const { deploymentNameOf } = await import("../../deployment_names.ts");
      const created: Deployment[] = [];
      for (const spec of found) {
        const words = `deployment '${harmlessLine(spec.name)}' for flow '${harmlessLine(spec.flow.name)}'`;
        try {
          created.push(await context.parts.deploy(client, spec));
          say(context.out.colors.green(`Created ${words}`));
        } catch (error) {
          context.out.note(`Failed to create ${words}\n${renderError(error, context.verbose)}`);
          context.exitCode ||= exitCodeOf(error, context.signal);
        }
      }
      if (isTable) return;
      await context.out.list(options.output, created, { columns: {}, name: deploymentNameOf, empty: "" });
    });

/** What is wrong in a file is not wrong usage of this command. */
async function load(context: Context, path: string): Promise<DeploymentFound[]> {
  try {
    return await context.parts.loadDeployments(path);
  } catch (error) {
    if (!isFlowctlError(error, "invalid")) throw error;
    throw new FlowctlError("user_code", error.message, { hint: error.hint, cause: error });
  }
}
