/**
 * `flowctl backend`: which API commands speak to, kept in the profile in use.
 *
 * @module
 */

import { type Backend, BACKENDS } from "../../config/backends.ts";
import { FlowctlError } from "../../support/errors.ts";
import { harmlessLine } from "../../support/text.ts";
import { Argument, command, type MakeCommand, outputOption } from "../command.ts";
import type { Context } from "../context.ts";
import { fieldLines } from "../output.ts";

/** See the module's comment. */
export const backend: MakeCommand = (context) =>
  command(context, "backend", {
    description: "Show or choose the API that commands speak to",
    examples: ["flowctl backend", "flowctl backend server", "flowctl backend cloud", "flowctl backend ephemeral"],
    notes: [
      "server     the server that runs on this home, else http://127.0.0.1:4200/api",
      "cloud      the server that `flowctl auth login` stored in the profile",
      "ephemeral  this home's data: its server when one runs, else an API in the command's own process",
      "",
      "FLOWCTL_API_URL in the environment goes before all of them.",
    ].join("\n"),
  })
    .addArgument(
      new Argument("[backend]", "the one to use from now on; without it the present one is shown")
        .choices(BACKENDS).argParser(backendOf),
    )
    .addOption(outputOption())
    .action(async (word, options) => {
      if (word !== undefined) return await choose(context, word);
      await context.out.item(options.output, await present(context), {
        name: (one) => one.backend,
        text: (one) =>
          fieldLines([
            ["Backend", one.backend],
            ["Said by", one.from],
            ["API", one.api_url === null ? "that of this home" : harmlessLine(one.api_url)],
          ]),
      });
    });

function backendOf(text: string): Backend {
  const found = BACKENDS.find((one) => one === text);
  if (found !== undefined) return found;
  throw new FlowctlError("invalid", `Cannot switch to backend "${text}": it is not one of ${BACKENDS.join(", ")}`);
}

async function choose({ env, out }: Context, backend: Backend): Promise<void> {
  const { setProfileValues } = await import("../../config/profiles.ts");
  await setProfileValues({ FLOWCTL_BACKEND: backend }, env);
  out.line(`Backend switched to ${backend}`);
  const { readSettings } = await import("../../config/settings.ts");
  for (const name of ["FLOWCTL_API_URL", "FLOWCTL_ORION_HOST", "FLOWCTL_BACKEND"]) {
    if (env[name]?.trim()) out.note(`${name} is set in the environment, which goes before it`);
  }
  if (backend === "cloud" && readSettings(env).apiUrl === undefined) {
    out.note("No server is stored yet. Store one with: flowctl auth login --api URL --key KEY");
  }
}

async function present({ env, parts }: Context) {
  const { readSettings, findSetting, SETTINGS } = await import("../../config/settings.ts");
  const { activeProfile } = await import("../../config/profiles.ts");
  const { LOOPBACK_URL } = await import("../../config/backends.ts");
  const profile = activeProfile(env);
  const settings = readSettings(env, profile.values);
  const said = findSetting(SETTINGS.backend, env, profile.values) ?? findSetting(SETTINGS.apiUrl, {}, profile.values);
  const address = findSetting(SETTINGS.apiUrl, env, {});
  const word = settings.backend ?? "ephemeral";
  const running = settings.apiUrl === undefined ? await parts.findServer(settings.home) : undefined;
  const ofHome = running === undefined ? undefined : `${running}/api`;
  return {
    backend: word,
    from: address !== undefined
      ? `${said === undefined ? "default" : said.source}; ${address.name} in the environment goes before it`
      : said === undefined
      ? "default"
      : said.source === "profile"
      ? `profile ${profile.name}`
      : "environment",
    api_url: settings.apiUrl ?? (word === "cloud" ? null : ofHome ?? (word === "server" ? LOOPBACK_URL : null)),
  };
}
