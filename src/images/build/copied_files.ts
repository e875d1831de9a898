/**
 * Files and folders that a build copies into the image: where each goes, what is in the way, and what should not go at all.
 *
 * @module
 */

import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, posix, relative, resolve, sep } from "node:path";
import type { TarEntry } from "../../docker/tar.ts";
import { FlowctlError } from "../../support/errors.ts";
import { cannotRead, type ContextEntry, tarEntryOf, walkFolder } from "./context_folder.ts";
import type { Copy } from "./dockerfile_text.ts";
import type { Dockerignore } from "./dockerignore.ts";

/** Something that is to be there in the image. */
export interface ExpectedFile {
  path: string;
  kind: "file" | "folder" | "link";
}

/** See {@link gatherFiles}. */
export interface GatherOptions {
  /** From → to. */
  files: Readonly<Record<string, string>>;
  /** What relative sources are found from; links may not lead out of it. */
  folder: string;
  ignore?: Dockerignore;
  /** Places in the image that are taken: path → by what. */
  taken?: ReadonlyMap<string, string>;
}

/** What {@link gatherFiles} found. */
export interface GatheredFiles {
  copies: Copy[];
  entries: TarEntry[];
  expected: ExpectedFile[];
  /** Sentences for the user. */
  warnings: string[];
  /** Where each file of this machine lies in the image: sources and destinations of files and folders. */
  places: { source: string; to: string; isFolder: boolean }[];
}

/**
 * Looks through the sources. A folder's content goes into the destination, a file goes to it, or into it when it ends in a slash, as
 * `COPY` has it.
 *
 * @throws {FlowctlError} `not_found`, `conflict` for names that collide, `invalid` for a link that leads out
 */
export async function gatherFiles(options: GatherOptions): Promise<GatheredFiles> {
  const { files, folder, ignore, taken } = options;
  const gathered: GatheredFiles = { copies: [], entries: [], expected: [], warnings: [], places: [] };
  const owners = new Map(taken);
  for (const [n, [given, to]] of Object.entries(files).entries()) {
    const source = await realSource(given, folder);
    const stats = await lstat(source);
    const name = basename(resolve(folder, given));
    if (/[\0\r\n]/.test(to) || to === "") {
      throw new FlowctlError("invalid", `Cannot copy "${given}": "${to}" is no path`);
    }
    const isFolder = stats.isDirectory();
    const place = posix.resolve(to, !isFolder && to.endsWith("/") ? name : ".");
    const from = `files/${n}`;
    gathered.copies.push({ from, to: place, isFolder });
    gathered.places.push({ source, to: place, isFolder });
    const add = (entry: ContextEntry, at: string) => {
      const by = owners.get(at);
      if (by !== undefined && entry.kind !== "folder") {
        throw new FlowctlError("conflict", `Cannot copy "${entry.file}" to "${at}": ${by} goes there`);
      }
      if (entry.kind !== "folder") owners.set(at, `"${entry.file}"`);
      gathered.expected.push({ path: at, kind: entry.kind });
      if (looksSecret(entry.file)) {
        gathered.warnings.push(`"${entry.file}" looks like a secret: everybody who has the image can read it`);
      }
    };
    if (!isFolder) {
      const entry: ContextEntry = { path: "", file: source, kind: "file", stats };
      if (ignore?.excludes(name)) gathered.warnings.push(`"${given}" is left out by the dockerignore`);
      add(entry, place);
      gathered.entries.push(tarEntryOf(entry, from));
      continue;
    }
    gathered.entries.push(tarEntryOf({ path: "", file: source, kind: "folder", stats }, from));
    gathered.expected.push({ path: place, kind: "folder" });
    for await (const entry of walkFolder(source, ignore, `${ignore === undefined ? "" : `${name}/`}`)) {
      const path = ignore === undefined ? entry.path : entry.path.slice(name.length + 1);
      add(entry, posix.join(place, path));
      if (entry.kind === "link" && leadsOut(entry, source)) {
        gathered.warnings.push(
          `"${entry.file}" is a link that leads out of "${given}": the link is copied, not what it leads to`,
        );
      }
      gathered.entries.push(tarEntryOf({ ...entry, path }, `${from}/`));
    }
  }
  return gathered;
}

/** Where a source really lies. A relative one stays in the folder, whatever links are on its way; of an absolute one the user said it. */
async function realSource(given: string, folder: string): Promise<string> {
  const path = resolve(folder, given);
  let real: string;
  try {
    real = await realpath(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  if (isAbsolute(given)) {
    const stats = await lstat(path);
    if (!stats.isSymbolicLink() || isInside(real, await realpath(dirname(path)))) return real;
    throw new FlowctlError(
      "invalid",
      `Cannot copy "${given}": it is a link that leads out of its folder, to "${real}"`,
      {
        hint: "Name the file itself",
      },
    );
  }
  const said = given.split(/[/\\]/).filter((part) => part === "..").length > 0;
  const root = await realpath(said ? dirname(path) : folder);
  if (isInside(real, root)) return real;
  throw new FlowctlError("invalid", `Cannot copy "${given}": a link leads out of "${folder}", to "${real}"`, {
    hint: "Name the file itself by its absolute path",
  });
}

const isInside = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
};

const leadsOut = ({ file, target }: ContextEntry, folder: string): boolean =>
  isAbsolute(target!) || !isInside(resolve(dirname(file), target!), folder);

/**
 * Whether a file's name is one that secrets have.
 *
 * @example
 * ```ts
 * import { looksSecret } from "./copied_files.ts";
 *
 * console.assert(looksSecret("/app/.env") && looksSecret("id_ed25519") && !looksSecret(".env.example"));
 * ```
 */
export function looksSecret(file: string): boolean {
  const name = basename(file).toLowerCase();
  if (/\.(example|sample|template|dist|pub)$/.test(name)) return false;
  return /^(\.env(\..+)?|\.npmrc|\.yarnrc\.yml|\.netrc|\.pgpass|\.pypirc|\.git-credentials|id_(rsa|dsa|ecdsa|ed25519)(_sk)?|credentials(\.json)?|kubeconfig)$/
    .test(name) ||
    /\.(pem|key|p12|pfx|jks|keystore|kdbx)$/.test(name) ||
    /[/\\]\.(docker[/\\]config\.json|aws[/\\]credentials|ssh[/\\][^/\\]*)$/i.test(file);
}
