/**
 * Is there room on the engine's disk, where images, volumes and what containers write lie?
 *
 * Where engine and agent share a file system its folder is looked at; else a container looks, whose root lies on that disk.
 *
 * @module
 */

import { statfsSync } from "node:fs";
import { type Check, fail, failWith, ok, warn } from "./check.ts";
import { roomOf } from "./home.ts";
import { type ProbeOptions, runProbe } from "./probe.ts";

/** The binary's image or volume takes 120 MB. */
const LEAST_BYTES = 250e6;
/** What images and containers soon take. */
const SCARCE_BYTES = 2e9;

/** See the module's comment. @param isShared Whether paths of the engine are paths here. */
export async function checkDisk(options: ProbeOptions, isShared: boolean): Promise<Check> {
  const { DockerRootDir = "" } = options.info;
  try {
    const freeBytes = (isShared ? freeIn(DockerRootDir) : undefined) ?? await freeInContainer(options);
    return judgeDisk(DockerRootDir, freeBytes);
  } catch (error) {
    return failWith("disk", error, "See what the engine's log says");
  }
}

/** Decides; undefined when nobody could tell. */
export function judgeDisk(folder: string, freeBytes: number | undefined): Check {
  const where = folder === "" ? "The engine's disk" : `The engine's disk, at "${folder}",`;
  if (freeBytes === undefined) {
    return warn(
      "disk",
      `Nobody can tell how much room ${where.replace(/^The/, "the")} has`,
      "Look at it on its machine: df -h",
    );
  }
  const room = roomOf(freeBytes);
  const fix = "Free some space on the engine's machine, for example with: docker system prune";
  if (freeBytes < LEAST_BYTES) return fail("disk", `${where} is full: ${room} are free`, fix);
  if (freeBytes < SCARCE_BYTES) return warn("disk", `${where} is nearly full: ${room} are free`, fix);
  return ok("disk", `${where} has room (${room} free)`);
}

function freeIn(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** `doctor` in a container says of its home, which is a folder of the container's own, how much room there is. */
async function freeInContainer(options: ProbeOptions): Promise<number | undefined> {
  const { said } = await runProbe(options, { Cmd: ["doctor", "--only", "home", "-o", "json"] });
  const [, amount, unit] = /\b(\d+(?:\.\d+)?) ([GM]B)\b/.exec(said) ?? [];
  return amount === undefined ? undefined : Number(amount) * (unit === "GB" ? 1e9 : 1e6);
}
