/**
 * Bundling with esbuild, when the program runs from source on Deno. The only importer of `esbuild`.
 *
 * @module
 */

import type { BuildOptions, BuildResult as BuildOutput, Plugin } from "esbuild";
import childProcess, { type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { packageOfSpecifier } from "../domain/npm_packages.ts";
import { type BuildRequest, type BuildResult, DEFINE, NATIVE_LOADERS } from "./builds.ts";
import { SDK_NAMES } from "./sdk_modules.ts";
import { standInSource } from "./missing_packages.ts";
import { mapSpecifier } from "./specifiers.ts";

// CommonJS packages require builtins; an ES module has no `require` of its own.
const REQUIRE = 'import{createRequire as __cr}from"node:module";const require=__cr("file:///");';

/** Bundles with esbuild. @throws esbuild's BuildFailure, whose `errors` have places */
export async function buildWithEsbuild(request: BuildRequest): Promise<BuildResult> {
  const native: string[] = [];
  const build = await esbuilt({
    entryPoints: [request.path],
    absWorkingDir: dirname(request.path),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    external: [...SDK_NAMES],
    sourcemap: "external",
    outfile: "flow.js",
    logLevel: "silent",
    keepNames: true,
    minifyWhitespace: true,
    // A tsconfig.json of a folder above would change the text.
    tsconfigRaw: "{}",
    define: DEFINE,
    plugins: [resolver(request, native), texts()],
  });
  const code = build.outputFiles.find((file) => file.path.endsWith(".js"))!;
  const map = build.outputFiles.find((file) => file.path.endsWith(".map"))!;
  return { code: code.text, map: map.text, head: ["// @bun", REQUIRE], base: dirname(request.path), native };
}

/** Runs esbuild, and leaves no process of it behind. @throws esbuild's BuildFailure */
export async function esbuilt(options: BuildOptions): Promise<BuildOutput<{ write: false }>> {
  // Not at the top: the binary has no esbuild, and would not start for want of it.
  const esbuild = await import("esbuild");
  builds++;
  const forget = watchService();
  try {
    return await esbuild.build({ ...options, write: false });
  } finally {
    forget();
    if (--builds === 0) await stopService(esbuild.stop);
  }
}

let builds = 0;
let service: ChildProcess | undefined;

/** Notices the process that esbuild starts: it is not told otherwise, and `stop()` does not wait for its end. */
function watchService(): () => void {
  const { spawn } = childProcess;
  const watching = ((...args: Parameters<typeof spawn>) => {
    const child = spawn(...args);
    if (/esbuild/.test(String(args[0]))) service = child;
    return child;
  }) as typeof spawn;
  childProcess.spawn = watching;
  return () => {
    if (childProcess.spawn === watching) childProcess.spawn = spawn;
  };
}

/** Ends esbuild's process, which would keep ours alive. */
async function stopService(stop: () => Promise<void>): Promise<void> {
  const child = service;
  service = undefined;
  const exited = child === undefined || child.exitCode !== null
    ? undefined
    : new Promise((resolve) => child.once("close", () => setImmediate(resolve)));
  // esbuild takes its process out of what keeps ours alive; without this there would be nothing left to wait for.
  child?.ref();
  await stop();
  await exited;
}

function resolver({ importMap, external, standIns, provided }: BuildRequest, native: string[]): Plugin {
  return {
    name: "flowctl",
    setup(build) {
      if (provided !== undefined) {
        build.onResolve({ filter: /./ }, (args) => {
          if (args.importer === "" || /[/\\]node_modules[/\\]/.test(args.importer)) return undefined;
          const path = provided(args.path, args.importer);
          return path === undefined ? undefined : { path, external: true };
        });
      }
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        if (args.pluginData === "mapped" || args.kind === "entry-point") return undefined;
        if ((SDK_NAMES as readonly string[]).includes(args.path)) return { path: args.path, external: true };
        if (NATIVE_LOADERS.has(args.path)) native.push(args.importer);
        const target = mapSpecifier(args.path, importMap);
        const wanted = target === undefined ? args.path : "package" in target ? target.package : undefined;
        const name = wanted === undefined ? undefined : packageOfSpecifier(wanted);
        if (name !== undefined && external.has(name)) return { path: wanted!, external: true };
        if (standIns !== undefined && name !== undefined && !/[/\\]node_modules[/\\]/.test(args.importer)) {
          const { resolveDir, kind } = args;
          const { errors } = await build.resolve(wanted!, { resolveDir, kind, pluginData: "mapped" });
          if (errors.length > 0) {
            standIns.add(name);
            return { path: wanted!, namespace: "stand-in" };
          }
        }
        if (target === undefined) return undefined;
        if ("file" in target) return { path: target.file };
        return await build.resolve(target.package, {
          resolveDir: args.resolveDir,
          kind: args.kind,
          pluginData: "mapped",
        });
      });
      build.onLoad({ filter: /./, namespace: "stand-in" }, (args) => ({
        loader: "js",
        contents: standInSource(args.path),
      }));
      build.onResolve({ filter: /\.node$/ }, (args) => {
        const file = resolve(args.resolveDir, args.path);
        // One that is not there is left to the package's own try and catch.
        if (existsSync(file)) native.push(file);
        return { path: args.path, external: true };
      });
    },
  };
}

/** `import text from "./x.txt" with { type: "text" }`, as both runtimes have it. */
function texts(): Plugin {
  return {
    name: "texts",
    setup(build) {
      build.onLoad({ filter: /./ }, async (args) => {
        const loader = args.with?.type === "text" ? "text" : args.with?.type === "bytes" ? "binary" : undefined;
        if (loader === undefined) return undefined;
        const { readFile } = await import("node:fs/promises");
        return { contents: await readFile(args.path), loader };
      });
    },
  };
}
