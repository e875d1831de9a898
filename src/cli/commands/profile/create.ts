/**
 * `flowctl profile create`: creates a profile.
 *
 * @module
 */

import { FlowctlError } from "../../../support/errors.ts";
import { flowctlHome } from "../../../support/paths.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const profileCreate: MakeCommand = (context) =>
  command(context, "create", {
    description: "Create a profile, without using it yet",
    examples: ["flowctl profile create work", "flowctl profile create work --from default"],
  })
    .argument("<name>", "name of the profile")
    .option("--from <profile>", "copy the settings of this one")
    .addOption(outputOption())
    .action(async (name, { from, output }) => {
      const { changeProfiles, checkProfileName, valuesOf } = await import("../../../config/profiles.ts");
      checkProfileName(name);
      await changeProfiles(flowctlHome(context.env), (all) => {
        if (Object.hasOwn(all.profiles, name)) {
          throw new FlowctlError("conflict", `Cannot create profile "${name}": it exists already`);
        }
        all.profiles[name] = from === undefined ? {} : { ...valuesOf(all, from, "copy") };
      });
      await context.out.item(output, { name }, { name: (one) => one.name, text: () => `Created profile '${name}'` });
      context.out.note(`Use it with: flowctl profile use ${name}`);
    });
