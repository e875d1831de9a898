/**
 * `flowctl profile use`: makes a profile the active one.
 *
 * @module
 */

import { flowctlHome } from "../../../support/paths.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const profileUse: MakeCommand = (context) =>
  command(context, "use", {
    description: "Start using a profile, from now on",
    examples: ["flowctl profile use work"],
  })
    .argument("<name>", "name of the profile")
    .action(async (name) => {
      const { changeProfiles, valuesOf } = await import("../../../config/profiles.ts");
      await changeProfiles(flowctlHome(context.env), (all) => {
        valuesOf(all, name, "use");
        all.active = name;
      });
      context.out.line(`Profile '${name}' is in use`);
      const other = context.env.FLOWCTL_PROFILE?.trim();
      if (other && other !== name) {
        context.out.note(`Here FLOWCTL_PROFILE names "${other}", which goes before it`);
      }
    });
