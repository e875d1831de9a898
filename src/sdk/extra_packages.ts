/**
 * Installs what `EXTRA_NPM_PACKAGES` names before a flow is loaded, and says so in the run's log.
 *
 * @module
 */

import { type Installed, installNpmPackages } from "../bundles/npm_install.ts";
import { NPM_PACKAGES_VARIABLE, npmPackageText, parseNpmPackages } from "../domain/npm_packages.ts";
import type { Clock } from "../support/clock.ts";
import { formatLogLine } from "../support/log.ts";
import { markLine } from "../support/log_marks.ts";
import type { Environment } from "../support/paths.ts";

/** See {@link installExtraPackages}. */
export interface ExtraPackagesOptions {
  env: Environment;
  clock: Clock;
  /** Takes one console line without its newline. */
  print: (line: string) => void;
  signal?: AbortSignal;
}

/** Far above what a run counts to: the engine, which begins at 1, is not there yet. */
const FIRST_SEQUENCE = 900_000_000_000_000;

/**
 * Installs the packages; undefined when there are none.
 *
 * @throws {FlowctlError} `invalid` for words that name no package, and as `installNpmPackages`
 */
export async function installExtraPackages(options: ExtraPackagesOptions): Promise<Installed | undefined> {
  const { env, clock, print, signal } = options;
  const packages = parseNpmPackages(env[NPM_PACKAGES_VARIABLE]);
  if (packages.length === 0) return undefined;
  let sequence = FIRST_SEQUENCE;
  const say = (text: string) => {
    const line = formatLogLine(clock.now(), "INFO", "flowctl.FlowRunner", text);
    // Marked as not sent: the agent sends it with its level and name.
    print(env.FLOWCTL_LOG_MARKS === "1" ? markLine(line, { sequence: sequence++, isUnsent: true }) : line);
  };
  const words = packages.map(npmPackageText).join(" ");
  say(`Installing npm packages: ${words}`);
  const since = clock.now();
  const installed = await installNpmPackages({ packages, env, signal });
  const seconds = (clock.now().epochMilliseconds - since.epochMilliseconds) / 1000;
  say(`Installed npm packages: ${words} in ${seconds.toFixed(2)} s`);
  return installed;
}
