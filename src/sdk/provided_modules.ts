/**
 * Modules that `files` puts into an image: they stay out of the bundle, and are imported from where they lie there.
 *
 * @module
 */

import { existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, posix, relative, resolve, sep } from "node:path";
import type { ProvidedModules } from "../bundles/builds.ts";
import type { GatheredFiles } from "../images/build/copied_files.ts";

/** What an import may leave out at its end. */
const ENDINGS = [
  "",
  ".ts",
  ".mts",
  ".js",
  ".mjs",
  ".cjs",
  ".json",
  "/index.ts",
  "/index.mts",
  "/index.js",
  "/index.mjs",
];

/**
 * Finds modules among what is copied: by their path, or through `NODE_PATH` of this process or of the image.
 *
 * @param imagePath `NODE_PATH` in the image.
 * @param localPath `NODE_PATH` here.
 */
export function providedModules(
  { places, expected }: Pick<GatheredFiles, "places" | "expected">,
  imagePath = "",
  localPath = "",
): ProvidedModules | undefined {
  if (places.length === 0) return undefined;
  const inImage = new Set(expected.filter(({ kind }) => kind !== "folder").map(({ path }) => path));
  const imageFolders = imagePath.split(":").filter((folder) => posix.isAbsolute(folder));
  const localFolders = localPath.split(delimiter).filter((folder) => folder !== "");
  return (specifier, importer) => {
    if (/^(node|npm|bun|data|https?|jsr):/.test(specifier)) return undefined;
    const isPath = /^\.{1,2}(\/|$)/.test(specifier) || isAbsolute(specifier);
    if (isPath) return placeOf(resolve(dirname(importer), specifier), places);
    // Files beside the flow, or packages there, are what the file means when it has them.
    for (const folder of localFolders) {
      const place = placeOf(join(folder, specifier), places);
      if (place !== undefined) return place;
    }
    const isThere = imageFolders.some((folder) => {
      const path = posix.join(folder, specifier);
      return ENDINGS.some((ending) => inImage.has(path + ending)) || inImage.has(`${path}/package.json`);
    });
    // The runtime looks through NODE_PATH by itself, from any working directory.
    return isThere ? specifier : undefined;
  };
}

/** Where a file of this machine lies in the image. */
function placeOf(path: string, places: GatheredFiles["places"]): string | undefined {
  const file = ENDINGS.map((ending) => path + ending).find((one) => existsSync(one) && statSync(one).isFile());
  if (file === undefined) return undefined;
  const real = realpathSync(file);
  for (const { source, to, isFolder } of places) {
    if (!isFolder && real === source) return to;
    const way = relative(source, real);
    if (isFolder && way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)) {
      return posix.join(to, way.replaceAll("\\", "/"));
    }
  }
  return undefined;
}
