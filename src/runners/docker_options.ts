/**
 * What a deployment's `create_options` may look like: the engine's create body in the engine's own spelling.
 *
 * The engine reads JSON as Go does, which takes `privileged` and even `Bindſ` for `Privileged` and `Binds`. What an agent does not
 * permit would get past it under such a name, so a name counts only as the engine's reference writes it. Pure.
 *
 * @module
 */

import type { JsonObject, JsonValue } from "../domain/common.ts";
import type { CreateContainerOptions } from "../docker/types.ts";
import { FlowctlError } from "../support/errors.ts";

/** Every name of the create body that flowctl reads, sets or guards, below whatever it stands. */
const NAMES = `
  AttachStderr AttachStdin AttachStdout Cmd Domainname Entrypoint Env ExposedPorts Healthcheck HostConfig Hostname Image Labels
  MacAddress NetworkDisabled NetworkingConfig OpenStdin StdinOnce StopSignal StopTimeout Tty User Volumes WorkingDir
  Annotations AutoRemove Binds BlkioWeight CapAdd CapDrop Cgroup CgroupParent CgroupnsMode ContainerIDFile CpuCount CpuPeriod
  CpuQuota CpuShares CpusetCpus CpusetMems DeviceCgroupRules DeviceRequests Devices Dns DnsOptions DnsSearch ExtraHosts GroupAdd
  Init IpcMode Isolation Links LogConfig MaskedPaths Memory MemoryReservation MemorySwap MemorySwappiness Mounts NanoCpus
  NetworkMode OomKillDisable OomScoreAdj PidMode PidsLimit PortBindings Privileged PublishAllPorts ReadonlyPaths ReadonlyRootfs
  RestartPolicy Runtime SecurityOpt ShmSize StorageOpt Sysctls Tmpfs UTSMode Ulimits UsernsMode VolumeDriver VolumesFrom
  BindOptions ClusterOptions Config Consistency DriverConfig EndpointsConfig ImageOptions MaximumRetryCount Name Options ReadOnly
  Source Target TmpfsOptions Type VolumeOptions
  CgroupPermissions PathInContainer PathOnHost Capabilities Count DeviceIDs Driver
`.trim().split(/\s+/);

/** As Go compares names: without case, and with the two letters elsewhere that it takes for ASCII ones. */
const folded = (name: string) => name.replaceAll("\u017f", "s").replaceAll("\u212a", "k").toLowerCase();
const BY_FOLD = new Map(NAMES.map((name) => [folded(name), name]));

/** Objects whose names are the user's own. What lies below them is the engine's again. */
const FREE = new Set([
  "Annotations",
  "Config",
  "DriverOpts",
  "EndpointsConfig",
  "ExposedPorts",
  "Labels",
  "Options",
  "PortBindings",
  "StorageOpt",
  "Sysctls",
  "Tmpfs",
  "Volumes",
]);

/** Nothing of the engine's is half as deep. */
const DEEPEST = 30;

/** What has a place of its own, or can't be had, and where to say it. */
const ELSEWHERE: Record<string, string> = {
  name: "A container is named after its run; name the run",
  Image: "Say it as: image",
  Entrypoint: "The image's own is kept; say what to run instead of a flow as: command",
  Cmd: "Say what to run instead of a flow as: command",
  "HostConfig.AutoRemove": "Say it as: autoRemove",
  "HostConfig.RestartPolicy": "A run is tried again by its flow: retries",
};

type Shape = "list of texts" | "list of objects" | "object" | "object of texts";

/** What flowctl itself reads, so that it can rely on it. All else the engine looks at. */
const SHAPES: Record<string, Shape> = {
  Env: "list of texts",
  Labels: "object of texts",
  HostConfig: "object",
  NetworkingConfig: "object",
  "NetworkingConfig.EndpointsConfig": "object",
  "HostConfig.Binds": "list of texts",
  "HostConfig.Mounts": "list of objects",
  "HostConfig.ExtraHosts": "list of texts",
  "HostConfig.LogConfig": "object",
};

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";

const FITS: Record<Shape, (value: unknown) => boolean> = {
  "list of texts": (value) => Array.isArray(value) && value.every(isText),
  "list of objects": (value) => Array.isArray(value) && value.every(isObject),
  "object": isObject,
  "object of texts": (value) => isObject(value) && Object.values(value).every(isText),
};

/**
 * Reads `create_options`. `null` counts as absent, as for the engine.
 *
 * @throws FlowctlError `invalid`, naming the option: in another spelling than the engine's, of another shape than flowctl can read,
 * or with a place elsewhere.
 *
 * @example
 * ```ts
 * import { readCreateOptions } from "./docker_options.ts";
 *
 * console.assert(readCreateOptions({ HostConfig: { ShmSize: 1e8 } }).HostConfig?.ShmSize === 1e8);
 * ```
 */
export function readCreateOptions(given: JsonObject | undefined): Partial<CreateContainerOptions> {
  const options = withoutNulls(given ?? {}, true);
  checkNames(options, "");
  for (const [path, shape] of Object.entries(SHAPES)) {
    const value = at(options, path);
    if (value !== undefined && !FITS[shape](value)) {
      const article = shape.startsWith("o") ? "an" : "a";
      throw refuse(path, `it is not ${article} ${shape}`, "See the create request of the Docker Engine API");
    }
  }
  for (const [path, hint] of Object.entries(ELSEWHERE)) {
    const value = at(options, path);
    const isHarmless = value === undefined || value === false ||
      (isObject(value) && ["", "no"].includes(String(value.Name)));
    if (!isHarmless) throw refuse(path, "flowctl says this itself", hint);
  }
  return options as Partial<CreateContainerOptions>;
}

const refuse = (path: string, why: string, hint?: string) =>
  new FlowctlError("invalid", `Cannot use create option "${path}": ${why}`, { hint });

/** Absent and null are the same to the engine; below the two levels that flowctl merges they stay as they are. */
function withoutNulls(object: JsonObject, isTop = false): JsonObject {
  const entries = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      isTop && (name === "HostConfig" || name === "NetworkingConfig") && isObject(value) ? withoutNulls(value) : value,
    ]),
  );
}

function checkNames(value: JsonValue | undefined, path: string, isFree = false, depth = 0): void {
  if (depth > DEEPEST) throw refuse(path.split(".", 3).join("."), "it is nested too deeply");
  if (Array.isArray(value)) return value.forEach((one) => checkNames(one, path, false, depth + 1));
  if (!isObject(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    const here = path === "" ? name : `${path}.${name}`;
    // The client's own, beside the body.
    const isOwn = path === "" && (name === "name" || name === "platform");
    const right = isFree || isOwn ? name : BY_FOLD.get(folded(name)) ?? name;
    if (right !== name) throw refuse(here, `the engine calls it "${right}"`);
    checkNames(inner, here, !isFree && FREE.has(name), depth + 1);
  }
}

function at(options: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = options;
  for (const name of path.split(".")) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}
