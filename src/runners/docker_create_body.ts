/**
 * From a claim to the body of `POST /containers/create`. Pure: what it needs of the world comes in by argument.
 *
 * @module
 */

import { posix } from "node:path";
import type { CreateContainerOptions, HostConfig, Mount } from "../docker/types.ts";
import type { Claim } from "../domain/agents.ts";
import { DockerRunnerConfig } from "../domain/flow_runners.ts";
import { plainEnv } from "../domain/secrets.ts";
import { FlowctlError } from "../support/errors.ts";
import { containerSlug } from "../support/slug.ts";
import { type ContainerApi, containerApi } from "./api_way.ts";
import { networkingOf } from "./docker_networks.ts";
import { readCreateOptions } from "./docker_options.ts";
import {
  bindOf,
  memoryBytes,
  nanoCpus,
  parseVolume,
  RUN_FOLDER,
  type VolumePlace,
  withTarget,
} from "./docker_values.ts";
import { attemptEnvironment, LABELS } from "./runner.ts";

/** The file in the run's folder that holds the lease's token, where the API is reached by URL. */
export const TOKEN_NAME = "token";

const RESERVED = ["/.flowctl", RUN_FOLDER];

/** See {@link createBody}. */
export interface CreateBodyInput {
  claim: Claim;
  /** The image to start, see `docker_images.ts`. */
  image: string;
  /** Name of the volume with the binary, for images that are not the default one. */
  binaryVolume?: string;
  /** How to start the program, when not as the image or the volume says. */
  entrypoint?: string[];
  /** Whether the engine's init is the first process; true by default. Where it has none, flowctl is. */
  init?: boolean;
  /** The image's own `LD_LIBRARY_PATH`, which what the program starts shall have. */
  libraryPath?: string;
  /** Names of variables that the image sets and the program must not see. */
  unset?: readonly string[];
  /** Folder on the host that holds the run's `api.sock`. */
  socketFolder: string;
  /** Whether the agent hands in how to ask an npm registry. */
  installs?: boolean;
  /** Where no socket can be mounted: the addresses of the API, see `api_way.ts`. */
  byUrl?: { apiUrl: string; given?: string };
  /** The agent's `--network`. */
  networks?: readonly string[];
  /** The agent's `--volume`; a deployment's own volume at the same place goes before it. */
  volumes?: readonly string[];
  /** The agent's `--env`; a deployment's own values go before it. */
  env?: Readonly<Record<string, string>>;
  /** What `~` and relative paths of volumes mean. */
  place?: VolumePlace;
  /** `OSType` of the engine; default `linux`. */
  os?: string;
  agentId: string;
  installation: string;
}

/** The Docker options of a claim's deployment. */
export function dockerConfig({ deployment }: Claim): DockerRunnerConfig {
  if (deployment.flow_runner?.type === "docker") return deployment.flow_runner.config;
  return DockerRunnerConfig.parse({});
}

/** The container's name without a suffix: the run's name, as Docker accepts it. */
export const containerName = ({ flow_run }: Claim): string => containerSlug(flow_run.name, flow_run.id);

/**
 * The create body. `create_options` is merged over what the other options say; what makes the container ours (labels, socket,
 * program, log driver's readability, no automatic removal) comes last and stands.
 *
 * @throws FlowctlError `invalid` for values that the engine would not understand, see `docker_options.ts` too.
 */
export function createBody(input: CreateBodyInput): CreateContainerOptions {
  const { claim, image, binaryVolume, socketFolder } = input;
  const config = dockerConfig(claim);
  const given = readCreateOptions(config.create_options);
  const { HostConfig: _host, ...rest } = given;
  const networks = networkingOf(config, input.networks);
  const host = hostConfig(config, given.HostConfig ?? {}, networks.mode, input);
  const isFlow = config.command === undefined;
  const entrypoint = input.entrypoint ?? (binaryVolume === undefined ? undefined : ["/.flowctl/flowctl"]);
  const api = apiOf(input, isFlow, host.NetworkMode);
  if (api !== undefined && api.extraHosts.length > 0) host.ExtraHosts = [...host.ExtraHosts ?? [], ...api.extraHosts];

  const mounts: Mount[] = [
    // The folder and not the socket: a mounted file would go stale when the agent is restarted. Connecting needs no writing.
    ...input.byUrl === undefined
      ? [{ Type: "bind", Source: socketFolder, Target: RUN_FOLDER, ReadOnly: true } satisfies Mount]
      // The file with the token is put there; a root that is read-only takes no file, a volume without a name does. What is handed
      // in for npm must be in no layer.
      : host.ReadonlyRootfs || input.installs
      ? [{ Type: "volume", Target: RUN_FOLDER } satisfies Mount]
      : [],
    ...binaryVolume === undefined
      ? []
      : [{ Type: "volume", Source: binaryVolume, Target: "/.flowctl", ReadOnly: true } satisfies Mount],
  ];
  return {
    ...networks.names.length === 0
      ? {}
      : { NetworkingConfig: { EndpointsConfig: Object.fromEntries(networks.names.map((name) => [name, {}])) } },
    ...rest,
    Image: image,
    ...isFlow
      ? { ...entrypoint === undefined ? {} : { Entrypoint: entrypoint }, Cmd: ["flow-run", "execute"] }
      : { ...entrypoint === undefined ? {} : { Entrypoint: entrypoint }, Cmd: config.command },
    // An image's own stop signal may be one that the program does not know.
    ...isFlow ? { StopSignal: "SIGTERM" } : {},
    Env: environment(input, config, given.Env ?? [], api),
    Labels: labels(input, config, given.Labels ?? {}),
    HostConfig: {
      ...host,
      Mounts: [...host.Mounts ?? [], ...mounts],
      // Removal and restarts are the agent's: it has to read exit code and output first.
      AutoRemove: false,
      RestartPolicy: { Name: "no" },
    },
  };
}

