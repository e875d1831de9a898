/**
 * `flowctl auth logout`: takes address and token out of the profile in use.
 *
 * @module
 */

import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const authLogout: MakeCommand = (context) =>
  command(context, "logout", {
    description: "Remove the address and the token that login stored in the profile in use",
    examples: ["flowctl auth logout"],
    notes: "The token stays good: flowctl auth revoke-token ends it.",
  })
    .action(async () => {
      const { activeProfile, setProfileValues } = await import("../../../config/profiles.ts");
      const { env, out } = context;
      const { name, values } = activeProfile(env);
      if (values.FLOWCTL_API_KEY === undefined && values.FLOWCTL_API_URL === undefined) {
        out.line(`Not logged in: profile '${name}' holds no token`);
        return;
      }
      await setProfileValues({ FLOWCTL_API_URL: undefined, FLOWCTL_API_KEY: undefined }, env);
      out.line(`Logged out of ${values.FLOWCTL_API_URL ?? "the server"}: profile '${name}' holds no token any more`);
      if (env.FLOWCTL_API_KEY?.trim()) out.note("FLOWCTL_API_KEY of the environment is still sent");
    });
