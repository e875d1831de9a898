/**
 * From which registries an agent pulls (`--reg-allow-list`).
 *
 * @module
 */

import { FlowctlError } from "../support/errors.ts";
import { HUB } from "./credentials.ts";

/** The registry as people write it: `docker.io` for Docker Hub. */
export const registryName = (registry: string): string => registry === HUB ? "docker.io" : registry;

/**
 * Whether a text fits a pattern in which `*` stands for any characters. In steps of at most text times pattern, whatever the pattern
 * is: it is a user's.
 *
 * @example
 * ```ts
 * import { fits } from "./registry_rule.ts";
 *
 * console.assert(fits("eu.gcr.io", "*.gcr.io") && !fits("gcr.io", "*.gcr.io"));
 * ```
 */
export function fits(text: string, pattern: string): boolean {
  let at = 0, of = 0, star = -1, retry = 0;
  while (at < text.length) {
    if (pattern[of] === "*") {
      star = of++;
      retry = at;
    } else if (pattern[of] === text[at]) {
      at++;
      of++;
    } else if (star >= 0) {
      of = star + 1;
      at = ++retry;
    } else return false;
  }
  while (pattern[of] === "*") of++;
  return of === pattern.length;
}

/**
 * Refuses a registry that is not in the list; an empty list allows all.
 *
 * @param registry What `registryOf()` answers.
 * @throws FlowctlError `forbidden`
 */
export function checkRegistry(reference: string, registry: string, allowed: readonly string[]): void {
  const name = registryName(registry);
  if (allowed.length === 0 || allowed.some((pattern) => fits(name, pattern))) return;
  throw new FlowctlError("forbidden", `Cannot pull image "${reference}": this agent does not pull from "${name}"`, {
    hint: `Start the agent with: --reg-allow-list ${name}`,
  });
}
