/**
 * `flowctl auth login`: checks a token and keeps it, with its server's address, in the profile in use.
 *
 * @module
 */

import { FlowctlError } from "../../../support/errors.ts";
import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, Option } from "../../command.ts";
import type { Context } from "../../context.ts";

/** See the module's comment. */
export const authLogin: MakeCommand = (context) =>
  command(context, "login", {
    description: "Check a token, and store it with the address of its server in the profile in use",
    examples: [
      "flowctl auth login --api https://flows.example/api --key fct_...",
      "flowctl auth login --api https://flows.example/api < token.txt",
    ],
    notes:
      "Without --key the token is asked for, or read from standard input: a command line can be read by others on " +
      "this machine.",
  })
    .option("--api <url>", "address of the server's API; default: the one in use")
    .option("-k, --key <key>", "the token")
    .addOption(new Option("-t, --token <token>", "older name of --key"))
    .action(async ({ api, key, token }) => {
      const [{ readSettings }, { setProfileValues }] = await Promise.all([
        import("../../../config/settings.ts"),
        import("../../../config/profiles.ts"),
      ]);
      const { env, clock, random, parts, out } = context;
      const text = (key ?? token ?? await readKey(context)).trim();
      const asked = { ...env, FLOWCTL_API_KEY: text, ...api === undefined ? {} : { FLOWCTL_API_URL: api } };
      const { apiUrl } = readSettings(asked);
      if (text === "" || apiUrl === undefined) {
        throw new FlowctlError(
          "invalid",
          `Cannot log in: ${text === "" ? "there is no token" : "it is not said where"}`,
          {
            hint: "Write: flowctl auth login --api URL --key KEY",
          },
        );
      }
      const connection = await parts.connect({ env: asked, log: context.log("WARNING"), clock, random });
      try {
        const { name, scope } = await connection.client.tokens.me();
        const profile = await setProfileValues({ FLOWCTL_API_URL: apiUrl, FLOWCTL_API_KEY: text }, env);
        out.line(`Logged in to ${apiUrl} with token '${harmlessLine(name ?? "")}' of scope ${scope}`);
        out.line(`Stored in profile '${profile}'`);
        const { backend } = readSettings(env);
        if (backend !== "cloud") out.note(`Commands use it after: flowctl backend cloud`);
      } finally {
        await connection.close();
      }
    });

async function readKey(context: Context): Promise<string> {
  if (!context.isInteractive) return await context.stdin.text();
  context.stderr.write("Token: ");
  return await context.stdin.line(context.signal) ?? "";
}
