/**
 * `flowctl secret delete`: deletes a secret.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const secretDelete: MakeCommand = (context) =>
  command(context, "delete", {
    description: "Delete a secret; runs that name it fail from then on",
    examples: ["flowctl secret delete API_TOKEN", "flowctl secret delete API_TOKEN --yes"],
  })
    .argument("<name>", "name of the secret")
    .option("-y, --yes", "do not ask")
    .action(async (given, options) => {
      const { confirm } = await import("../../ask.ts");
      const name = harmlessLine(given);
      await confirm(context, `Delete secret '${name}'`, options);
      const { client } = await context.connect();
      await client.secrets.delete(given);
      context.out.line(`Deleted secret '${name}'`);
    });
