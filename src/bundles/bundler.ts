/**
 * Makes a bundle: a flow file with everything it imports, as one text.
 *
 * The text is the same from every folder and on every run of one bundler, so its hash names the code. It runs in both runtimes:
 * packages that are CommonJS get a `require` for builtins, `import.meta.main` is false in it, stacks lead to the user's files.
 *
 * @module
 */

import { existsSync, realpathSync } from "node:fs";
import { basename, resolve } from "node:path";
import { bundleHash, MAX_BUNDLE_BYTES } from "../domain/bundles.ts";
import { FlowctlError } from "../support/errors.ts";
import type { BuildResult, ProvidedModules } from "./builds.ts";
import { bun } from "./bun.ts";
import { buildWithBun } from "./bun_builder.ts";
import { finishBundle } from "./bundle_text.ts";
import { loadError } from "./load_errors.ts";
import { findImportMap } from "./specifiers.ts";

/** A bundle. */
export interface Bundle {
  /** JavaScript, an ES module with an inline source map. */
  text: string;
  /** SHA-256 of the text in lower-case hex. */
  hash: string;
  /** The flow file's absolute path, links resolved. */
  sourceFile: string;
}

/** See {@link bundleFile}. */
export interface BundleOptions {
  /** Names of packages that stay imports, also when they are installed beside the file: the run's own environment has them. */
  external?: Iterable<string>;
  /** Gives packages that are not installed beside the file stand-ins, and takes their names. Only for loading, never to run. */
  standIns?: Set<string>;
  /** Modules that stay imports, also when they are found from the file. */
  provided?: ProvidedModules;
}

/**
 * Bundles a flow file.
 *
 * @param path A `.ts`, `.mts`, `.js` or `.mjs` file.
 * @throws {FlowctlError} `not_found` without the file, `user_code` with file, line and column when it cannot be read or an
 * import leads nowhere, `unsupported` for native add-ons, `too_large` above 64 MiB.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { bundleFile } from "./bundler.ts";
 *
 * const path = `${Deno.makeTempDirSync()}/flow.ts`;
 * writeFileSync(path, "export const one: number = 1;");
 * const bundle = await bundleFile(path);
 * console.assert(bundle.hash === (await bundleFile(path)).hash);
 * ```
 */
export async function bundleFile(path: string, options: BundleOptions = {}): Promise<Bundle> {
  const { external = [], standIns, provided } = options;
  const absolute = resolve(path);
  if (!existsSync(absolute)) throw new FlowctlError("not_found", `Cannot bundle "${path}": there is no such file`);
  const file = realpathSync(absolute);
  const request = { path: file, importMap: findImportMap(file), external: new Set(external), standIns, provided };
  let result: BuildResult;
  try {
    result = bun === undefined
      ? await (await import("./esbuild_builder.ts")).buildWithEsbuild(request)
      : await buildWithBun(bun, request);
  } catch (error) {
    throw await loadError(error, request.path);
  }
  if (result.native.length > 0) throw nativeError(path, result.native);
  const text = finishBundle(result, request.path);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_BUNDLE_BYTES) {
    throw new FlowctlError(
      "too_large",
      `Cannot bundle "${path}": it has ${bytes} bytes, at most ${MAX_BUNDLE_BYTES} are allowed`,
    );
  }
  return { text, hash: bundleHash(text), sourceFile: request.path };
}

function nativeError(path: string, native: string[]): FlowctlError {
  const names = [...new Set(native.map(nameOf))].map((name) => `"${name}"`).join(", ");
  return new FlowctlError("unsupported", `Cannot bundle "${basename(path)}": it imports the native add-on ${names}`, {
    hint:
      "Use a package that is plain JavaScript, or an image that has the add-on and load it with a dynamic import there.",
  });
}

/** The package that a file belongs to, else the file. */
function nameOf(file: string): string {
  return /.*node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/.exec(file)?.[1].replaceAll("\\", "/") ?? file;
}
