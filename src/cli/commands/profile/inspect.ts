/**
 * `flowctl profile inspect`: shows a profile.
 *
 * @module
 */

import { flowctlHome } from "../../../support/paths.ts";
import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";
import { fieldLines } from "../../output.ts";

/** See the module's comment. */
export const profileInspect: MakeCommand = (context) =>
  command(context, "inspect", {
    description: "Show a profile's settings; secrets are masked",
    examples: ["flowctl profile inspect", "flowctl profile inspect work -o json"],
  })
    .argument("[name]", "name of the profile; default: the one in use")
    .addOption(outputOption())
    .action(async (given, options) => {
      const { activeProfile, readProfiles, valuesOf } = await import("../../../config/profiles.ts");
      const { masked } = await import("../../setting_rows.ts");
      const inUse = activeProfile(context.env).name;
      const name = given ?? inUse;
      const values = valuesOf(readProfiles(flowctlHome(context.env)), name, "show");
      const settings = Object.fromEntries(Object.entries(values).map(([key, text]) => [key, masked(key, text)]));
      await context.out.item(options.output, { name, in_use: name === inUse, settings }, {
        name: (one) => one.name,
        text: (one) =>
          fieldLines([
            ["Name", one.name],
            ["In use", one.in_use ? "yes" : "no"],
            ...Object.entries(one.settings).map(([key, text]): [string, string] => [key, harmlessLine(text)]),
          ]),
      });
    });
