/**
 * What is taken out of the environment before anything else.
 *
 * @module
 */

/**
 * Removes the variables that were meant for this process's start and would harm what it starts: the folder in
 * `LD_LIBRARY_PATH` by which an agent runs this binary in any image, `BUN_OPTIONS` and `BUN_BE_BUN`, which act on the binary.
 */
export function cleanEnvironment(env: Record<string, string | undefined>): void {
  const [first, ...own] = env.LD_LIBRARY_PATH?.split(":") ?? [];
  // What comes after it is the image's own, or the deployment's.
  if (first === "/.flowctl") {
    if (own.length === 0) delete env.LD_LIBRARY_PATH;
    else env.LD_LIBRARY_PATH = own.join(":");
  }
  delete env.BUN_OPTIONS;
  delete env.BUN_BE_BUN;
}
