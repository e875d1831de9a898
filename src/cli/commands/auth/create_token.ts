/**
 * `flowctl auth create-token`: makes a token and shows it, once.
 *
 * @module
 */

import { TOKEN_SCOPES, type TokenScope } from "../../../domain/tokens.ts";
import { FlowctlError } from "../../../support/errors.ts";
import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, Option, outputOption, wholeNumber } from "../../command.ts";

/** See the module's comment. */
export const authCreateToken: MakeCommand = (context) =>
  command(context, "create-token", {
    description: "Create a token for the API, and show it once",
    examples: ["flowctl auth create-token -n server-2 -s RUNNER", "flowctl auth create-token -n ci --days 90 -o name"],
    notes: "ADMIN may do everything, USER everything but tokens and settings, RUNNER only what an agent needs. " +
      "The token goes to an agent or a client as FLOWCTL_API_KEY, or by flowctl auth login.",
  })
    .requiredOption("-n, --name <name>", "what people call it")
    .addOption(
      new Option("-s, --scope <scope>", `what it is good for: ${TOKEN_SCOPES.join(", ")}`).default("USER" as TokenScope)
        .argParser(readScope),
    )
    .option("--days <n>", "refuse it after so many days", wholeNumber("--days", { least: 1, most: 36_500 }))
    .addOption(outputOption())
    .action(async ({ name, scope, days, output }) => {
      const { client } = await context.connect();
      const expires = days === undefined ? undefined : context.clock.now().add({ hours: 24 * days }).toString();
      const made = await client.tokens.create({ name, scope, expires });
      await context.out.item(output, made, {
        text: ({ name, scope, token }) =>
          `Created token '${harmlessLine(name)}' with scope ${scope}. It is shown only this once:\n\n    ${token}\n`,
        name: ({ token }) => token,
      });
    });

function readScope(text: string): TokenScope {
  const scope = TOKEN_SCOPES.find((one) => one === text.toUpperCase());
  if (scope !== undefined) return scope;
  throw new FlowctlError("invalid", `Cannot use scope "${text}": it is not one of ${TOKEN_SCOPES.join(", ")}`);
}
