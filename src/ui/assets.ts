/**
 * The dashboard's files: compressed once, carried by the binary, or bundled on the spot when the program runs from source.
 *
 * `scripts/lib/compile.ts` writes what {@link buildAssets} makes into files that Bun embeds; their names say all that is to be known:
 * `app-5F2K3QXN.js.br.asset` is the file `app-5F2K3QXN.js` in Brotli's encoding.
 *
 * @module
 */

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gunzipSync, gzipSync } from "node:zlib";
import { embeddedFiles, isCompiled } from "../support/runtime.ts";

/** What a browser may ask for, in the encodings that it may take. */
export interface Asset {
  /** Its name, e.g. `app-5F2K3QXN.js`. */
  name: string;
  br: Uint8Array;
  gzip: Uint8Array;
  /** As it is, for the rare client that takes neither. */
  plain(): Uint8Array;
}

/** Files by name. */
export type Assets = ReadonlyMap<string, Asset>;

/** The endings that embedded files have, and nothing else that the binary embeds. */
export const ENCODINGS = { br: ".br.asset", gzip: ".gz.asset" } as const;

/** The entry points of the dashboard, each a file of its own, relative to the project's root. */
const ENTRIES = [
  "src/ui/app.tsx",
  "src/ui/styles/app.css",
  "src/ui/live/worker.ts",
  "src/ui/theme_boot.ts",
  "src/ui/charts/layout_worker.ts",
];

/** The project's root, when run from source. */
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** What was made last, and the modules that it was made of. */
let last: { assets: Promise<Assets>; modules: readonly string[]; made: number } | undefined;

/** The dashboard's files. From source they are bundled when they are first asked for, and again when a module has changed. */
export function readAssets(): Promise<Assets> {
  if (last === undefined || (!isCompiled && last.modules.some((path) => modifiedAt(path) > last!.made))) {
    const made: typeof last = { assets: isCompiled ? readEmbedded() : bundle(), modules: [], made: Date.now() };
    last = made;
    // A mistake in a page is told each time; it may be mended by then.
    made.assets.catch(() => last = undefined);
  }
  return last.assets;
}

async function bundle(): Promise<Assets> {
  const { assets, modules } = await buildAssets();
  if (last !== undefined) {
    last.modules = modules.map((path) => resolve(ROOT, path)).filter((path) => path.includes("/src/"));
  }
  return assets;
}

const modifiedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;

/** Bundles and compresses. @param root Of the project. @returns The files, and the modules that went in. */
export async function buildAssets(root: string = ROOT): Promise<{ assets: Assets; modules: string[] }> {
  const { bundleBrowserApp } = await import("../bundles/browser_app.ts");
  const { files, modules } = await bundleBrowserApp(root, ENTRIES);
  return { assets: new Map(files.map(({ name, bytes }) => [name, compressed(name, bytes)])), modules };
}

function compressed(name: string, bytes: Uint8Array): Asset {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { name, br: brotliCompressSync(bytes, { params }), gzip: gzipSync(bytes, { level: 9 }), plain: () => bytes };
}

async function readEmbedded(): Promise<Assets> {
  const found = new Map<string, Partial<Record<keyof typeof ENCODINGS, Uint8Array>>>();
  for (const { name, read } of embeddedFiles()) {
    const encoding = (Object.keys(ENCODINGS) as (keyof typeof ENCODINGS)[]).find((one) =>
      name.endsWith(ENCODINGS[one])
    );
    if (encoding === undefined) continue;
    const plain = name.slice(0, -ENCODINGS[encoding].length);
    found.set(plain, { ...found.get(plain), [encoding]: await read() });
  }
  return new Map([...found].map(([name, { br, gzip }]) => {
    return [name, { name, br: br!, gzip: gzip!, plain: () => gunzipSync(gzip!) }];
  }));
}
