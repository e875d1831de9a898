/**
 * What the two bundlers have in common: what they are asked for, what they answer, and the replacements they make.
 *
 * @module
 */

import type { ImportMap } from "./specifiers.ts";

/** What a bundler is given. */
export interface BuildRequest {
  /** Absolute path of the flow file. */
  path: string;
  importMap: ImportMap | undefined;
  /** Names of packages that stay imports: they are installed where the flow runs. */
  external: ReadonlySet<string>;
  /** When given, packages that are not installed beside the file get stand-ins, and their names are added. */
  standIns?: Set<string>;
  /** Modules that the run's own environment has: answers what they are imported by there. */
  provided?: ProvidedModules;
}

/**
 * Says of a specifier, and the file that has it, what the module is imported by where the flow runs; undefined for what belongs into the
 * bundle.
 */
export type ProvidedModules = (specifier: string, importer: string) => string | undefined;

/** What a bundler answers. */
export interface BuildResult {
  code: string;
  map: string;
  /** Lines to put in front of the code. */
  head: string[];
  /** What the paths in the map are relative to. */
  base: string;
  /** Native add-ons that were found: paths of `.node` files, or names of packages that load such files. */
  native: string[];
}

/** The replacements that a bundle needs: see `recipes/runtimes.md`, section 3, for what happens without each. */
export const DEFINE: Record<string, string> = {
  "import.meta.main": "false",
  __dirname: '"/"',
  __filename: '"/flow.js"',
};

/** Packages whose only purpose is to find and load a native add-on. */
export const NATIVE_LOADERS: ReadonlySet<string> = new Set([
  "bindings",
  "node-gyp-build",
  "node-pre-gyp",
  "@mapbox/node-pre-gyp",
  "node-addon-api",
  "pkg-prebuilds",
]);
