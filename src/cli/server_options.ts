/**
 * The options that `flowctl server start` and `flowctl server config` share.
 *
 * @module
 */

import { FlowctlError } from "../support/errors.ts";
import { type About, command, Option, wholeNumber } from "./command.ts";
import { logLevelOption } from "./commands/orion/start.ts";
import type { Context } from "./context.ts";

/** Begins a command that takes them. */
export const serverCommand = (context: Context, name: string, about: About) =>
  command(context, name, about)
    .option("--expose", "listen on all addresses; every request from elsewhere needs a token")
    .option(
      "--server-port <number>",
      "port of the API; 0 lets the system choose",
      wholeNumber("--server-port", { most: 65535 }),
      4200,
    )
    .option(
      "--ui-port <number>",
      "port of the page; 0 lets the system choose",
      wholeNumber("--ui-port", { most: 65535 }),
      8080,
    )
    .option("-d, --detach", "return when the server is healthy, and leave it running; its log is in the home")
    .option("--hide-welcome", "print no ASCII art")
    .option("-u, --no-ui", "serve no page, and nothing on its port")
    .addOption(
      new Option("--postgres-url <url>", "not supported yet: data is kept in SQLite").argParser(refusePostgres),
    )
    .addOption(logLevelOption());

/** The address is not repeated: there is a password in it. */
function refusePostgres(): never {
  throw new FlowctlError(
    "unsupported",
    "Cannot use --postgres-url: PostgreSQL is not supported yet, data is kept in SQLite, in the home's flowctl.db",
    { hint: "Leave --postgres-url away" },
  );
}
