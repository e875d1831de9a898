/**
 * Is there an engine, is it new enough, may this user use it?
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import { accessHint, groupOfFile } from "../../docker/socket_group.ts";
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
      return fail("engine", message, accessHint(group));
    }
    return failWith("engine", error, "Start the Docker Engine, or set DOCKER_HOST to the address of another one");
  }
}
