/**
 * Values of a Docker runner's options as people write them: memory, CPUs, volumes.
 *
 * @module
 */

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
  /** `ro`, `z`, …; empty when none is given. */
  options: string;
}

const DRIVE = /^[A-Za-z]:[\\/]/;

/**
 * Takes `source:target[:options]` apart. A source of Windows may begin with a drive (`C:\data:/data:ro`).
 *
 * @throws FlowctlError `invalid`, with Prefect's words.
 */
export function parseVolume(text: string): VolumeSpec {
  const drive = DRIVE.test(text) ? 2 : 0;
  const at = text.indexOf(":", drive);
  const source = at === -1 ? "" : text.slice(0, at);
  const [target = "", ...options] = at === -1 ? [] : text.slice(at + 1).split(":");
  if (source === "" || !target.startsWith("/") || options.length > 1) {
    throw new FlowctlError(
      "invalid",
      `Invalid volume specification: expected format 'path:container_path', but got '${text}'`,
    );
  }
  return { source, target, options: options[0] ?? "" };
}

/** Whether a volume's source is a path and not a name. */
export const isHostPath = (source: string): boolean => /^[/\\.~]/.test(source) || DRIVE.test(source);
