/**
 * Bundles an application for browsers: scripts, split where they are loaded later, and styles, each named by its hash.
 *
 * Only when the program is compiled and when it runs from source: the binary carries what came out.
 *
 * @module
 */

import { basename } from "node:path";
import { esbuilt } from "./esbuild_builder.ts";

/** A file for browsers. */
export interface BrowserFile {
  /** E.g. `app-5F2K3QXN.js`. */
  name: string;
  bytes: Uint8Array;
}

/** What a bundled application is made of. */
export interface BrowserApp {
  files: BrowserFile[];
  /** The modules that went in, as paths relative to `root`. */
  modules: string[];
}

/**
 * Bundles.
 *
 * @param root Absolute path of the folder that the entry points, and the modules' names, are relative to.
 * @param entryPoints E.g. `["src/ui/app.tsx"]`; their files' names begin with the entry's own name.
 * @throws esbuild's BuildFailure
 */
export async function bundleBrowserApp(root: string, entryPoints: string[]): Promise<BrowserApp> {
  const { outputFiles, metafile } = await esbuilt({
    absWorkingDir: root,
    entryPoints,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: ["chrome111", "firefox115", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    // Names of classes are in nobody's sight here.
    legalComments: "none",
    outdir: "/",
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".svg": "dataurl" },
    metafile: true,
    logLevel: "silent",
    tsconfigRaw: "{}",
    nodePaths: [],
  });
  return {
    files: outputFiles.map(({ path, contents }) => ({ name: basename(path), bytes: contents })),
    modules: Object.keys(metafile!.inputs),
  };
}
