/**
 * Which flowctl this is.
 *
 * The version has one home, `deno.json`; the build names the commit a binary was compiled from and is put in by
 * `scripts/compile.ts`. Agents compare both before they trust an image or a binary that was there before them.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

declare const FLOWCTL_BUILD: string | undefined;

/** Semantic version, for example `0.1.0`. */
export const VERSION: string = config.version;

/** The commit of a compiled binary, for example `5843643` or `5843643-dirty`; `source` when run from source. */
export const BUILD: string = typeof FLOWCTL_BUILD === "string" ? FLOWCTL_BUILD : "source";
