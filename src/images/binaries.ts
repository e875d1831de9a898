/**
 * Linux binaries of flowctl by version and target: what a home keeps, and what a server offers of it.
 *
 * They lie in `<home>/binaries/<version>/<target>/flowctl`. An agent puts there what it downloaded; an operator may put there what
 * agents of other systems or deployments of older versions shall have.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { chmodSync, createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import { isElfOf } from "../support/elf.ts";
import { FlowctlError } from "../support/errors.ts";
import { inHome } from "../support/paths.ts";
import { type ByteSource, chunksOf } from "../support/streams.ts";
import { type HashedExecutable, hashExecutable } from "./linux_executable.ts";

/** Targets by the architecture as Docker names it; the names are those of `deno task compile --target`. */
const TARGETS: Record<string, string> = { amd64: "linux-x64", arm64: "linux-arm64" };

/** What may be the name of a version's folder; it never leads out of its parent. */
const VERSION = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]{1,64})?$/;

/** `amd64` → `linux-x64`; undefined for an architecture that flowctl is not compiled for. */
export const targetOf = (architecture: string): string | undefined => TARGETS[architecture];

const architectureOf = (target: string): string | undefined =>
  Object.keys(TARGETS).find((architecture) => TARGETS[architecture] === target);

/** Where a home keeps a binary; it may not be there. */
export const shelfPath = (home: string, version: string, target: string): string =>
  inHome(home, "binaries", version, target, "flowctl");

/** The binary that a home keeps; undefined when it has none that runs on the target. */
export async function onShelf(home: string, version: string, target: string): Promise<HashedExecutable | undefined> {
  const architecture = architectureOf(target);
  if (architecture === undefined || !VERSION.test(version)) return undefined;
  const path = shelfPath(home, version, target);
  return isElfOf(path, architecture) ? await hashExecutable(path, home) : undefined;
}

/** The versions of which a home keeps a binary, in no order. */
export function versionsOnShelf(home: string, target: string): string[] {
  const folder = inHome(home, "binaries");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((version) => VERSION.test(version) && existsSync(shelfPath(home, version, target)));
}

/** Finds a binary by version and target. */
export type BinaryOffer = (version: string, target: string) => Promise<HashedExecutable | undefined>;

/** See {@link binaryOffer}. */
export interface BinaryOfferOptions {
  home: string;
  /** The version of this program. */
  version: string;
  /** This process's executable, when it is the compiled binary. */
  own?: string;
}

/** What a server offers: its own executable, when that is a Linux binary, and what its home keeps. */
export function binaryOffer({ home, version: ownVersion, own }: BinaryOfferOptions): BinaryOffer {
  return async (version, target) => {
    const architecture = architectureOf(target);
    if (architecture === undefined) return undefined;
    if (own !== undefined && version === ownVersion && isElfOf(own, architecture)) {
      return await hashExecutable(own, home);
    }
    return await onShelf(home, version, target);
  };
}

/**
 * Puts a binary on the shelf: written beside its place, checked, and moved there whole.
 *
 * @param sha256 What its bytes have to be.
 * @throws FlowctlError `conflict` when they are others, `unsupported` when it is no executable of the target.
 */
export async function putOnShelf(
  home: string,
  version: string,
  target: string,
  content: ByteSource,
  sha256: string,
): Promise<HashedExecutable> {
  const path = shelfPath(home, version, target);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    const hash = createHash("sha256");
    const file = createWriteStream(draft, { mode: 0o700, flags: "wx" });
    const written = finished(file);
    // Awaited below; whoever breaks off earlier must not leave a rejection behind.
    written.catch(() => {});
    try {
      for await (const chunk of chunksOf(content)) {
        hash.update(chunk);
        if (!file.write(chunk)) await Promise.race([new Promise((resolve) => file.once("drain", resolve)), written]);
      }
    } finally {
      file.end();
    }
    await written;
    if (hash.digest("hex") !== sha256) {
      throw new FlowctlError("conflict", `Cannot use flowctl ${version} for ${target}: what was sent has another hash`);
    }
    if (!isElfOf(draft, architectureOf(target) ?? "")) {
      throw new FlowctlError("unsupported", `Cannot use flowctl ${version} for ${target}: it is no such executable`);
    }
    chmodSync(draft, 0o700);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return { path, sha256 };
}
