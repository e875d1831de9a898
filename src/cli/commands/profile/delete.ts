/**
 * `flowctl profile delete`: deletes a profile.
 *
 * @module
 */

import { FlowctlError } from "../../../support/errors.ts";
import { flowctlHome } from "../../../support/paths.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const profileDelete: MakeCommand = (context) =>
  command(context, "delete", {
    description: "Delete a profile with the settings and keys that it holds",
    examples: ["flowctl profile delete work", "flowctl profile delete work --yes"],
    notes: 'When it is the one in use, "default" is in use from then on.',
  })
    .argument("<name>", "name of the profile")
    .option("-y, --yes", "do not ask")
    .action(async (name, options) => {
      const { changeProfiles, DEFAULT_PROFILE, readProfiles, valuesOf } = await import("../../../config/profiles.ts");
      const { confirm } = await import("../../ask.ts");
      const home = flowctlHome(context.env);
      if (name === DEFAULT_PROFILE) {
        throw new FlowctlError("conflict", `Cannot delete profile "${name}": it is there always`, {
          hint: "Take its settings away with: flowctl config unset",
        });
      }
      valuesOf(readProfiles(home), name, "delete");
      await confirm(context, `Delete profile '${name}' and the keys that it holds`, options);
      await changeProfiles(home, (all) => {
        delete all.profiles[name];
        if (all.active === name) all.active = DEFAULT_PROFILE;
      });
      context.out.line(`Deleted profile '${name}'`);
    });
