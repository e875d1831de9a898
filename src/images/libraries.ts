/**
 * What a Linux binary needs around it in a container: loader, libraries, certificates of authorities.
 *
 * A Linux host has them itself. Any other (Windows, macOS, another architecture) gets them from the server as one archive, which is
 * kept beside the binary as `<binary>.libraries.tar`; an operator may put one there, too.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type TarEntry, tarOf, untar } from "../docker/tar.ts";
import { readElf } from "../support/elf.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { hostCertificates, hostLibraries } from "../support/host_libraries.ts";
import { readAll } from "../support/streams.ts";

/** Where an image has its certificates, and by which name an archive of libraries has them. */
export const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** A file of this host, or one that came from elsewhere. */
export type LibraryFile =
  & {
    /** What it is asked for by, for example `libc.so.6`. */
    name: string;
    /** Where it lies in a root file system. */
    path: string;
  }
  & ({ file: string } | { content: Uint8Array });

/** See the module's comment. */
export interface LibrarySet {
  /** Absent for a static executable. */
  loader?: LibraryFile;
  libraries: LibraryFile[];
  /** One PEM file. */
  certificates?: LibraryFile;
}

/** An archive of libraries: a tar whose entries are files at their places in a root file system. */
export interface PackedLibraries {
  content: Uint8Array;
  /** SHA-256 in hex. */
  sha256: string;
}

/** Where archives of libraries come from when neither this host nor its home has them: the server. Undefined when it has none. */
export type LibrarySource = () => Promise<PackedLibraries | undefined>;

/** More than any set needs, far less than what would hurt: those of flowctl have 4 MB. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Where the archive of a binary's libraries lies. */
export const librariesBeside = (executable: string): string => `${executable}.libraries.tar`;

/**
 * What a binary needs: of the archive beside it, else of this host, else of the source, whose archive is kept.
 *
 * @throws FlowctlError `unsupported` when nobody has it.
 */
export async function findLibraries(executable: string, source?: LibrarySource): Promise<LibrarySet> {
  const beside = readBeside(executable);
  // One that does not fit any more, because the binary was replaced, is no reason to give up.
  let reason: unknown;
  if (beside !== undefined) {
    try {
      return await unpackLibraries(beside, executable);
    } catch (error) {
      reason = error;
    }
  }
  try {
    return hostLibrarySet(executable);
  } catch (error) {
    reason ??= error;
  }
  if (!isFlowctlError(reason)) throw reason;
  const packed = await source?.();
  if (packed === undefined) {
    throw new FlowctlError(reason.code, reason.message, {
      hint: `Use a server on a Linux machine of that architecture, or put the libraries of one at "${
        librariesBeside(executable)
      }"`,
      cause: reason,
    });
  }
  if (hashOf(packed.content) !== packed.sha256) {
    throw new FlowctlError("conflict", `Cannot use the libraries of "${executable}": what was sent has another hash`);
  }
  const found = await unpackLibraries(packed.content, executable);
  keepBeside(executable, packed.content);
  return found;
}

/**
 * The libraries of a binary as an archive, for those who have none.
 *
 * @throws FlowctlError `unsupported` when this host has none either.
 */
export async function packLibraries(executable: string): Promise<PackedLibraries> {
  let content = readBeside(executable);
  if (content === undefined) {
    const { loader, libraries, certificates } = hostLibrarySet(executable);
    const files = [loader, ...libraries, certificates].filter((file) => file !== undefined);
    content = await readAll(tarOf(files.map((file) => libraryEntry(file))));
  }
  return { content, sha256: hashOf(content) };
}

/** A file as an entry of an archive, at its own place or at another one. */
export function libraryEntry(file: LibraryFile, path = file.path.slice(1)): TarEntry {
  const mode = file.path === CERTIFICATES ? 0o644 : 0o755;
  return "file" in file ? { path, file: file.file, mode } : { path, content: file.content, mode };
}

/** What this host has for a binary. @throws FlowctlError `unsupported` when it lacks something */
export function hostLibrarySet(executable: string): LibrarySet {
  const { loader, libraries } = hostLibraries(executable);
  const certificates = hostCertificates();
  return {
    libraries: libraries.map(({ name, path }) => ({ name, path, file: path })),
    ...loader === undefined ? {} : { loader: { name: lastOf(loader), path: loader, file: loader } },
    ...certificates === undefined
      ? {}
      : { certificates: { name: lastOf(CERTIFICATES), path: CERTIFICATES, file: certificates } },
  };
}

/**
 * Reads an archive.
 *
 * @throws FlowctlError `unsupported` when something that the binary needs is not in it, `invalid` when it is no such archive.
 */
export async function unpackLibraries(archive: Uint8Array, executable: string): Promise<LibrarySet> {
  const { interpreter, needed } = readElf(executable);
  const set: LibrarySet = { libraries: [] };
  for await (const entry of untar(new Blob([archive as BlobPart]).stream())) {
    if (entry.type !== "file") continue;
    const path = `/${entry.path.replace(/^(\.?\/)+/, "")}`;
    if (!/^(\/[\w+-][\w.+-]*)+$/.test(path)) {
      throw new FlowctlError(
        "invalid",
        `Cannot use the libraries of "${executable}": "${entry.path}" is no place for one`,
      );
    }
    const file = { name: lastOf(path), path, content: await entry.bytes({ maxBytes: MOST_BYTES }) };
    if (path === interpreter?.path) set.loader = file;
    else if (path === CERTIFICATES) set.certificates = file;
    else set.libraries.push(file);
  }
  const has = new Set([...set.libraries.map(({ name }) => name), ...set.loader === undefined ? [] : [set.loader.name]]);
  const missing = [...interpreter === undefined ? [] : [lastOf(interpreter.path)], ...needed].find((one) =>
    !has.has(one)
  );
  if (missing === undefined) return set;
  throw new FlowctlError("unsupported", `Cannot use the libraries of "${executable}": "${missing}" is not among them`, {
    hint: `Replace "${librariesBeside(executable)}", or remove it and use a server that has them`,
  });
}

function readBeside(executable: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(librariesBeside(executable)));
  } catch {
    return undefined;
  }
}

function keepBeside(executable: string, content: Uint8Array): void {
  const path = librariesBeside(executable), draft = `${path}.${crypto.randomUUID()}`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: "wx" });
    renameSync(draft, path);
  } catch {
    // A place that can't be written only costs asking again.
    rmSync(draft, { force: true });
  }
}

const hashOf = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
const lastOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
