/**
 * Can a run's socket be mounted into a container, and the API be reached through it? Or by URL, where that is the way? Tried with a
 * container of the default image.
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import type { EngineInfo } from "../../docker/types.ts";
import type { Fetch } from "../../client/transport.ts";
import { defaultImage } from "../../domain/flow_runners.ts";
import { LEASE_HEADER } from "../../domain/agents.ts";
import { ensureDefaultImage } from "../../images/default_image.ts";
import { containerApi } from "../../runners/api_way.ts";
import { binaryOf, type Program } from "../../runners/docker_images.ts";
import { ApiReach } from "../../runners/docker_reach.ts";
import { RUN_FOLDER } from "../../runners/docker_values.ts";
import { PROBE_LABEL } from "../../runners/left_behind.ts";
import { LABELS } from "../../runners/runner.ts";
import type { Clock } from "../../support/clock.ts";
import { FlowctlError } from "../../support/errors.ts";
import type { Log } from "../../support/log.ts";
import { openIdentity, readIdentity } from "../identity.ts";
import { openRunSocket } from "../run_socket.ts";
import { type Check, fail, failWith, ok, warn } from "./check.ts";

/** See {@link checkSocket}. */
export interface SocketOptions {
  docker: Docker;
  home: string;
  program: Program;
  apiUrl: string;
  upstream: Fetch;
  /** Whether the API is in this very process, and reached by no URL. */
  isEphemeral?: boolean;
  /** `FLOWCTL_API_WAY`. */
  apiWay?: "socket" | "url";
  /** `FLOWCTL_CONTAINER_API_URL`. */
  containerApiUrl?: string;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** What the probe may ask for; it is nobody's attempt. */
const PERMITTED = ["/api/health", "/api/admin/version"];

/** See the module's comment. The container is removed in any case; the image stays, for runs need it. */
export async function checkSocket(options: SocketOptions): Promise<Check> {
  const { docker, log, apiUrl } = options;
  const info = await docker.info({ signal: options.signal });
  const reach = new ApiReach({ docker, way: options.apiWay, given: options.containerApiUrl });
  if (reach.byUrl({ apiUrl }, info) !== undefined) return await checkUrl(options, info, reach);
  const fix = whatToDo(docker.address, info.SecurityOptions ?? []);
  try {
    const { code, said } = await probe(options, info);
    if (code === 0) return ok("socket", "A container reached the API through a socket in the home");
    log.debug(said);
    const last = said.trim().split("\n").at(-1) ?? "";
    return fail(
      "socket",
      `A container could not reach the API through a socket in the home: ${last || `exit ${code}`}`,
      fix,
    );
  } catch (error) {
    return failWith("socket", error, fix);
  }
}

/** The same for an agent whose containers reach the API by URL. */
async function checkUrl(options: SocketOptions, info: EngineInfo, reach: ApiReach): Promise<Check> {
  const { apiUrl, isEphemeral = false, containerApiUrl, clock, signal } = options;
  const why = reach.reason(info);
  if (isEphemeral) {
    const said = `Containers can't reach an API that is in a process of this machine: ${why}`;
    return warn("socket", said, "Start a server with: flowctl orion start");
  }
  const fix = "Set FLOWCTL_CONTAINER_API_URL to an address of the API that containers reach";
  try {
    const { url, extraHosts } = containerApi(apiUrl, undefined, containerApiUrl);
    const { name, ours } = await readyImage(options, info);
    const body = { Image: name, Env: [`FLOWCTL_API_URL=${url}`], Labels: ours, HostConfig: { ExtraHosts: extraHosts } };
    await reach.check(body, name, clock, signal);
    return ok("socket", `A container reached the API at "${url}": no socket is mounted, since ${why}`);
  } catch (error) {
    return failWith("socket", error, fix);
  }
}

async function readyImage({ docker, home, program, log, signal }: SocketOptions, info: EngineInfo) {
  const { installation } = identityOf(home);
  const ours = { [LABELS.installation]: installation };
  const name = defaultImage(program.version, program.runtime);
  const binary = await binaryOf(program.version, { info, program, home, log, signal });
  const { libraries } = binary;
  await ensureDefaultImage({ docker, name, executable: binary, libraries, labels: ours, log });
  return { name, ours };
}

async function probe(options: SocketOptions, info: EngineInfo): Promise<{ code: number; said: string }> {
  const { docker, home, apiUrl, clock, signal } = options;
  const { name, ours } = await readyImage(options, info);
  const leaseId = `probe-${crypto.randomUUID().slice(0, 8)}`;
  const socket = await openRunSocket({ home, leaseId, token: "none", apiUrl, upstream: healthOnly(options.upstream) });
  try {
    const container = await docker.createContainer({
      Image: name,
      Cmd: ["doctor", "--only", "api"],
      Env: [`FLOWCTL_API_URL=unix://${RUN_FOLDER}/api.sock`],
      Labels: { ...ours, [PROBE_LABEL]: clock.now().toString() },
      HostConfig: {
        Init: true,
        LogConfig: { Type: "json-file" },
        // The socket needs no network.
        NetworkMode: "none",
        Mounts: [{ Type: "bind", Source: socket.folder, Target: RUN_FOLDER, ReadOnly: true }],
      },
    }, { signal });
    try {
      await container.start({ signal });
      const { StatusCode } = await container.wait({ signal });
      const lines: string[] = [];
      for await (const { line } of container.logs({ tty: false, signal })) lines.push(line);
      return { code: StatusCode, said: lines.join("\n") };
    } finally {
      // Not bound to the signal, which may be why it ends.
      await container.remove({ force: true, v: true });
    }
  } finally {
    await socket.remove();
  }
}

/** The id of the home, made when nobody needed it before. */
function identityOf(home: string): { installation: string } {
  const known = readIdentity(home);
  if (known !== undefined) return known;
  const made = openIdentity(home);
  made.release();
  return made;
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

/** The likely reason, by what is known of the engine. */
function whatToDo(address: string, security: readonly string[]): string {
  if (!/^(unix|npipe):/.test(address)) {
    return "Run the agent on the engine's own machine: a socket can't be mounted from here";
  }
  if (security.some((one) => one.includes("selinux"))) {
    return "Permit containers the home's sockets: chcon -Rt container_file_t on the home, or an SELinux policy";
  }
  if (security.some((one) => /rootless|userns/.test(one))) {
    return "Run the agent as the user that the engine runs as, with FLOWCTL_HOME in a folder of theirs";
  }
  return "Set FLOWCTL_HOME to a folder on a disk of the engine's own machine";
}
