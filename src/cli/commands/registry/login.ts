/**
 * `flowctl registry login`: stores a login for a registry, for all agents of the API.
 *
 * @module
 */

import { FlowctlError } from "../../../support/errors.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const registryLogin: MakeCommand = (context) =>
  command(context, "login", {
    description: "Store the login for a registry, encrypted, for agents that have none",
    examples: [
      "flowctl registry login ghcr.io --username flows",
      "flowctl registry login 10.0.0.2:5000 --username flows < password.txt",
    ],
    notes:
      "An agent whose docker configuration has no login for the registry pulls with this one. The password is read from\n" +
      "standard input, a file, or a hidden prompt; it is not tried here.",
  })
    .argument("<registry>", "host, with its port if need be; docker.io is Docker Hub")
    .requiredOption("-u, --username <name>", "who pulls")
    .option("--from-file <path>", "read the password from a file")
    .action(async (given, options) => {
      const [{ readSecretInput }, { registryHost }] = await Promise.all([
        import("../../secret_input.ts"),
        import("../../../domain/registry_logins.ts"),
      ]);
      const registry = registryHost(given);
      if (registry === undefined) {
        throw new FlowctlError("invalid", `Cannot log in to "${given}": it is no host`, {
          hint: "Write the first part of the images' names, as in ghcr.io",
        });
      }
      const password = await readSecretInput(context, `password for registry "${registry}"`, options.fromFile);
      const { client } = await context.connect();
      await client.registryLogins.set(registry, { username: options.username, password });
      context.out.line(`Stored the login for registry '${registry}'`);
    });
