/**
 * Values of a Docker runner's options as people write them: memory, CPUs, volumes.
 *
 * @module
 */

import { posix, win32 } from "node:path";
import { FlowctlError } from "../support/errors.ts";

/** Where the folder with the run's socket is mounted in a container. */
export const RUN_FOLDER = "/.flowctl-run";

const UNITS: Record<string, number> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const MEMORY = /^(\d+(?:\.\d+)?)\s*([bkmg]?)b?$/i;

/**
 * Bytes of a memory limit: a number of bytes, or a text as Docker takes it (`512m`, `1.5g`, `64kb`; units of 1024).
 *
 * @throws FlowctlError `invalid` for anything else, and for less than Docker's least, 6 MB.
 */
export function memoryBytes(memory: number | string): number {
  const match = MEMORY.exec(String(memory).trim());
  const bytes = match === null ? NaN : Math.floor(Number(match[1]) * (UNITS[match[2].toLowerCase()] ?? 1));
  if (!Number.isSafeInteger(bytes)) {
    throw new FlowctlError("invalid", `Cannot use memory ${JSON.stringify(memory)}: it is not an amount of memory`, {
      hint: 'Write bytes or a text like "512m" or "1.5g"',
    });
  }
  if (bytes < 6 * 1024 ** 2) {
    throw new FlowctlError("invalid", `Cannot use memory ${JSON.stringify(memory)}: the engine wants at least "6m"`);
  }
  return bytes;
}

/** CPUs in the engine's unit: 1.5 → 1,500,000,000. @throws FlowctlError `invalid` for less than 0.01. */
export function nanoCpus(cpus: number): number {
  if (!(cpus >= 0.01) || !Number.isFinite(cpus)) {
    throw new FlowctlError("invalid", `Cannot use cpus ${cpus}: the engine wants at least 0.01`);
  }
  return Math.round(cpus * 1e9);
}

/** A volume specification taken apart. */
export interface VolumeSpec {
  /** A path of the engine's host, or the name of a volume. */
  source: string;
  target: string;
  /** `ro`, `rw,z`, …; empty when none is given. */
  options: string;
}

const DRIVE = /^[A-Za-z]:[\\/]/;
const VOLUME_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]+$/;
const VOLUME_OPTION =
  /^(ro|rw|z|Z|nocopy|r?shared|r?slave|r?private|consistent|cached|delegated)(,(ro|rw|z|Z|nocopy|r?shared|r?slave|r?private|consistent|cached|delegated))*$/;

/**
 * Takes `source:target[:options]` apart. A source of Windows may begin with a drive (`C:\data:/data:ro`), and so may a target when
 * the engine's containers are Windows.
 *
 * @param os `OSType` of the engine
 * @throws FlowctlError `invalid`, with Prefect's words for a wrong form, or saying which part is wrong.
 */
export function parseVolume(text: string, os = "linux"): VolumeSpec {
  const afterDrive = (path: string) => DRIVE.test(path) ? 2 : 0;
  const at = text.indexOf(":", afterDrive(text));
  const source = at === -1 ? "" : text.slice(0, at);
  const rest = at === -1 ? "" : text.slice(at + 1);
  const end = rest.indexOf(":", os === "windows" ? afterDrive(rest) : 0);
  const target = end === -1 ? rest : rest.slice(0, end);
  const options = end === -1 ? "" : rest.slice(end + 1);
  const isAbsolute = target.startsWith("/") || (os === "windows" && DRIVE.test(target));
  if (source === "" || !isAbsolute || options.includes(":")) {
    throw new FlowctlError(
      "invalid",
      `Invalid volume specification: expected format 'path:container_path', but got '${text}'`,
    );
  }
  const refuse = (why: string, hint?: string) =>
    new FlowctlError("invalid", `Cannot use volume "${text}": ${why}`, { hint });
  if (end !== -1 && !VOLUME_OPTION.test(options)) {
    throw refuse(`"${options}" is no option of a volume`, "Options are ro and rw, and those of docker run -v");
  }
  if (!isHostPath(source) && !VOLUME_NAME.test(source)) {
    throw refuse(
      `"${source}" is neither a path nor the name of a volume`,
      `A path begins with / or ./, for example "./${source}"`,
    );
  }
  return { source, target, options };
}

/** Whether a volume's source is a path and not a name. */
export const isHostPath = (source: string): boolean => /^[/\\.~]/.test(source) || DRIVE.test(source);

/**
 * An agent's `--volume`, which may be a path alone, as for Prefect's agents: `/data` is `/data:/data`, and `C:\\data` is found at
 * `/c/data`. All else stays as it is.
 */
export function withTarget(text: string): string {
  if (/^\/[^:]*$/.test(text)) return `${text}:${text}`;
  if (!DRIVE.test(text) || text.includes(":", 2)) return text;
  return `${text}:/${text[0].toLowerCase()}${text.slice(2).replaceAll("\\", "/")}`;
}

/** Where an agent is; what `~` and relative paths mean. */
export interface VolumePlace {
  cwd: string;
  homedir: string;
  /** As `process.platform`. */
  platform: string;
}

/**
 * A volume as the engine takes it: `~/data:/data` begins with the home of the agent's user, `./data:/data` with the folder in which
 * the agent was started. On Windows `\\data` is on the drive of that folder, and a drive's path has neither `..` nor `/` left. All
 * else stays as it is.
 *
 * @throws FlowctlError see {@link parseVolume}; `invalid` also for `~somebody`
 */
export function bindOf(text: string, place: VolumePlace, os?: string): string {
  const { source, target, options } = parseVolume(text, os);
  const { resolve } = place.platform === "win32" ? win32 : posix;
  const join = (path: string) => [path, target, ...options === "" ? [] : [options]].join(":");
  if (/^~([/\\]|$)/.test(source)) return join(resolve(place.homedir, `.${source.slice(1)}`));
  if (source.startsWith("~")) {
    throw new FlowctlError(
      "invalid",
      `Cannot use volume "${text}": only "~" itself is known, the home of the agent's user`,
    );
  }
  const isOfWindows = place.platform === "win32" && (DRIVE.test(source) || /^\\(?![\\/])/.test(source));
  return source.startsWith(".") || isOfWindows ? join(resolve(place.cwd, source)) : text;
}
