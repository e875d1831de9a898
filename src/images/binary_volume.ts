/**
 * The volume by which flowctl comes into any image: binary, loader and libraries, mounted read-only at `/.flowctl`.
 *
 * It is filled once per engine and binary, through a container that is created but never started. The copy of the binary names
 * `/.flowctl/ld.so` as its loader, so it runs in busybox, Debian and `FROM scratch` alike; it has to be started with
 * `LD_LIBRARY_PATH=/.flowctl`, which it takes out of its environment before anything else runs.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import { type TarEntry, tarOf } from "../docker/tar.ts";
import { interpreterPatch, patchedFile, readElf } from "../support/elf.ts";
import { isFlowctlError } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import { BINARY_LABEL } from "./default_image.ts";
import { findLibraries, libraryEntry, type LibrarySet, type LibrarySource } from "./libraries.ts";
import type { HashedExecutable } from "./linux_executable.ts";

/** Where the volume is mounted. */
export const BINARY_FOLDER = "/.flowctl";
/** The last file that is written: a volume without it was filled half. */
const COMPLETE = "complete";

/** See {@link ensureBinaryVolume}. */
export interface BinaryVolumeOptions {
  docker: Docker;
  version: string;
  executable: HashedExecutable;
  /** Where its libraries come from when this host has none. */
  libraries?: LibrarySource;
  /** Any image that is there; a container of it carries the files in, and is never started. */
  image: string;
  /** Labels of volume and container, by which they are known as ours. */
  labels: Record<string, string>;
  /** Labels of the container alone; by default those of the volume. */
  carrierLabels?: Record<string, string>;
  log: Log;
}

const filled = new WeakMap<Docker, Map<string, Promise<string>>>();

/** `flowctl-<version>-<first 12 digits of the hash>`. */
export const binaryVolumeName = (version: string, sha256: string): string =>
  `flowctl-${version}-${sha256.slice(0, 12)}`;

/**
 * Sees to it that the engine has the volume of this binary, and answers its name. Whether it is whole is
 * checked once per process, whether it is there each time.
 *
 * @throws FlowctlError of the engine, or `unsupported` when nobody has one of the binary's libraries.
 */
export async function ensureBinaryVolume(options: BinaryVolumeOptions): Promise<string> {
  const { docker, version, executable } = options;
  const name = binaryVolumeName(version, executable.sha256);
  let known = filled.get(docker);
  if (known === undefined) filled.set(docker, known = new Map());
  let fill = known.get(name);
  if (fill === undefined) known.set(name, fill = fillVolume(name, options));
  try {
    await fill;
    // Another installation on this engine may have made it, and may have taken it away since.
    if (await isThere(docker, name)) return name;
    // All that noticed it together fill it once.
    if (known.get(name) === fill) known.set(name, fillVolume(name, options));
    return await known.get(name)!;
  } catch (error) {
    known.delete(name);
    throw error;
  }
}

async function isThere(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getVolume(name).inspect();
    return true;
  } catch (error) {
    if (isFlowctlError(error, "not_found")) return false;
    throw error;
  }
}

/** Forgets that a volume was filled: somebody may have removed it. */
export function forgetBinaryVolume(docker: Docker): void {
  filled.delete(docker);
}

async function fillVolume(
  name: string,
  { docker, executable, libraries, image, labels, carrierLabels = labels, log }: BinaryVolumeOptions,
): Promise<string> {
  const marked = { ...labels, [BINARY_LABEL]: executable.sha256 };
  await docker.createVolume({ Name: name, Labels: marked });
  const carrier = await docker.createContainer({
    Image: image,
    Entrypoint: [`${BINARY_FOLDER}/flowctl`],
    Cmd: ["version"],
    Labels: { ...carrierLabels, [BINARY_LABEL]: executable.sha256 },
    NetworkDisabled: true,
    HostConfig: { Binds: [`${name}:${BINARY_FOLDER}`] },
  });
  try {
    if (!await isComplete(carrier)) {
      log.info(`Filling volume '${name}' from '${executable.path}'...`);
      const set = await findLibraries(executable.path, libraries);
      await carrier.putArchive(tarOf(binaryVolumeEntries(executable.path, set)), { path: BINARY_FOLDER });
      log.info(`Filled volume '${name}'`);
    }
  } finally {
    // Not `v`: the volume has a name and must stay.
    await carrier.remove({ force: true });
  }
  return name;
}

async function isComplete(carrier: Awaited<ReturnType<Docker["createContainer"]>>): Promise<boolean> {
  try {
    await (await carrier.getArchive({ path: `${BINARY_FOLDER}/${COMPLETE}` })).cancel();
    return true;
  } catch (error) {
    if (isFlowctlError(error, "not_found")) return false;
    throw error;
  }
}

/** What is in the volume; `complete` comes last. */
export function binaryVolumeEntries(
  executable: string,
  { loader, libraries, certificates }: LibrarySet,
): TarEntry[] {
  const elf = readElf(executable);
  const patch = interpreterPatch(elf, `${BINARY_FOLDER}/ld.so`);
  return [
    { path: "flowctl", stream: patchedFile(executable, patch), size: elf.size, mode: 0o755 },
    ...loader === undefined ? [] : [libraryEntry(loader, "ld.so")],
    ...libraries.map((file) => libraryEntry(file, file.name)),
    ...certificates === undefined ? [] : [libraryEntry(certificates, "ca-certificates.crt")],
    { path: COMPLETE, content: "" },
  ];
}
