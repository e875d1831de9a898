/**
 * `flowctl config unset`: takes settings out of the profile in use.
 *
 * @module
 */

import { FlowctlError } from "../../../support/errors.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const configUnset: MakeCommand = (context) =>
  command(context, "unset", {
    description: "Remove settings from the profile in use",
    examples: ["flowctl config unset FLOWCTL_LOG_LEVEL"],
  })
    .argument("<name...>", "name of a setting")
    .action(async (names) => {
      const { activeProfile, setProfileValues } = await import("../../../config/profiles.ts");
      const { name: profile, values } = activeProfile(context.env);
      for (const name of names) {
        if (Object.hasOwn(values, name)) continue;
        throw new FlowctlError("not_found", `Cannot unset "${name}": profile "${profile}" does not hold it`, {
          hint: "List what it holds with: flowctl profile inspect",
        });
      }
      await setProfileValues(Object.fromEntries(names.map((name) => [name, undefined])), context.env);
      context.out.line(`Removed ${names.join(", ")} from profile '${profile}'`);
    });
