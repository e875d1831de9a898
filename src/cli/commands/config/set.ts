/**
 * `flowctl config set`: keeps settings in the profile in use.
 *
 * @module
 */

import { FlowctlError } from "../../../support/errors.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const configSet: MakeCommand = (context) =>
  command(context, "set", {
    description: "Write settings into the profile in use",
    examples: [
      "flowctl config set FLOWCTL_LOG_LEVEL=DEBUG",
      "flowctl config set FLOWCTL_API_URL=https://flow.example/api FLOWCTL_KEEP_CONTAINERS=20",
    ],
    notes: "The names are those of the environment variables, which go before what is kept here.",
  })
    .argument("<setting...>", "NAME=VALUE")
    .action(async (pairs) => {
      const { setProfileValues } = await import("../../../config/profiles.ts");
      const { checkSetting } = await import("../../../config/settings.ts");
      const values: Record<string, string> = {};
      for (const pair of pairs) {
        const [, name, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
        // A pair without a sign may be half a secret: it is not repeated.
        if (name === undefined) {
          throw new FlowctlError("invalid", "Cannot set a setting: it has not the form NAME=VALUE");
        }
        if (text.trim() === "") {
          throw new FlowctlError("invalid", `Cannot set ${name}: its value is empty`, {
            hint: `Take it away with: flowctl config unset ${name}`,
          });
        }
        values[checkSetting(name, text)] = text;
      }
      const profile = await setProfileValues(values, context.env);
      const names = Object.keys(values);
      context.out.line(`Set ${names.join(", ")} in profile '${profile}'`);
      for (const name of names.filter((one) => context.env[one]?.trim())) {
        context.out.note(`${name} is set in the environment too, which goes before the profile`);
      }
    });
