/**
 * `flowctl delete project`: deletes a project with all that belongs to it.
 *
 * @module
 */

import { FlowctlError, isFlowctlError } from "../../../support/errors.ts";
import { harmlessLine, plural } from "../../../support/text.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const deleteProject: MakeCommand = (context) =>
  command(context, "project", {
    description: "Delete a project with its flows, their deployments, runs and logs",
    examples: ["flowctl delete project docker_1_project", "flowctl delete project docker_1_project --yes"],
  })
    .argument("<name>", "name of the project")
    .option("-y, --yes", "do not ask")
    .action(async (name, options) => {
      const { confirm } = await import("../../ask.ts");
      const { client } = await context.connect();
      const missing = (error: unknown) => {
        if (!isFlowctlError(error, "not_found")) throw error;
        throw new FlowctlError("not_found", `Cannot delete project "${name}": no project has that name`, {
          hint: "List them with: flowctl get projects",
          cause: error,
        });
      };
      const project = await client.projects.read(name).catch(missing);
      const shown = harmlessLine(name);
      await confirm(
        context,
        `Delete project '${shown}' with ${plural(project.flow_count, "flow")} and all runs`,
        options,
      );
      await client.projects.delete(name).catch(missing);
      context.out.line(`${shown} deleted`);
    });
