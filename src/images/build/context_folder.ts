/**
 * A folder as entries of a build context: what docker would send of it, in its order. Links are sent as links and never followed.
 *
 * @module
 */

import { type Dirent, type Stats } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { TarEntry } from "../../docker/tar.ts";
import { FlowctlError, messageOf } from "../../support/errors.ts";
import { Dockerignore, type Matched } from "./dockerignore.ts";

/** An entry, with where it lies on disk. */
export interface ContextEntry {
  /** Relative to the folder, with `/`. */
  path: string;
  file: string;
  kind: "file" | "folder" | "link";
  stats: Stats;
  /** Of a link. */
  target?: string;
}

/** Walks through a folder, the folder itself left out; parents come before what is in them. */
export async function* walkFolder(
  folder: string,
  ignore: Dockerignore = Dockerignore.parse(""),
  below = "",
  parent?: Matched,
): AsyncGenerator<ContextEntry, void, undefined> {
  const found = await onDisk(folder, () => readdir(folder, { withFileTypes: true }));
  for (const one of found.sort(byName)) {
    const path = below + one.name, file = join(folder, one.name);
    const { isExcluded, matched } = ignore.look(path, parent);
    const isFolder = one.isDirectory();
    if (isExcluded && !(isFolder && ignore.mayKeepBelow(path))) continue;
    if (!isExcluded) {
      const stats = await onDisk(file, () => lstat(file));
      if (one.isSymbolicLink()) {
        yield { path, file, kind: "link", stats, target: await onDisk(file, () => readlink(file)) };
      } else if (isFolder || one.isFile()) yield { path, file, kind: isFolder ? "folder" : "file", stats };
    }
    if (isFolder) yield* walkFolder(file, ignore, `${path}/`, matched);
  }
}

/** As Go sorts: by bytes, which for well-formed names is by code points. */
const byName = (a: Dirent, b: Dirent): number => a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

/** What an entry is in the archive, below a prefix. */
export function tarEntryOf({ path, file, kind, stats, target }: ContextEntry, prefix = ""): TarEntry {
  // Windows knows no such rights; docker makes everything executable there.
  const mode = process.platform === "win32" ? 0o755 : stats.mode & 0o7777;
  const header = { path: prefix + path, mode, mtime: stats.mtime };
  if (kind === "folder") return { ...header, type: "directory" };
  if (kind === "link") return { ...header, type: "symlink", target: target!.replaceAll("\\", "/") };
  return { ...header, file, size: stats.size };
}

/** The patterns that hold for a folder: those of the file that is named, else of its `.dockerignore`. */
export async function readDockerignore(
  folder: string,
  named?: string,
): Promise<{ ignore: Dockerignore; text?: string }> {
  const file = named ?? join(folder, ".dockerignore");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (named === undefined && (cause as { code?: string }).code === "ENOENT") {
      return { ignore: Dockerignore.parse("") };
    }
    throw cannotRead(file, cause);
  }
  return { ignore: Dockerignore.parse(text, file, process.platform === "win32"), text };
}

async function onDisk<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

/** The error for what can't be read from disk. */
export function cannotRead(file: string, cause: unknown): FlowctlError {
  const { code } = cause as { code?: string };
  const why = code === "ENOENT"
    ? "there is no such file or folder"
    : code === "EACCES"
    ? "this user may not read it"
    : messageOf(cause);
  return new FlowctlError(code === "ENOENT" ? "not_found" : "invalid", `Cannot read "${file}": ${why}`, { cause });
}
