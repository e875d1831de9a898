/**
 * `flowctl config view`: lists settings as they count.
 *
 * @module
 */

import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const configView: MakeCommand = (context) =>
  command(context, "view", {
    description: "List the settings as they count, and where each was said",
    examples: ["flowctl config view", "flowctl config view --no-defaults -o yaml"],
    notes:
      "Options of a command go before the environment, the environment before the profile in use, the profile before the default.\n" +
      "Secrets are not shown.",
  })
    .option("--no-defaults", "only those that somebody set")
    .addOption(outputOption())
    .action(async (options) => {
      const { activeProfile } = await import("../../../config/profiles.ts");
      const { settingRows } = await import("../../setting_rows.ts");
      const profile = activeProfile(context.env);
      const rows = settingRows(context.env, profile.values)
        .filter((row) => options.defaults || row.from !== "default");
      await context.out.list(options.output, rows, {
        columns: {
          Name: (row) => row.name,
          Value: (row) => row.value,
          From: (row) => row.from === "profile" ? `profile ${profile.name}` : row.from,
        },
        name: (row) => row.name,
        empty: "Nothing is set: all settings have their defaults",
      });
    });
