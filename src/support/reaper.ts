/**
 * Takes in orphans, which is the first process's duty: what its parent left behind stays a zombie until somebody asks how it ended.
 *
 * Only for engines that put no init of their own into a container. Neither runtime can wait for children that it did not start, so
 * libc is asked. What the runtime did start is left to it: it is taken in at once, and only what is a zombie twice is ours.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";

interface BunFfi {
  dlopen(
    library: string,
    symbols: Record<string, { args: string[]; returns: string }>,
  ): { symbols: { waitpid(pid: number, status: null, flags: number): number } };
}
interface DenoFfi {
  dlopen(
    library: string,
    symbols: Record<string, { parameters: string[]; result: string }>,
  ): { symbols: { waitpid(pid: number, status: null, flags: number): number } };
}
const globals = globalThis as unknown as { Bun?: { FFI: BunFfi }; Deno?: DenoFfi };

const WNOHANG = 1;
/** How often zombies are looked for. They cost a line in the table of processes until then. */
const EVERY_MS = 1000;

/** The text of `/proc/<pid>/stat`: `7 (a name) Z 1 …`. The name may hold anything, also `)`. */
export function parseStat(text: string): { state: string; parent: number } {
  const [state = "", parent = ""] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state, parent: Number(parent) };
}

/** The zombies among a process's children. */
export function zombiesOf(parent: number, folder = "/proc"): number[] {
  return readdirSync(folder).filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const stat = parseStat(readFileSync(`${folder}/${pid}/stat`, "utf8"));
      return stat.state === "Z" && stat.parent === parent;
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
}

/**
 * Takes in orphans of this process from now on. Keeps no process alive.
 *
 * @param pid This process.
 * @param everyMs How often to look.
 * @returns How to stop it.
 */
export function reapOrphans(pid: number, everyMs = EVERY_MS): () => void {
  const waitpid = openWaitpid();
  let seen = new Set<number>();
  const timer = setInterval(() => {
    // After the runtime had its turn with the children that it started.
    setImmediate(() => {
      const zombies = zombiesOf(pid);
      for (const zombie of zombies) if (seen.has(zombie)) waitpid(zombie, null, WNOHANG);
      seen = new Set(zombies);
    });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function openWaitpid(): (pid: number, status: null, flags: number) => number {
  const library = "libc.so.6";
  if (globals.Bun !== undefined) {
    return globals.Bun.FFI.dlopen(library, { waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" } }).symbols
      .waitpid;
  }
  const signature = { parameters: ["i32", "pointer", "i32"], result: "i32" };
  return globals.Deno!.dlopen(library, { waitpid: signature }).symbols.waitpid;
}
