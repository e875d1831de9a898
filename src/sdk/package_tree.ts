/**
 * The npm packages of an image: installed on this machine with its user's registries and tokens, of which nothing gets into the image,
 * for the image's system; their install scripts run in the image, which may have what they need (a compiler, node).
 *
 * @module
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { installNpmPackages } from "../bundles/npm_install.ts";
import { type NpmPackage, npmPackageText } from "../domain/npm_packages.ts";
import type { PackageTree } from "../images/build/build_image.ts";
import { shellWord } from "../images/build/dockerfile_text.ts";
import { handInNpmConfig, readNpmConfig } from "../support/npm_config.ts";
import type { Environment } from "../support/paths.ts";

/** See {@link installPackageTree}. */
export interface PackageTreeOptions {
  packages: readonly NpmPackage[];
  /** Of the image: `linux`; `amd64`, `arm64`. */
  target: { os: string; architecture: string };
  /** Where the packages' folder lies in the image. */
  directory: string;
  env: Environment;
  print: (line: string) => void;
  signal: AbortSignal;
}

/** A tree, and how it is taken away. */
export interface InstalledTree extends PackageTree {
  remove(): void;
}

const CPUS: Record<string, string> = { amd64: "x64", arm64: "arm64", "386": "ia32", arm: "arm" };

/**
 * Installs, and pins each package that was named to the version that was found.
 *
 * @throws {FlowctlError} `user_code` with the installer's reason; `unsupported` when this is not the compiled program
 */
export async function installPackageTree(options: PackageTreeOptions): Promise<InstalledTree> {
  const { packages, target, directory, env, print, signal } = options;
  const words = packages.map(npmPackageText).join(" ");
  print(`Installing npm packages: ${words}`);
  const handedIn = mkdtempSync(join(tmpdir(), "flowctl-npmrc-"));
  try {
    handInNpmConfig(handedIn, readNpmConfig(env));
    const cpu = CPUS[target.architecture] ?? target.architecture;
    const { folder, remove } = await installNpmPackages({
      packages,
      env,
      signal,
      handedIn,
      target: { os: target.os, cpu },
    });
    try {
      const versions = Object.fromEntries(
        packages.map(({ name }) => [name, String(manifestOf(join(folder, "node_modules", name)).version)]),
      );
      // Beside the lock file, which has those of all others.
      writeFileSync(
        join(folder, "package.json"),
        `${JSON.stringify({ private: true, dependencies: versions }, null, 2)}\n`,
      );
      print(`Installed npm packages: ${Object.entries(versions).map((pair) => pair.join("@")).join(" ")}`);
      return { folder, versions, commands: scriptsIn(folder, directory), remove };
    } catch (error) {
      remove();
      throw error;
    }
  } finally {
    rmSync(handedIn, { recursive: true, force: true });
  }
}

interface Manifest {
  name?: string;
  version?: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  gypfile?: boolean;
}

function manifestOf(folder: string): Manifest {
  const file = join(folder, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

/** The commands of packages that do something when they are installed, each after those of what it depends on. */
function scriptsIn(folder: string, directory: string): string[] {
  const found = new Map(packagesBelow(folder, "node_modules").map((path) => [path, manifestOf(join(folder, path))]));
  const done = new Set<string>();
  const commands: string[] = [];
  const visit = (path: string) => {
    if (done.has(path)) return;
    done.add(path);
    const { scripts = {}, dependencies = {}, name = "", version = "", gypfile } = found.get(path)!;
    for (const dependency of Object.keys(dependencies)) {
      const at = [`${path}/node_modules/${dependency}`, `node_modules/${dependency}`].find((one) => found.has(one));
      if (at !== undefined) visit(at);
    }
    const isNative = gypfile !== false && existsSync(join(folder, path, "binding.gyp"));
    const install = scripts.install ?? (isNative && scripts.preinstall === undefined ? "node-gyp rebuild" : undefined);
    for (
      const [event, script] of Object.entries({
        preinstall: scripts.preinstall,
        install,
        postinstall: scripts.postinstall,
      })
    ) {
      if (script === undefined) continue;
      const bins = [`${path}/node_modules/.bin`, "node_modules/.bin"].map((bin) => posix.join(directory, bin));
      commands.push(
        `cd ${shellWord(posix.join(directory, path))} && PATH=${bins.map(shellWord).join(":")}:"$PATH" ` +
          `npm_lifecycle_event=${event} npm_package_name=${shellWord(name)} npm_package_version=${
            shellWord(version)
          } ` +
          `sh -c ${shellWord(script)}`,
      );
    }
  };
  for (const path of [...found.keys()].sort()) visit(path);
  return commands;
}

/** Paths of packages, those within packages included. */
function packagesBelow(folder: string, modules: string): string[] {
  const at = join(folder, modules);
  if (!existsSync(at)) return [];
  const names = readdirSync(at, { withFileTypes: true }).filter((one) => one.isDirectory() && !one.name.startsWith("."))
    .flatMap(({ name }) =>
      name.startsWith("@") ? readdirSync(join(at, name)).map((inner) => `${name}/${inner}`) : [name]
    );
  return names.flatMap((name) => [`${modules}/${name}`, ...packagesBelow(folder, `${modules}/${name}/node_modules`)]);
}
