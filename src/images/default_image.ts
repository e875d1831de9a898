/**
 * The default image, `flowctl/flowctl:<version>-<runtime>`: nothing but this program, its libraries and certificates.
 *
 * It is imported from a streamed tar (`POST /images/create?fromSrc=-`), which needs no builder, no network and no base image. An
 * image of that name counts only when its label holds the binary's SHA-256; no registry is ever asked for it.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import { parseReference } from "../docker/images.ts";
import { followProgress } from "../docker/progress.ts";
import { type TarEntry, tarOf } from "../docker/tar.ts";
import { isFlowctlError } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import {
  CERTIFICATES,
  findLibraries,
  hostLibrarySet,
  libraryEntry,
  type LibrarySet,
  type LibrarySource,
} from "./libraries.ts";
import type { HashedExecutable } from "./linux_executable.ts";

/** The label that says which binary an image or volume holds. */
export const BINARY_LABEL = "dev.flowctl.binary-sha256";

/** The label that says of which version of flowctl an image has the binary. */
export const VERSION_LABEL = "dev.flowctl.version";
/** The label that says where an image has it; without it at `/flowctl`. */
export const PATH_LABEL = "dev.flowctl.path";

/** The version in a default image's tag: `0.1.0-bun1.4` → `0.1.0`; undefined when the tag is none of ours. */
export const versionOfTag = (tag = ""): string | undefined =>
  /^(\d+\.\d+\.\d+(?:-[\w.-]+?)?)-(?:bun|deno)\d+\.\d+$/.exec(tag)?.[1];
/** The engine's `Comment` of an imported default image; what is built upon it has another one, or none. */
export const DEFAULT_IMAGE_COMMENT = "flowctl";

/** See {@link ensureDefaultImage}. */
export interface DefaultImageOptions {
  docker: Docker;
  /** `flowctl/flowctl:0.1.0-bun1.4`. */
  name: string;
  executable: HashedExecutable;
  /** Where its libraries come from when this host has none. */
  libraries?: LibrarySource;
  /** Labels by which the image is known as ours (the installation's); without any, no image is ours. */
  labels?: Record<string, string>;
  log: Log;
}

// Engines are few and names fewer; an entry goes when its build has ended.
const building = new WeakMap<Docker, Map<string, Promise<void>>>();

/**
 * Sees to it that the engine has the default image of this binary. One request when it has; else the image is imported, once for
 * all that ask at the same time.
 *
 * @throws FlowctlError of the engine, or `unsupported` when nobody has one of the binary's libraries.
 */
export async function ensureDefaultImage(options: DefaultImageOptions): Promise<void> {
  const { docker, name, executable, labels = {} } = options;
  let builds = building.get(docker);
  if (builds === undefined) building.set(docker, builds = new Map());
  const key = `${name} ${executable.sha256}`;
  const running = builds.get(key);
  if (running !== undefined) return await running;
  const build = (async () => {
    const before = await find(docker, name);
    if (before?.hash === executable.sha256) return;
    await importDefaultImage(options);
    // Only what was ours; kept as long as a container needs it, and a leftover is no reason to fail a run.
    const isOurs = before?.hash !== undefined && Object.keys(labels).length > 0 &&
      Object.entries(labels).every(([label, value]) => before.labels[label] === value);
    if (isOurs) await docker.getImage(before.id).remove().catch(() => {});
  })();
  builds.set(key, build);
  try {
    await build;
  } finally {
    builds.delete(key);
  }
}

/** The hash in the label of a local image; undefined when there is no such image or label. */
export async function labelOf(docker: Docker, name: string): Promise<string | undefined> {
  return (await find(docker, name))?.hash;
}

interface Found {
  id: string;
  hash: string | undefined;
  labels: Record<string, string>;
}

async function find(docker: Docker, name: string): Promise<Found | undefined> {
  try {
    const { Id, Config } = await docker.getImage(name).inspect();
    const labels = Config?.Labels ?? {};
    return { id: Id, hash: labels[BINARY_LABEL], labels };
  } catch (error) {
    if (isFlowctlError(error, "not_found")) return undefined;
    throw error;
  }
}

async function importDefaultImage(options: DefaultImageOptions): Promise<void> {
  const { docker, name, executable, labels = {}, log } = options;
  log.info(`Importing image '${name}' from '${executable.path}'...`);
  const { name: repo, tag } = parseReference(name);
  const version = versionOfTag(tag);
  const set = await findLibraries(executable.path, options.libraries);
  const progress = docker.importImage(tarOf(defaultImageEntries(executable.path, set)), {
    repo,
    tag,
    message: DEFAULT_IMAGE_COMMENT,
    changes: [
      'ENTRYPOINT ["/flowctl"]',
      "ENV PATH=/",
      "ENV HOME=/root",
      `ENV SSL_CERT_FILE=${CERTIFICATES}`,
      `LABEL ${BINARY_LABEL}=${executable.sha256}`,
      // What is built upon this image has the binary too, and says so.
      ...version === undefined ? [] : [`LABEL ${VERSION_LABEL}=${version}`],
      ...Object.entries(labels).map(([label, value]) => `LABEL ${label}=${value}`),
    ],
  });
  await followProgress(progress);
  log.info(`Imported image '${name}'`);
}

/** The root file system: the binary as it is, loader and libraries at their own places, so that the loader finds them itself. */
export function defaultImageEntries(
  executable: string,
  { loader, libraries, certificates }: LibrarySet = hostLibrarySet(executable),
): TarEntry[] {
  const files: TarEntry[] = [
    { path: "flowctl", file: executable, mode: 0o755 },
    // The loader's own list of folders was compiled in by its host's distribution, and these are in it.
    ...libraries.map((file) => libraryEntry(file)),
    ...loader === undefined ? [] : [libraryEntry(loader)],
    ...certificates === undefined ? [] : [libraryEntry(certificates)],
    { path: "etc/passwd", content: "root:x:0:0:root:/root:/flowctl\nnobody:x:65534:65534:nobody:/tmp:/flowctl\n" },
    { path: "etc/group", content: "root:x:0:\nnobody:x:65534:\n" },
    { path: "etc/nsswitch.conf", content: "hosts: files dns\n" },
  ];
  const folders = new Set<string>();
  for (const { path } of files) {
    const parts = path.split("/").slice(0, -1);
    parts.forEach((_, n) => folders.add(parts.slice(0, n + 1).join("/")));
  }
  return [
    ...[...folders].map((path): TarEntry => ({ path, type: "directory" })),
    { path: "tmp", type: "directory", mode: 0o1777 },
    { path: "root", type: "directory", mode: 0o700 },
    ...files,
  ];
}
