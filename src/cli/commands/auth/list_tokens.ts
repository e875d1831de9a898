/**
 * `flowctl auth list-tokens`: lists tokens, without what nobody but their owners has.
 *
 * @module
 */

import type { Token } from "../../../domain/tokens.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const authListTokens: MakeCommand = (context) =>
  command(context, "list-tokens", {
    description: "List tokens, newest first",
    examples: ["flowctl auth list-tokens", "flowctl auth list-tokens --all -o json"],
  })
    .option("--all", "list revoked ones too")
    .addOption(outputOption())
    .action(async ({ all, output }) => {
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      const time = (text: string | null, none: string) => text === null ? none : when(text, context.clock);
      await context.out.list(output, await client.tokens.list({ revoked: all ?? false }), {
        columns: {
          Name: (token) => token.name,
          Scope: (token) => token.scope,
          Id: (token) => token.id,
          Created: (token) => when(token.created, context.clock),
          "Last used": (token) => time(token.last_used, "never"),
          State: (token) => stateOf(token, context.clock.now()),
        },
        name: (token) => token.name,
        empty: "No tokens found",
      });
    });

function stateOf({ revoked, expires }: Token, now: Temporal.Instant): string {
  if (revoked !== null) return "revoked";
  if (expires === null) return "good";
  return Temporal.Instant.compare(Temporal.Instant.from(expires), now) <= 0
    ? "expired"
    : `good until ${expires.slice(0, 10)}`;
}
