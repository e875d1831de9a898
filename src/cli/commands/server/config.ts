/**
 * `flowctl server config`: prints what `flowctl server start` would do with the same options.
 *
 * @module
 */

import { inHome } from "../../../support/paths.ts";
import type { MakeCommand } from "../../command.ts";
import { serverLog } from "../../detached.ts";
import { serverCommand } from "../../server_options.ts";
import { dataOption, printData } from "../../sorted.ts";

/** See the module's comment. */
export const serverConfig: MakeCommand = (context) =>
  serverCommand(context, "config", {
    description: "Print what `flowctl server start` would use, given the same options",
    examples: ["flowctl server config", "flowctl server config --expose --server-port 4300 -o json"],
  })
    .addOption(dataOption("yaml"))
    .action(async ({ expose, serverPort, uiPort, ui, logLevel, output }) => {
      const { readSettings } = await import("../../../config/settings.ts");
      const { settingRows } = await import("../../setting_rows.ts");
      const { activeProfile } = await import("../../../config/profiles.ts");
      const { env } = context;
      const profile = activeProfile(env);
      const { home, serverNetwork, logLevel: usual } = readSettings(env, profile.values);
      await printData(context, output, {
        host: expose ? "0.0.0.0" : "127.0.0.1",
        expose: expose ?? false,
        server_port: serverPort,
        ui_port: ui ? uiPort : null,
        home,
        database: inHome(home, "flowctl.db"),
        log_of_detached: serverLog(home),
        log_level: logLevel ?? usual,
        network: serverNetwork,
        profile: profile.name,
        settings: Object.fromEntries(settingRows(env, profile.values).map(({ name, value }) => [name, value])),
      });
    });
