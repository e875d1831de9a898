/**
 * What a run that installs npm packages is handed in by its agent: the registry and authorities of the agent's user.
 *
 * As files in the run's folder, which is mounted read-only and goes with the run: a token must be in no environment, label or layer.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Claim } from "../domain/agents.ts";
import { npmPackagesIn, npmPackagesOf } from "../domain/npm_packages.ts";
import { handInNpmConfig, NPM_CERTIFICATES_NAME, NPMRC_NAME, readNpmConfig } from "../support/npm_config.ts";
import type { Environment } from "../support/paths.ts";

/**
 * Whether a claim's run installs packages: those that its deployment names, else those that the image's environment does.
 *
 * @throws {FlowctlError} `invalid` for words that name none
 */
export function hasNpmPackages({ deployment: { flow_runner: runner } }: Claim, imageEnv?: readonly string[]): boolean {
  const isCommand = runner?.type === "docker" && runner.config.command !== undefined;
  return !isCommand && npmPackagesOf(runner, npmPackagesIn(imageEnv)).length > 0;
}

/** Writes the configuration into the run's folder when the run installs packages. @throws {FlowctlError} `invalid` */
export function handInNpm(installs: boolean, socketFolder: string, env: Environment): void {
  if (installs) handInNpmConfig(socketFolder, readNpmConfig(env));
}

/** What {@link handInNpm} wrote, for a container that can't have the folder itself. */
export function handedIn(socketFolder: string): { path: string; content: string }[] {
  return [NPMRC_NAME, NPM_CERTIFICATES_NAME].filter((name) => existsSync(join(socketFolder, name)))
    .map((path) => ({ path, content: readFileSync(join(socketFolder, path), "utf8") }));
}
