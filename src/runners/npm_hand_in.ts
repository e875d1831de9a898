/**
 * What a run that installs npm packages is handed in by its agent: the registry and authorities of the agent's user.
 *
 * As files in the run's folder, which is mounted read-only and goes with the run: a token must be in no environment, label or layer.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TarEntry } from "../docker/tar.ts";
import type { Claim } from "../domain/agents.ts";
import { npmPackagesOf } from "../domain/npm_packages.ts";
import { handInNpmConfig, NPM_CERTIFICATES_NAME, NPMRC_NAME, readNpmConfig } from "../support/npm_config.ts";
import type { Environment } from "../support/paths.ts";

/** Whether a claim's deployment names packages. @throws {FlowctlError} `invalid` for words that name none */
export function hasNpmPackages({ deployment: { flow_runner: runner } }: Claim): boolean {
  const isCommand = runner?.type === "docker" && runner.config.command !== undefined;
  return !isCommand && npmPackagesOf(runner).length > 0;
}

/** Writes the configuration into the run's folder when the run installs packages. @throws {FlowctlError} `invalid` */
export function handInNpm(claim: Claim, socketFolder: string, env: Environment): void {
  if (hasNpmPackages(claim)) handInNpmConfig(socketFolder, readNpmConfig(env));
}

/** What was handed in, for containers into which the run's folder is not mounted. */
export const handedIn = (socketFolder: string): TarEntry[] =>
  [NPMRC_NAME, NPM_CERTIFICATES_NAME].map((path) => ({ path, file: join(socketFolder, path), mode: 0o444 }))
    .filter(({ file }) => existsSync(file));
