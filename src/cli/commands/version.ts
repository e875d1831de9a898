/**
 * `flowctl version`: which flowctl this is and where it keeps things.
 *
 * It must answer at once and whatever is broken: it checks no settings, and asks a server only whether one is
 * there, when one said that it runs on this home.
 *
 * @module
 */

import process from "node:process";
import { LOOPBACK_URL } from "../../config/backends.ts";
import { settingText } from "../../config/profiles.ts";
import { flowctlHome } from "../../support/paths.ts";
import { isBun, isCompiled } from "../../support/runtime.ts";
import { BUILD, VERSION } from "../../support/version.ts";
import { command, type MakeCommand, outputOption } from "../command.ts";
import type { Context } from "../context.ts";
import { fieldLines } from "../output.ts";

/** The version of the REST API, which is Prefect 2.20's. That of `src/api`, which is too much to load for one word. */
export const API_VERSION = "0.8.4";

/** `0.1.0` */
export const versionText = (): string => VERSION;

/** See the module's comment. */
export const version: MakeCommand = (context) =>
  command(context, "version", {
    description: "Show the version of flowctl, its runtime and its home",
    examples: ["flowctl version", "flowctl version -o json"],
  })
    .addOption(outputOption())
    .action(async (options) => {
      await context.out.item(options.output, await factsOf(context), {
        name: (facts) => facts.version,
        text: (facts) =>
          fieldLines([
            ["Version", facts.version],
            ["API version", facts.api_version],
            ["Runtime", facts.runtime],
            ["Build", facts.build],
            ["OS/Arch", facts.platform],
            ["Home", facts.home],
            ["Server type", facts.server_type],
            ["API", facts.api_url ?? undefined],
          ]),
      });
    });

/** As `server/connect.ts` chooses, without its checks. */
async function apiInUse(
  env: Context["env"],
  findServer: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const said = env.FLOWCTL_API_URL?.trim() || env.FLOWCTL_ORION_HOST?.trim();
  if (said) return said;
  const backend = settingText(env, "FLOWCTL_BACKEND");
  const kept = settingText(env, "FLOWCTL_API_URL");
  if (backend === "cloud" || backend === undefined && kept !== undefined) return kept;
  return await findServer() ?? (backend === "server" ? LOOPBACK_URL : undefined);
}

async function factsOf({ env, parts }: Context) {
  const home = flowctlHome(env);
  const url = await apiInUse(env, () => parts.findServer(home));
  const runtime = isBun ? `bun ${process.versions.bun}` : `deno ${process.versions.deno}`;
  return {
    version: VERSION,
    api_version: API_VERSION,
    runtime: isCompiled ? `${runtime} (compiled)` : runtime,
    build: BUILD,
    platform: `${process.platform}/${process.arch}`,
    home,
    server_type: url ? "server" : "ephemeral",
    api_url: url ?? null,
  };
}
