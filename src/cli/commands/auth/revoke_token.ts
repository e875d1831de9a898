/**
 * `flowctl auth revoke-token`: from now on a token is refused.
 *
 * @module
 */

import { FlowctlError } from "../../../support/errors.ts";
import { isUuid } from "../../../support/ids.ts";
import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const authRevokeToken: MakeCommand = (context) =>
  command(context, "revoke-token", {
    description: "Revoke a token: from now on it is refused",
    examples: [
      "flowctl auth revoke-token server-2",
      "flowctl auth revoke-token --id 0199c0de-0000-7000-8000-000000000001",
    ],
  })
    .argument("[name]", "the token's name, or its id")
    .option("-i, --id <id>", "the token's id")
    .action(async (name, { id }) => {
      const wanted = id ?? name;
      if (wanted === undefined || (id !== undefined && name !== undefined)) {
        throw new FlowctlError("invalid", "Cannot tell which token is meant: give its name, or its id");
      }
      const { client } = await context.connect();
      const found = (await client.tokens.list()).find((token) =>
        token.id === wanted.toLowerCase() || token.name === wanted
      );
      if (found === undefined && !isUuid(wanted)) {
        throw new FlowctlError("not_found", `Cannot revoke token "${wanted}": no token that is good has that name`, {
          hint: "List them with: flowctl auth list-tokens",
        });
      }
      const revoked = await client.tokens.revoke(found?.id ?? wanted);
      context.out.line(`Revoked token '${harmlessLine(revoked.name)}'`);
    });
