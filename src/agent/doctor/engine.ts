/**
 * Is there an engine, is it new enough, may this user use it?
 *
 * @module
 */

import { readFileSync, statSync } from "node:fs";
import type { Docker } from "../../docker/client.ts";
import { OLDEST_API_VERSION } from "../../docker/transport.ts";
import { isFlowctlError, messageOf } from "../../support/errors.ts";
import { type Check, fail, failWith, ok } from "./check.ts";

/** See the module's comment. @param groupOf The group that a socket belongs to, by its path. */
export async function checkEngine(
  docker: Docker,
  signal: AbortSignal,
  groupOf: (path: string) => string | undefined = groupOfFile,
): Promise<Check> {
  const { address } = docker;
  try {
    const api = await docker.apiVersion({ signal });
    const { Version } = await docker.version({ signal });
    return ok("engine", `Engine ${Version} answers at "${address}" (API ${api})`);
  } catch (error) {
    if (isFlowctlError(error, "unsupported")) {
      return failWith("engine", error, `Update the engine: it has to serve API ${OLDEST_API_VERSION} (Docker 20.10)`);
    }
    const path = /^unix:\/\/(.+)$/.exec(address)?.[1];
    const group = isFlowctlError(error, "forbidden") && path !== undefined ? groupOf(path) : undefined;
    if (group !== undefined) {
      const message = `${messageOf(error)}: its socket belongs to group "${group}"`;
      if (group === "root") return fail("engine", message, "Run the agent as root, or give the socket another group");
      return fail("engine", message, `As root: usermod -aG ${group} USER, then log in again`);
    }
    return failWith("engine", error, "Start the Docker Engine, or set DOCKER_HOST to the address of another one");
  }
}

/** The name of a file's group, or its number when it has none. */
export function groupOfFile(path: string): string | undefined {
  try {
    const { gid } = statSync(path);
    return groupName(readFileSync("/etc/group", "utf8"), gid) ?? String(gid);
  } catch {
    return undefined;
  }
}

/** Looks a group up in the text of `/etc/group`. */
export function groupName(text: string, gid: number): string | undefined {
  return text.split("\n").map((line) => line.split(":")).find((parts) => parts[2] === String(gid))?.[0];
}
