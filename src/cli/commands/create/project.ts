/**
 * `flowctl create project`: creates a project.
 *
 * @module
 */

import type { Project } from "../../../domain/projects.ts";
import { FlowctlError, isFlowctlError } from "../../../support/errors.ts";
import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const createProject: MakeCommand = (context) =>
  command(context, "project", {
    description: "Create a project, a namespace of flows",
    examples: [
      "flowctl create project docker_1_project",
      'flowctl create project etl -d "Nightly loads" --skip-if-exists',
    ],
  })
    .argument("<name>", "name of the project")
    .option("-d, --description <text>", "what it is for")
    .option("--skip-if-exists", "succeed when it exists already, and leave it as it is")
    .addOption(outputOption())
    .action(async (name, { description, skipIfExists, output }) => {
      const { client } = await context.connect();
      const print = (project: Project, what: string) =>
        context.out.item(output, project, {
          name: (one) => one.name,
          text: (one) => `${harmlessLine(one.name)} ${what}`,
        });
      try {
        await print(await client.projects.create({ name, description }), "created");
      } catch (error) {
        if (!isFlowctlError(error, "conflict")) throw error;
        if (skipIfExists) return await print(await client.projects.read(name), "already exists");
        throw new FlowctlError("conflict", `Cannot create project "${name}": it exists already`, {
          hint: "Use it as it is, or give --skip-if-exists where that is no failure",
          cause: error,
        });
      }
    });
