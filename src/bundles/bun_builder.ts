/**
 * Bundling with `Bun.build`, which the binary carries.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import process from "node:process";
import { packageOfSpecifier } from "../domain/npm_packages.ts";
import type { BuildLog, BunApi, Plugin, PluginBuilder } from "./bun.ts";
import { type BuildRequest, type BuildResult, DEFINE, NATIVE_LOADERS } from "./builds.ts";
import { SDK_NAMES, sdkExports } from "./sdk_modules.ts";
import { standInSource } from "./missing_packages.ts";
import { mapSpecifier } from "./specifiers.ts";

/** A build that failed, with the bundler's messages. */
export class BuildFailed extends Error {
  constructor(readonly logs: BuildLog[]) {
    super(logs.find((log) => log.level === "error")?.message ?? "the bundler gave no reason");
  }
}

/** Bundles with Bun. @throws BuildFailed */
export async function buildWithBun(bun: BunApi, request: BuildRequest): Promise<BuildResult> {
  const native: string[] = [];
  const build = await bun.build({
    entrypoints: [request.path],
    target: "node",
    format: "esm",
    external: [...SDK_NAMES],
    sourcemap: "external",
    throw: false,
    define: DEFINE,
    minify: { whitespace: true, syntax: false, identifiers: false, keepNames: true },
    plugins: [resolver(bun, request, native)],
  });
  const code = build.outputs.find((output) => output.kind === "entry-point");
  const map = build.outputs.find((output) => output.kind === "sourcemap");
  if (!build.success || code === undefined || map === undefined) throw new BuildFailed(build.logs);
  return { code: await code.text(), map: await map.text(), head: ["// @bun"], base: process.cwd(), native };
}

function resolver(bun: BunApi, { importMap, external, standIns, provided }: BuildRequest, native: string[]): Plugin {
  const isThere = (specifier: string, from: string) => {
    try {
      return bun.resolveSync(specifier, from) !== "";
    } catch {
      return false;
    }
  };
  return {
    name: "flowctl",
    setup(builder) {
      if (provided !== undefined) {
        builder.onResolve({ filter: /./ }, (args) => {
          const path = isFromUser(args) ? provided(args.path, args.importer) : undefined;
          return path === undefined ? undefined : { path, external: true };
        });
      }
      builder.onResolve({ filter: /^[^./]/ }, (args) => {
        if ((SDK_NAMES as readonly string[]).includes(args.path)) return { path: args.path, external: true };
        if (NATIVE_LOADERS.has(args.path)) native.push(args.importer);
        const target = isAbsolute(args.path) ? undefined : mapSpecifier(args.path, importMap);
        const wanted = target === undefined ? args.path : "package" in target ? target.package : undefined;
        const name = wanted === undefined ? undefined : packageOfSpecifier(wanted);
        if (name !== undefined && external.has(name)) return { path: wanted!, external: true };
        if (standIns !== undefined && name !== undefined && !/[/\\]node_modules[/\\]/.test(args.importer)) {
          if (!isThere(wanted!, dirname(args.importer))) {
            standIns.add(name);
            return { path: wanted!, namespace: "stand-in" };
          }
        }
        if (target === undefined) return undefined;
        if ("file" in target) return { path: target.file };
        return { path: bun.resolveSync(target.package, dirname(args.importer)) };
      });
      builder.onLoad({ filter: /./, namespace: "stand-in" }, (args) => ({
        loader: "js",
        contents: standInSource(args.path),
      }));
      builder.onResolve({ filter: /\.node$/ }, (args) => {
        const file = resolve(dirname(args.importer), args.path);
        // One that is not there is left to the package's own try and catch.
        if (existsSync(file)) native.push(file);
        return { path: args.path, external: true };
      });
    },
  };
}

/** The flow file itself has no importer, the bundler's own helpers have one without a path; what packages import is theirs. */
const isFromUser = ({ importer }: { importer: string }): boolean =>
  isAbsolute(importer) && !/[/\\]node_modules[/\\]/.test(importer);

/** Builds only to learn where an error is: the runtime's own errors of loading have no place in Bun. */
export async function diagnoseWithBun(bun: BunApi, path: string): Promise<BuildLog | undefined> {
  const exported = new Map<string, string[]>();
  for (const name of SDK_NAMES) exported.set(name, await sdkExports(name));
  const build = await bun.build({
    entrypoints: [path],
    target: "bun",
    throw: false,
    plugins: [{
      name: "sdk",
      setup(builder: PluginBuilder) {
        builder.onResolve({ filter: /^flowctl(\/storage)?$/ }, (args) => ({ path: args.path, namespace: "sdk" }));
        builder.onLoad({ filter: /./, namespace: "sdk" }, (args) => ({
          loader: "js",
          contents: (exported.get(args.path) ?? []).map((name) => `export const ${name}=0;`).join(""),
        }));
      },
    }],
  });
  return build.logs.find((log) => log.level === "error" && log.position !== null);
}
