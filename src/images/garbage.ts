/**
 * Default images and binary volumes of older versions, which nobody uses any more: what to remove, and removing it.
 *
 * Only what bears the given labels (the installation's) is looked at. The engine has the last word: what a container or another
 * image uses it does not give away, so a look that is out of date removes nothing that is needed.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import { parseReference } from "../docker/images.ts";
import type { ContainerInfo, ImageInfo, VolumeInspectInfo } from "../docker/types.ts";
import { isFlowctlError } from "../support/errors.ts";
import { BINARY_LABEL, DEFAULT_IMAGE_COMMENT } from "./default_image.ts";

/** Something to remove. */
export interface Garbage {
  kind: "image" | "volume";
  /** What it is removed by: an image's name or id, a volume's name. */
  id: string;
  /** For people. */
  name: string;
  /** Bytes, of images. */
  size: number | null;
  why: string;
}

/** See {@link planGarbage}. */
export interface GarbageInput {
  /** What all of ours bear. */
  labels: Record<string, string>;
  /** Versions that are in use: this program's, that of a running agent. */
  versions: readonly string[];
  /** The hash of the binary in use, when it is known; then volumes with other builds of these versions go, too. */
  sha256?: string;
  images: readonly ImageInfo[];
  volumes: readonly VolumeInspectInfo[];
  /** All of the engine, whoever made them. */
  containers: readonly ContainerInfo[];
}

const DEFAULT_NAME = "flowctl/flowctl";

/** Decides what goes. An image that somebody gave a name of their own stays. */
export function planGarbage(input: GarbageInput): Garbage[] {
  return [
    ...input.images.flatMap((image) => ofImage(image, input)),
    ...input.volumes.flatMap((v) => ofVolume(v, input)),
  ];
}

function isOurs(labels: Record<string, string> | null | undefined, wanted: Record<string, string>): boolean {
  return labels?.[BINARY_LABEL] !== undefined &&
    Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

function ofImage({ Id, RepoTags, Labels, Size }: ImageInfo, { labels, versions, containers }: GarbageInput): Garbage[] {
  if (!isOurs(Labels, labels)) return [];
  const names = (RepoTags ?? []).filter((name) => !name.startsWith("<none>"));
  if (containers.some((one) => one.ImageID === Id || names.includes(one.Image))) return [];
  if (names.length === 0) {
    return [{ kind: "image", id: Id, name: shortId(Id), size: Size, why: "another build took its name" }];
  }
  // Podman puts `localhost/` before names without a registry.
  const tags = names.map((name) => parseReference(name.replace(/^localhost\//, "")));
  if (tags.some(({ name }) => name !== DEFAULT_NAME)) return [];
  if (tags.some(({ tag = "" }) => versions.some((version) => tag.startsWith(`${version}-`)))) return [];
  return names.map((name, n) => ({
    kind: "image",
    id: name,
    name,
    size: Size,
    why: `it belongs to version ${(tags[n].tag ?? "latest").replace(/-[^-]*$/, "")}, and no container uses it`,
  }));
}

function ofVolume(
  { Name, Labels }: VolumeInspectInfo,
  { labels, versions, sha256, containers }: GarbageInput,
): Garbage[] {
  const [, version, hash] = /^flowctl-(.+)-([0-9a-f]{12})$/.exec(Name) ?? [];
  if (version === undefined || !isOurs(Labels, labels)) return [];
  const isCurrent = versions.includes(version);
  if (isCurrent && (sha256 === undefined || sha256.startsWith(hash))) return [];
  if (containers.some((one) => volumesOf(one).includes(Name))) return [];
  const whose = isCurrent ? `another build of version ${version}` : `version ${version}`;
  return [{
    kind: "volume",
    id: Name,
    name: Name,
    size: null,
    why: `it belongs to ${whose}, and no container uses it`,
  }];
}

function volumesOf({ Mounts }: ContainerInfo): unknown[] {
  return Array.isArray(Mounts) ? Mounts.map((mount) => (mount as { Name?: unknown } | null)?.Name) : [];
}

const shortId = (id: string) => id.replace(/^sha256:/, "").slice(0, 12);

/** See {@link findGarbage}. */
export interface FindGarbageOptions extends Pick<GarbageInput, "labels" | "versions" | "sha256"> {
  docker: Docker;
}

/** Looks through the engine. */
export async function findGarbage({ docker, ...input }: FindGarbageOptions): Promise<Garbage[]> {
  const label = Object.entries(input.labels).map(([name, value]) => `${name}=${value}`);
  const images = await docker.listImages({ filters: { label } });
  const { Volumes: volumes } = await docker.listVolumes({ filters: { label } });
  if (images.length + volumes.length === 0) return [];
  const found = planGarbage({ ...input, images, volumes, containers: await docker.listContainers({ all: true }) });
  const checked = await Promise.all(
    found.map(async (one) => one.kind === "volume" || await isDefaultImage(docker, one)),
  );
  return found.filter((_, n) => checked[n]);
}

/** An image that was built upon the default one inherits its labels, but not what it was imported with. */
async function isDefaultImage(docker: Docker, { id }: Garbage): Promise<boolean> {
  try {
    return (await docker.getImage(id).inspect()).Comment === DEFAULT_IMAGE_COMMENT;
  } catch (error) {
    if (isFlowctlError(error, "not_found")) return false;
    throw error;
  }
}

/**
 * Removes one; answers false when it is in use after all, or gone already.
 *
 * @throws FlowctlError of the engine
 */
export async function removeGarbage(docker: Docker, { kind, id }: Garbage): Promise<boolean> {
  try {
    await (kind === "image" ? docker.getImage(id).remove() : docker.getVolume(id).remove());
    return true;
  } catch (error) {
    if (isFlowctlError(error, "conflict") || isFlowctlError(error, "not_found")) return false;
    throw error;
  }
}
