/**
 * Can a container reach the API: through a run's socket, which is mounted into it, or where that is not possible by a URL? Tried
 * with a container of the default image.
 *
 * @module
 */

import type { Fetch } from "../../client/transport.ts";
import { LEASE_HEADER } from "../../domain/agents.ts";
import { containerApi } from "../../runners/api_way.ts";
import { ApiReach } from "../../runners/docker_reach.ts";
import { RUN_FOLDER } from "../../runners/docker_values.ts";
import { FlowctlError } from "../../support/errors.ts";
import { openRunSocket } from "../run_socket.ts";
import { type Check, fail, failWith, ok, warn } from "./check.ts";
import { probeImage, probeLabels, type ProbeOptions, runProbe } from "./probe.ts";

/** See {@link checkReach}. */
export interface ReachOptions extends ProbeOptions {
  apiUrl: string;
  upstream: Fetch;
  /** Whether the API is in this process and ends with it. */
  isEphemeral: boolean;
  /** Which way it is, and the API's address for containers. */
  reach: ApiReach;
}

/** What the probe may ask for; it is nobody's attempt. */
const PERMITTED = ["/api/health", "/api/admin/version"];

/** See the module's comment. The container is removed in any case; the image stays, for runs need it. */
export async function checkReach(options: ReachOptions): Promise<Check> {
  const byUrl = options.reach.byUrl(options, options.info);
  return byUrl === undefined ? await checkSocket(options) : await checkUrl(options, byUrl);
}

async function checkUrl(options: ReachOptions, byUrl: { apiUrl: string; given?: string }): Promise<Check> {
  const { reach, info, clock, signal, isEphemeral } = options;
  const why = `by URL, because ${reach.reason(info)}`;
  if (isEphemeral) {
    const start = "Start a server with: flowctl orion start";
    return warn("reach", `Containers reach the API ${why}, and no server runs that they could reach`, start);
  }
  try {
    const { url, extraHosts } = containerApi(byUrl.apiUrl, undefined, byUrl.given);
    const HostConfig = extraHosts.length === 0 ? {} : { ExtraHosts: extraHosts };
    const image = await probeImage(options);
    const body = { Image: image, Env: [`FLOWCTL_API_URL=${url}`], Labels: probeLabels(options), HostConfig };
    await reach.check(body, image, clock, signal);
    return ok("reach", `A container reached the API at "${url}" (${why})`);
  } catch (error) {
    return failWith("reach", error, "Set FLOWCTL_CONTAINER_API_URL to an address that containers reach");
  }
}

async function checkSocket(options: ReachOptions): Promise<Check> {
  const { home, apiUrl, upstream, log } = options;
  const fix = "Set FLOWCTL_HOME to a folder on a disk of the engine's own machine, or FLOWCTL_API_WAY to url";
  const leaseId = `probe-${crypto.randomUUID().slice(0, 8)}`;
  try {
    const socket = await openRunSocket({ home, leaseId, token: "none", apiUrl, upstream: healthOnly(upstream) });
    try {
      const { code, said } = await runProbe(options, {
        Cmd: ["doctor", "--only", "api"],
        Env: [`FLOWCTL_API_URL=unix://${RUN_FOLDER}/api.sock`],
        // The socket needs no network.
        HostConfig: { Mounts: [{ Type: "bind", Source: socket.folder, Target: RUN_FOLDER, ReadOnly: true }] },
      });
      if (code === 0) return ok("reach", "A container reached the API through a socket in the home");
      log.debug(said);
      const last = said.trim().split("\n").at(-1) ?? "";
      const reason = last || `exit ${code}`;
      return fail("reach", `A container could not reach the API through a socket in the home: ${reason}`, fix);
    } finally {
      await socket.remove();
    }
  } catch (error) {
    return failWith("reach", error, fix);
  }
}

function healthOnly(upstream: Fetch): Fetch {
  return async (url, init) => {
    if (!PERMITTED.includes(new URL(url).pathname)) {
      throw new FlowctlError("forbidden", "Cannot ask for this: a probe may only ask how the API is");
    }
    const headers = new Headers(init?.headers);
    headers.delete(LEASE_HEADER);
    return await upstream(url, { ...init, headers });
  };
}
