/**
 * `flowctl registry logout`: deletes the login for a registry.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const registryLogout: MakeCommand = (context) =>
  command(context, "logout", {
    description: "Delete the stored login for a registry",
    examples: ["flowctl registry logout ghcr.io"],
  })
    .argument("<registry>", "host, as it was given to login")
    .action(async (registry) => {
      const { client } = await context.connect();
      await client.registryLogins.delete(registry);
      context.out.line(`Deleted the login for registry '${harmlessLine(registry)}'`);
    });
