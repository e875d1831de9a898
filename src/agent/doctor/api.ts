/**
 * Does the API answer, and with which version?
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import { type Check, failWith, ok, warn } from "./check.ts";

/** An API in use, as the command connected to it. */
export interface ApiInUse {
  client: Client;
  mode: "remote" | "server" | "ephemeral";
  /** For people. */
  address: string;
}

/** See the module's comment. @param version This program's. */
export async function checkApi({ client, mode, address }: ApiInUse, version: string): Promise<Check> {
  try {
    await client.admin.health();
    const theirs = await client.admin.version();
    if (mode === "ephemeral") {
      return warn(
        "api",
        `No server runs on home "${address}": commands use an API in their own process, and runs in containers need a server`,
        "Start one with: flowctl orion start",
      );
    }
    if (theirs !== version) {
      const fix = `Use flowctl ${theirs} here, or update the server`;
      return warn("api", `The API at "${address}" is version ${theirs}, this is ${version}`, fix);
    }
    return ok("api", `The API answers at "${address}" (version ${theirs})`);
  } catch (error) {
    return failWith("api", error, "Start a server with: flowctl orion start, or correct FLOWCTL_API_URL");
  }
}
