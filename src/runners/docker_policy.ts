/**
 * What an agent permits: a deployment may ask for anything, the agent decides on the final create body.
 *
 * Options that give a container power over its host need `--allow NAME`. The engine's socket and the home of flowctl are never
 * handed in: either one is the whole machine, or every other run.
 *
 * @module
 */

import { posix } from "node:path";
import type { CreateContainerOptions, HostConfig } from "../docker/types.ts";
import { FlowctlError } from "../support/errors.ts";
import { isHostPath, parseVolume, RUN_FOLDER } from "./docker_values.ts";

const filledList = (value: unknown) => Array.isArray(value) && value.length > 0;
const isForeign = (mode: unknown) => typeof mode === "string" && /^(host$|container:)/.test(mode);

/** What needs to be allowed: its name for `--allow`, and when a body asks for it. */
const GUARDED = {
  "privileged": (host) => host.Privileged === true,
  "devices": (host) =>
    filledList(host.Devices) || filledList(host.DeviceRequests) || filledList(host.DeviceCgroupRules) ||
    localVolumes(host).some(({ device = "" }) => posix.normalize(device).startsWith("/dev/")),
  "cap-add": (host) => filledList(host.CapAdd),
  "host-pid": (host) => isForeign(host.PidMode),
  "host-ipc": (host) => isForeign(host.IpcMode),
  "host-uts": (host) => isForeign(host.UTSMode),
  "host-userns": (host) => isForeign(host.UsernsMode),
  "host-cgroup": (host) => isForeign(host.CgroupnsMode) || !!host.CgroupParent,
  "security-opt": (host) =>
    filledList(host.SecurityOpt) || host.MaskedPaths !== undefined || host.ReadonlyPaths !== undefined,
  // Volumes of another run's container, its socket to the API among them.
  "volumes-from": (host) => filledList(host.VolumesFrom),
  "runtime": (host) => !!host.Runtime,
} as const satisfies Record<string, (host: HostConfig) => boolean>;

/** A name that `--allow` takes. */
export type AllowOption = keyof typeof GUARDED;

/** All names that `--allow` takes. */
export const ALLOW_OPTIONS: readonly AllowOption[] = Object.keys(GUARDED) as AllowOption[];

/** What {@link enforcePolicy} goes by. */
export interface Policy {
  allow: ReadonlySet<AllowOption>;
  /** Paths of the host that can't be mounted, nor anything above or below them. */
  forbidden: readonly string[];
  /** Follows links of the host; the path itself when it does not exist. */
  resolve: (path: string) => string;
  /** `OSType` of the engine; default `linux`. */
  os?: string;
}

/**
 * Refuses a body that asks for more than is permitted.
 *
 * @throws FlowctlError `forbidden`, naming the option and, when there is a way, how to allow it.
 */
export function enforcePolicy(body: CreateContainerOptions, { allow, forbidden, resolve, os }: Policy): void {
  const host = body.HostConfig ?? {};
  for (const name of ALLOW_OPTIONS) {
    if (!GUARDED[name](host) || allow.has(name)) continue;
    throw new FlowctlError("forbidden", `Cannot use option "${name}": this agent does not allow it`, {
      hint: `Start the agent with: --allow ${name}`,
    });
  }
  const names = forbidden.some(isOfDrive) ? namesOnWindows : namesOnPosix;
  const hidden = forbidden.flatMap((path) => [...names(path), ...names(resolve(path))]);
  for (const source of mountedPaths(host, os)) {
    const paths = [...names(source), ...names(resolve(source))];
    const found = hidden.find((secret) => paths.some((path) => isWithin(secret, path) || isWithin(path, secret)));
    if (found === undefined) continue;
    throw new FlowctlError("forbidden", `Cannot mount "${source}" into a container: "${found}" would be in its hands`, {
      hint: "Mount a folder that neither holds it nor lies in it",
    });
  }
}

const isOfDrive = (path: string): boolean => /^[A-Za-z]:[\\/]/.test(path);
const namesOnPosix = (path: string): string[] => [posix.normalize(path.replace(/(.)\/+$/, "$1"))];

/** By which the engine of Docker Desktop, a Linux beside this Windows, knows `C:\\`. */
const DRIVES = ["/", "/mnt/", "/host_mnt/", "/mnt/host/", "/run/desktop/mnt/host/"];

/** All names of a path where case and the direction of slashes do not count, and the engine has names of its own for drives. */
function namesOnWindows(path: string): string[] {
  const plain = posix.normalize(path.toLowerCase().replaceAll("\\", "/")).replace(/(.)\/+$/, "$1");
  const [, drive, rest] = /^([a-z]):(.*)$/.exec(plain) ?? [];
  return drive === undefined
    ? [plain]
    : [plain, ...DRIVES.map((above) => `${above}${drive}${rest}`.replace(/\/$/, ""))];
}

/** Whether `inner` is `outer` or lies below it. */
function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
}

/** Every path of the host that a body mounts: binds, mounts, and local volumes that are a bind in disguise. */
function mountedPaths(host: HostConfig, os?: string): string[] {
  const binds = (host.Binds ?? []).map((bind) => parseVolume(bind, os).source);
  // The run's own socket lies in the home; nobody else may use that target.
  const mounts = (host.Mounts ?? []).filter(({ Target }) => Target !== RUN_FOLDER)
    .map(({ Type, Source }) => Type === "bind" || Type === "npipe" ? Source ?? "/" : "");
  // The layers of an overlay stand among its options.
  const volumes = localVolumes(host).flatMap(({ device = "", o = "" }) => [device, ...o.split(/[,:=]/)]);
  return [...binds, ...mounts, ...volumes].filter(isHostPath);
}

/** What the volumes that a body makes are mounted from: the options of the engine's own driver. */
function localVolumes(host: HostConfig): Record<string, string | undefined>[] {
  return (host.Mounts ?? []).map((mount) => {
    const volume = mount.VolumeOptions as { DriverConfig?: { Options?: Record<string, unknown> } } | undefined;
    const options = Object.entries(volume?.DriverConfig?.Options ?? {});
    return Object.fromEntries(options.map(([name, value]) => [name.toLowerCase(), String(value)]));
  });
}
