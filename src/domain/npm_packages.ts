/**
 * `EXTRA_NPM_PACKAGES` in a runner's `env`: npm packages that are installed where a run starts, as Prefect 1's image did with
 * `EXTRA_PIP_PACKAGES`. Pure.
 *
 * @module
 */

import { FlowctlError } from "../support/errors.ts";
import type { JsonObject } from "./common.ts";
import type { FlowRunnerSpecInput } from "./flow_runners.ts";
import { isSecretReference } from "./secrets.ts";

/** The variable's name. */
export const NPM_PACKAGES_VARIABLE = "EXTRA_NPM_PACKAGES";

/** A package to install. */
export interface NpmPackage {
  /** `left-pad`, `@scope/name`. */
  name: string;
  /** A version, a range without spaces or a tag: `1.2.3`, `^1`, `latest`. */
  range: string;
}

const NAME = /^(@[a-z0-9][\w.~-]*\/)?[a-z0-9][\w.~-]*$/i;
const RANGE = /^[\w.^~<>=*|+-]+$/;
// The installer takes such a word for a file.
const ARCHIVE = /\.(tgz|tar|tar\.gz)$/i;

/**
 * Reads the variable: names separated by spaces, each with a version, range or tag behind an `@` if need be. Paths, addresses,
 * aliases and options are refused, so that nothing but a registry is ever asked.
 *
 * @throws {FlowctlError} `invalid`, naming the word
 *
 * @example
 * ```ts
 * import { parseNpmPackages } from "./npm_packages.ts";
 *
 * console.assert(parseNpmPackages("left-pad is-odd@3")[1].range === "3");
 * ```
 */
export function parseNpmPackages(text: string | undefined): NpmPackage[] {
  const packages: NpmPackage[] = [];
  for (const word of (text ?? "").split(/\s+/).filter((word) => word !== "")) {
    const at = word.indexOf("@", 1);
    const name = at < 0 ? word : word.slice(0, at), range = at < 0 ? "latest" : word.slice(at + 1);
    if (!NAME.test(name) || !RANGE.test(range) || ARCHIVE.test(name) || ARCHIVE.test(range)) {
      throw new FlowctlError(
        "invalid",
        `Cannot use ${NPM_PACKAGES_VARIABLE}: "${withoutSecrets(word)}" is not the name of an npm package`,
        {
          hint:
            `Write names separated by spaces, each with a version or tag if need be: "left-pad is-odd@3 @scope/x@^1"`,
        },
      );
    }
    if (packages.some((other) => other.name === name)) {
      throw new FlowctlError("invalid", `Cannot use ${NPM_PACKAGES_VARIABLE}: it names "${name}" twice`);
    }
    packages.push({ name, range });
  }
  return packages;
}

/** As it was written. */
export const npmPackageText = ({ name, range }: NpmPackage): string => range === "latest" ? name : `${name}@${range}`;

/**
 * The packages that a runner's `env` names, or for Docker the `Env` of its create options, which counts more.
 *
 * @param ofImage What the image's own environment says, which counts when the runner says nothing
 * @throws {FlowctlError} `invalid`
 */
export function npmPackagesOf(runner: FlowRunnerSpecInput | null | undefined, ofImage?: string): NpmPackage[] {
  const options = runner?.type === "docker" ? runner.config?.create_options as JsonObject | undefined : undefined;
  const given = npmPackagesIn(options?.Env) ?? runner?.config?.env?.[NPM_PACKAGES_VARIABLE];
  if (given !== undefined && isSecretReference(given)) {
    throw new FlowctlError("invalid", `Cannot use ${NPM_PACKAGES_VARIABLE}: it is a secret`, {
      hint: "Name the packages themselves; they are needed before a run can read secrets",
    });
  }
  return parseNpmPackages(given ?? ofImage);
}

/** The variable's value in an environment as engines have it, `NAME=value`; undefined when it is not there. */
export function npmPackagesIn(env: unknown): string | undefined {
  const start = `${NPM_PACKAGES_VARIABLE}=`;
  const pairs = Array.isArray(env) ? env : [];
  return pairs.findLast((pair) => typeof pair === "string" && pair.startsWith(start))?.slice(start.length);
}

/** `left-pad/lib/x.js` → `left-pad`; undefined for what is no package: files, addresses, the runtime's own modules. */
export function packageOfSpecifier(specifier: string): string | undefined {
  const found = /^((?:@[^/@:]+\/)?[^/@:]+)(\/.*)?$/.exec(specifier)?.[1];
  return found !== undefined && NAME.test(found) ? found : undefined;
}

/** Somebody may have written an address with a password. */
const withoutSecrets = (word: string) => word.replace(/\/\/[^/@]*@/g, "//***@");
