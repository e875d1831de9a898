/**
 * `flowctl profile ls`: lists profiles.
 *
 * @module
 */

import { flowctlHome } from "../../../support/paths.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const profileLs: MakeCommand = (context) =>
  command(context, "ls", {
    description: "List profiles, the one in use marked",
    examples: ["flowctl profile ls", "flowctl profile ls -o name"],
  })
    .addOption(outputOption())
    .action(async (options) => {
      const { activeProfile, readProfiles } = await import("../../../config/profiles.ts");
      const { profiles } = readProfiles(flowctlHome(context.env));
      const inUse = activeProfile(context.env).name;
      const rows = Object.entries(profiles).map(([name, values]) => ({
        name,
        in_use: name === inUse,
        settings: Object.keys(values),
      }));
      await context.out.list(options.output, rows, {
        columns: {
          "In use": (row) => row.in_use ? "*" : "",
          "Name": (row) => row.name,
          "Settings": (row) => row.settings.join(", "),
        },
        name: (row) => row.name,
        empty: "No profiles found",
      });
    });