/** The API's address in the container; undefined for a command that can't have one. */
function apiOf({ byUrl }: CreateBodyInput, isFlow: boolean, mode: string | undefined): ContainerApi | undefined {
  if (byUrl === undefined) return { url: `unix://${RUN_FOLDER}/api.sock`, extraHosts: [] };
  try {
    return containerApi(byUrl.apiUrl, mode, byUrl.given);
  } catch (error) {
    if (isFlow) throw error;
    return undefined;
  }
}

function hostConfig(
  config: DockerRunnerConfig,
  given: HostConfig,
  mode: string | undefined,
  { place, os, init = true, volumes = [] }: CreateBodyInput,
): HostConfig {
  const { Binds: givenBinds = [], Mounts: givenMounts = [], ExtraHosts = [], ...rest } = given;
  const own = [...config.volumes, ...givenBinds];
  const taken = new Set([
    ...own.map((text) => parseVolume(text, os).target),
    ...givenMounts.map(({ Target }) => Target),
  ]);
  const ofAgent = volumes.map(withTarget).filter((text) => !taken.has(parseVolume(text, os).target));
  const Binds = [...ofAgent, ...own].map((text) => place === undefined ? text : bindOf(text, place, os));
  for (
    const target of [
      ...Binds.map((bind) => parseVolume(bind, os).target),
      ...givenMounts.map(({ Target }) => Target),
    ]
  ) {
    const clean = posix.normalize(`/${target}/`);
    if (!RESERVED.some((one) => clean.startsWith(`${one}/`))) continue;
    throw new FlowctlError("invalid", `Cannot mount a volume at "${target}": the place is reserved for flowctl`);
  }
  return {
    // As PID 1 a program ignores signals that it has no handler for, and nobody reaps its orphans.
    ...init ? { Init: true } : {},
    LogConfig: { Type: "json-file" },
    ...mode === undefined ? {} : { NetworkMode: mode },
    ...config.memory === undefined ? {} : { Memory: memoryBytes(config.memory) },
    ...config.cpus === undefined ? {} : { NanoCpus: nanoCpus(config.cpus) },
    ...config.privileged ? { Privileged: true } : {},
    ...rest,
    ...Binds.length === 0 ? {} : { Binds },
    ...givenMounts.length === 0 ? {} : { Mounts: givenMounts },
    ...ExtraHosts.length === 0 ? {} : { ExtraHosts },
  };
}

function environment(
  { claim, binaryVolume, entrypoint, libraryPath, unset = [], byUrl, env: ofAgent }: CreateBodyInput,
  config: DockerRunnerConfig,
  given: string[],
  api: ContainerApi | undefined,
) {
  // Secrets are read inside, by the program: whoever may ask the engine can read this.
  const env = new Map(Object.entries({ ...ofAgent, ...plainEnv(config.env) }));
  const removed = new Set(unset);
  for (const pair of given) {
    const at = pair.indexOf("=");
    if (at > 0) env.set(pair.slice(0, at), pair.slice(at + 1));
    // The engine takes such a variable of the image away.
    else if (at < 0 && pair !== "") removed.add(pair);
    else throw new FlowctlError("invalid", `Cannot use create option "Env": ${JSON.stringify(pair)} is no variable`);
  }
  // From the volume, or put there by a build.
  if (binaryVolume !== undefined || entrypoint?.[0]?.startsWith("/.flowctl/")) {
    // flowctl takes it out of its environment before anything of the user runs.
    env.set("LD_LIBRARY_PATH", ["/.flowctl", env.get("LD_LIBRARY_PATH") ?? libraryPath].filter(Boolean).join(":"));
  }
  for (const [name, value] of Object.entries(attemptEnvironment(claim, api?.url ?? ""))) env.set(name, value);
  if (api === undefined) env.delete("FLOWCTL_API_URL");
  // The file and not the token: everybody who may ask the engine can read a container's environment.
  if (byUrl !== undefined) env.set("FLOWCTL_LEASE_TOKEN_FILE", `${RUN_FOLDER}/${TOKEN_NAME}`);
  for (const name of ["BUN_OPTIONS", "BUN_BE_BUN"]) env.delete(name);
  // Without "=" the engine takes a variable of the image away.
  return [...[...env].map(([name, value]) => `${name}=${value}`), ...[...removed].filter((name) => !env.has(name))];
}

function labels(
  { claim, agentId, installation }: CreateBodyInput,
  config: DockerRunnerConfig,
  given: Record<string, string>,
): Record<string, string> {
  return {
    ...config.labels,
    ...given,
    [LABELS.prefectFlowRun]: claim.flow_run.id,
    [LABELS.installation]: installation,
    [LABELS.agent]: agentId,
    [LABELS.flowRun]: claim.flow_run.id,
    [LABELS.lease]: claim.lease.id,
    [LABELS.attempt]: String(claim.lease.attempt),
    [LABELS.autoRemove]: String(config.auto_remove),
    [LABELS.streamOutput]: String(config.stream_output),
    [LABELS.command]: String(config.command !== undefined),
  };
}
