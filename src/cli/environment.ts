/**
 * What is taken out of the environment before anything else.
 *
 * @module
 */

/**
 * Removes the variables that were meant for this process's start and would harm what it starts: `LD_LIBRARY_PATH` when it is the
 * folder by which an agent runs this binary in any image, `BUN_OPTIONS` and `BUN_BE_BUN`, which act on the binary.
 */
export function cleanEnvironment(env: Record<string, string | undefined>): void {
  if (env.LD_LIBRARY_PATH === "/.flowctl") delete env.LD_LIBRARY_PATH;
  delete env.BUN_OPTIONS;
  delete env.BUN_BE_BUN;
}
