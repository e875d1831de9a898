/**
 * The API that flows in plain files are reported to: the one that every command of the program would use.
 *
 * @module
 */

import process from "node:process";
import type { ClientConnection } from "../sdk/client_provider.ts";
import { pageOf } from "../client/page.ts";
import { createLog } from "../support/log.ts";

/**
 * Connects to the API in use. It is loaded with the first call of a flow: a file that only defines deployments needs no API.
 *
 * Which one it is, is said on standard error when that is a terminal.
 */
export async function openClient(): Promise<ClientConnection> {
  const [{ connect }, { readSettings }] = await Promise.all([
    import("../server/connect.ts"),
    import("../config/settings.ts"),
  ]);
  const settings = readSettings();
  const write = (line: string) => void process.stderr.write(`${line}\n`);
  const log = createLog({ level: settings.logLevel === "INFO" ? "WARNING" : settings.logLevel, write });
  const connection = await connect({ settings, log });
  const { client, close, mode, address } = connection;
  if (process.stderr.isTTY) write(`Using ${NAMES[mode]} ${address}`);
  return { client, close, page: pageOf(client.url, connection) };
}

const NAMES = {
  remote: "the API at",
  server: "the server of this home at",
  ephemeral: "an ephemeral API in",
} as const;
