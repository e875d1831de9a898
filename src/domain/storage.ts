/**
 * Where a deployment version's code lives: in the API as a bundle, or inside an image.
 *
 * @module
 */

import { z } from "zod";

/** Code inside a Docker image, as a registration stored it. */
export const DockerStorageInfo = z.object({
  type: z.literal("docker"),
  /** Normalised: no scheme, no trailing slash, `docker.io/` left out of the image's name; null when it was built without one. */
  registry_url: z.string().min(1).max(1000).nullable(),
  /** Without registry and tag: `docker-1-flow`. */
  image_name: z.string().min(1).max(500),
  image_tag: z.string().min(1).max(200),
  /** The image's id on the engine that built it, `sha256:…`. */
  image_id: z.string().max(200).nullable(),
  /** The manifest's digest in the registry, `sha256:…`; null when it was not pushed. Runs are pinned to it. */
  digest: z.string().max(200).nullable(),
  /** Of the flow's code in the image. */
  path: z.string().min(1).max(1000),
});
/** See {@link DockerStorageInfo}. */
export type DockerStorageInfo = z.output<typeof DockerStorageInfo>;

/** What a version stores; absent and null mean the bundle. More kinds may come. */
export const StorageInfo = z.discriminatedUnion("type", [DockerStorageInfo]);
/** See {@link StorageInfo}. */
export type StorageInfo = z.output<typeof StorageInfo>;

/**
 * The image's whole name, by tag: `gcr.io/dev/docker-1-flow:2021-11-18t22-30-09-072770-00-00`.
 *
 * @example
 * ```ts
 * import { imageOf } from "./storage.ts";
 *
 * console.assert(imageOf({ registry_url: "gcr.io/dev", image_name: "a", image_tag: "1" }) === "gcr.io/dev/a:1");
 * ```
 */
export function imageOf(
  { registry_url: registry, image_name: name, image_tag: tag }: Pick<
    DockerStorageInfo,
    "registry_url" | "image_name" | "image_tag"
  >,
): string {
  return `${registry === null ? "" : `${registry}/`}${name}:${tag}`;
}
