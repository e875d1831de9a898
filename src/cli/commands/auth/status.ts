/**
 * `flowctl auth status`: which API is used, and as whom.
 *
 * @module
 */

import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";
import { fieldLines } from "../../output.ts";

const WHO = {
  local: "this machine, which is trusted",
  home: "this home, by its token file",
  page: "a browser",
  token: "a token",
  run: "a flow run",
} as const;

/** See the module's comment. */
export const authStatus: MakeCommand = (context) =>
  command(context, "status", {
    description: "Show which API is used, and as whom",
    examples: ["flowctl auth status", "flowctl auth status -o json"],
  })
    .addOption(outputOption())
    .action(async ({ output }) => {
      const { activeProfile } = await import("../../../config/profiles.ts");
      const { env } = context;
      const { client, address, mode } = await context.connect();
      const me = await client.tokens.me();
      const profile = activeProfile(env);
      const key = me.kind !== "token"
        ? null
        : env.FLOWCTL_API_KEY?.trim()
        ? "FLOWCTL_API_KEY"
        : `profile '${profile.name}'`;
      await context.out.item(output, { api: address, mode, ...me, token_of: key, profile: profile.name }, {
        text: (it) =>
          fieldLines([
            ["API", harmlessLine(it.api)],
            ["Known as", WHO[it.kind]],
            ["Token", it.name === null ? null : harmlessLine(it.name)],
            ["Scope", it.scope],
            ["Taken from", it.token_of],
            ["Profile", it.profile],
          ]),
        name: (it) => it.name ?? it.kind,
      });
    });
