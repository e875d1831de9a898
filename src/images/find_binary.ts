/**
 * Which binary of flowctl a run gets: of the version that made its deployment when it can be had, else a compatible one.
 *
 * In this order of fit: the agent's own executable, the server's, `FLOWCTL_LINUX_BINARY`, `dist/flowctl` of the source. A binary that
 * was downloaded stays in the home and is used as long as the server has no other one.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import { unlessAborted } from "../support/abort.ts";
import { isElfOf } from "../support/elf.ts";
import type { Log } from "../support/log.ts";
import type { Environment } from "../support/paths.ts";
import { onShelf, putOnShelf, shelfPath, targetOf, versionsOnShelf } from "./binaries.ts";
import type { LibrarySource, PackedLibraries } from "./libraries.ts";
import { findLinuxExecutable, type HashedExecutable, hashExecutable } from "./linux_executable.ts";

/** Where binaries of other versions and systems come from: the server. */
export interface BinarySource {
  /** SHA-256 of its binary; undefined when it has none. @throws FlowctlError when it can't be asked */
  hash(version: string, target: string): Promise<string | undefined>;
  /** The binary itself and its SHA-256. @throws FlowctlError when it can't be had */
  read(version: string, target: string): Promise<{ content: ReadableStream<Uint8Array>; sha256: string }>;
  /** What the binary needs around it; undefined when it has none. @throws FlowctlError when it can't be asked */
  libraries(version: string, target: string): Promise<PackedLibraries | undefined>;
}

/** See {@link findBinary}. */
export interface FindBinaryOptions {
  /** The version that made the deployment; absent when nobody said. */
  wanted?: string;
  /** The agent's version. */
  version: string;
  /** The engine's architecture, as Docker names it. */
  architecture: string;
  /** This process's executable, when it is the compiled binary. */
  own?: string;
  env: Environment;
  sourceFolder?: string;
  home: string;
  source?: BinarySource;
  log: Log;
  signal: AbortSignal;
}

/** A binary and the version that it is of. */
export interface FoundBinary extends HashedExecutable {
  version: string;
  /** Where its libraries come from when this host has none. */
  libraries?: LibrarySource;
}

/** Whether a flow of one version runs with the binary of another: the same major and minor number. */
export function isCompatible(wanted: string, version: string): boolean {
  const minor = (text: string) => /^\d+\.\d+(?=\.)/.exec(text)?.[0];
  return minor(wanted) !== undefined && minor(wanted) === minor(version);
}

// By home, version and target: a download is shared, and a binary that was had from the server is not asked for again.
const downloads = new Map<string, Promise<HashedExecutable | undefined>>();

/**
 * Finds it.
 *
 * @throws FlowctlError `unsupported` when there is none for that architecture, or none that is compatible.
 */
export async function findBinary(options: FindBinaryOptions): Promise<FoundBinary> {
  const found = await findIt(options);
  const { source, architecture, log } = options;
  const target = targetOf(architecture);
  if (source === undefined || target === undefined) return found;
  return {
    ...found,
    libraries() {
      log.info(`Asking the server for the libraries of flowctl ${found.version} for ${target}...`);
      return source.libraries(found.version, target);
    },
  };
}

async function findIt(options: FindBinaryOptions): Promise<FoundBinary> {
  const { version, wanted = version, architecture, home, log } = options;
  if (wanted === version) return { version, ...await ofThisVersion(options) };
  const exact = await download(wanted, options);
  if (exact !== undefined) return { version: wanted, ...exact };
  let reason: unknown;
  if (isCompatible(wanted, version)) {
    try {
      const found = { version, ...await ofThisVersion(options) };
      log.info(`Using flowctl ${version} for a deployment of ${wanted}: nobody has that version`);
      return found;
    } catch (error) {
      reason = error;
    }
  }
  const target = targetOf(architecture);
  const others = target === undefined ? [] : versionsOnShelf(home, target);
  for (const other of others.filter((one) => isCompatible(wanted, one)).sort(byPatch).reverse()) {
    const found = await onShelf(home, other, target!);
    if (found !== undefined) return { version: other, ...found };
  }
  throw new FlowctlError(
    "unsupported",
    `Cannot run a deployment of flowctl ${wanted} with flowctl ${version}: no binary of ${wanted} can be had`,
    {
      hint: `Create the deployment again with: flowctl deployment create PATH. Or put that binary at ` +
        `"${shelfPath(home, wanted, target ?? architecture)}"`,
      cause: reason,
    },
  );
}

const byPatch = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

async function ofThisVersion(options: FindBinaryOptions): Promise<HashedExecutable> {
  const { own, architecture, version, home } = options;
  if (own !== undefined && isElfOf(own, architecture)) return await hashExecutable(own, home);
  return await download(version, options) ?? await hashExecutable(findLinuxExecutable(options), home);
}

/** The server's binary, else the one that was had from it before; undefined when there is none. */
async function download(version: string, options: FindBinaryOptions): Promise<HashedExecutable | undefined> {
  const { architecture, home, signal } = options;
  const target = targetOf(architecture);
  if (target === undefined) return undefined;
  const key = `${home}\0${version}\0${target}`;
  let running = downloads.get(key);
  if (running === undefined) {
    downloads.set(key, running = fetchBinary(version, target, options));
    running.then((found) => found ?? downloads.delete(key), () => downloads.delete(key));
  }
  const found = await unlessAborted(running, signal);
  if (found === undefined || existsSync(found.path)) return found;
  // Somebody tidied the home.
  if (downloads.get(key) === running) downloads.delete(key);
  return await download(version, options);
}

async function fetchBinary(
  version: string,
  target: string,
  { home, source, log }: FindBinaryOptions,
): Promise<HashedExecutable | undefined> {
  const kept = await onShelf(home, version, target);
  if (source === undefined) return kept;
  try {
    const sha256 = await source.hash(version, target);
    if (sha256 === undefined || sha256 === kept?.sha256) return kept;
    log.info(`Downloading flowctl ${version} for ${target} from the server...`);
    const answer = await source.read(version, target);
    const found = await putOnShelf(home, version, target, answer.content, answer.sha256);
    log.info(`Downloaded flowctl ${version} to '${found.path}'`);
    return found;
  } catch (error) {
    // Older servers do not know the question; what breaks off is asked for again with the next run.
    if (!isFlowctlError(error, "not_found")) log.warning(messageOf(error));
    return kept;
  }
}
