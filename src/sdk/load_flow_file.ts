/**
 * Loads a flow file for what it defines, also when it imports packages that `EXTRA_NPM_PACKAGES` brings where the flow runs.
 *
 * @module
 */

import { loadFile, loadFileWithStandIns } from "../bundles/loader.ts";
import { isStandInError } from "../bundles/missing_packages.ts";
import type { FlowRunnerSpecInput } from "../domain/flow_runners.ts";
import { NPM_PACKAGES_VARIABLE, npmPackagesOf } from "../domain/npm_packages.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { collect, type Defined } from "./registry.ts";

/**
 * Loads a flow file and answers what it defines.
 *
 * A package that is not installed beside it may be imported at its top when the runner of a deployment names it in
 * `EXTRA_NPM_PACKAGES`. Which ones those are stands in the file itself, so it is loaded with stand-ins first.
 *
 * @param runnersOf The runners of the deployments that use the file.
 * @throws {FlowctlError} as `loadFile`
 */
export async function loadFlowFile(
  path: string,
  runnersOf: (defined: Defined) => readonly (FlowRunnerSpecInput | undefined)[],
): Promise<Defined> {
  try {
    return await collect(() => loadFile(path));
  } catch (error) {
    // Whatever it was: the runtimes' errors of missing packages differ, the bundler knows for sure.
    if (!isFlowctlError(error, "user_code")) throw error;
    return await withStandIns(path, runnersOf, error);
  }
}

async function withStandIns(
  path: string,
  runnersOf: Parameters<typeof loadFlowFile>[1],
  first: FlowctlError,
): Promise<Defined> {
  let missing = new Set<string>();
  let defined: Defined;
  try {
    defined = await collect(async () => missing = await loadFileWithStandIns(path));
  } catch (error) {
    if (!isStandInError(error)) throw first;
    throw withHint(first);
  }
  if (missing.size === 0) throw first;
  const named = new Set(runnersOf(defined).flatMap((runner) => npmPackagesOf(runner)).map(({ name }) => name));
  if ([...missing].some((name) => !named.has(name))) throw withHint(first);
  return defined;
}

const withHint = (error: FlowctlError): FlowctlError =>
  new FlowctlError(error.code, error.message, {
    hint: `Install the package beside the file; or name it in the runner's env as ${NPM_PACKAGES_VARIABLE}, ` +
      "and use it inside the flow only",
    cause: error.cause,
    details: error.details,
  });
