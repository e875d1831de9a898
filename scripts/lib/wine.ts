/**
 * Debian's Wine, under which the Windows binary is tested: installed when it is missing, with a prefix of its own for each test.
 *
 * @module
 */

import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run } from "./command.ts";

const PACKAGES = ["wine", "wine64", "gcc-mingw-w64-x86-64"];
const COMPILER = "x86_64-w64-mingw32-gcc";

/** Wine 8 has no bcryptprimitives.dll; this is all of it that Bun wants. */
const SHIM = `#include <windows.h>
BOOLEAN WINAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE p, SIZE_T n) { return SystemFunction036(p, (ULONG)n); }
`;

/**
 * Sees to Wine: installs Debian's packages when they are missing and may be installed.
 *
 * @returns Why there is none, as a sentence without a period; undefined when there is one
 */
export async function ensureWine(tell: (line: string) => void): Promise<string | undefined> {
  if (process.platform !== "linux" || process.arch !== "x64") return "Wine runs 64 bit programs on Linux for x64 only";
  const isThere = async () => {
    const programs = [["wine", "--version"], ["wineserver", "--version"], [COMPILER, "--version"]];
    for (const [program, argument] of programs) if ((await run(program, [argument])).code !== 0) return false;
    return true;
  };
  if (await isThere()) return undefined;
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    return `There is no Wine: install it, for example as root with "apt-get install ${PACKAGES.join(" ")}"`;
  }
  tell(`Installing ${PACKAGES.join(", ")} with apt-get`);
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, timeoutMs: 15 * 60_000 };
  const install = ["install", "-y", "--no-install-recommends", ...PACKAGES];
  if ((await run("apt-get", install, options)).code !== 0) {
    await run("apt-get", ["update"], options);
    const { code, output } = await run("apt-get", install, options);
    if (code !== 0) return `Wine can't be installed with apt-get: ${output.trim().split("\n").at(-1)}`;
  }
  return await isThere() ? undefined : "Wine was installed and does not run";
}

/** A Windows of its own. */
export interface Wine extends AsyncDisposable {
  /** What Wine's programs need in their environment. */
  env: Record<string, string>;
}

/**
 * Makes a prefix: drive C: is new, D: is a given folder, and nothing else of this machine is there. (Wine would show all of it as
 * Z:, and `/lib` of a Windows program on that drive would be this machine's.)
 *
 * @param prefix Where; made here and removed at the end
 * @param drive The folder that is D:. It gets the DLL that programs in it need.
 */
export async function openWine(prefix: string, drive: string): Promise<Wine> {
  // It leaves folders of its own in TMPDIR.
  const env = {
    WINEPREFIX: prefix,
    WINEDEBUG: "-all",
    WINEDLLOVERRIDES: "mscoree,mshtml=",
    DISPLAY: "",
    TMPDIR: drive,
  };
  const devices = join(prefix, "dosdevices");
  const wine: Wine = {
    env,
    async [Symbol.asyncDispose]() {
      // Ends all programs of this prefix, and no other one's.
      await run("wineserver", ["-k"], { env, timeoutMs: 60_000 });
      await run("wineserver", ["-w"], { env, timeoutMs: 60_000 });
      rmSync(prefix, { recursive: true, force: true });
    },
  };
  try {
    const made = await run("wine", ["wineboot", "--init"], { env, timeoutMs: 5 * 60_000 });
    if (made.code !== 0) throw new Error(`Wine makes no prefix:\n${made.output}`);
    // The registry is written by then.
    await run("wineserver", ["-w"], { env, timeoutMs: 60_000 });
    rmSync(join(devices, "z:"));
    symlinkSync(drive, join(devices, "d:"));
    const source = join(prefix, "shim");
    mkdirSync(source);
    writeFileSync(join(source, "prng.c"), SHIM);
    const library = join(drive, "bcryptprimitives.dll");
    const compiled = await run(COMPILER, ["-shared", "-o", library, join(source, "prng.c"), "-ladvapi32"]);
    if (compiled.code !== 0) throw new Error(`The DLL does not compile:\n${compiled.output}`);
    return wine;
  } catch (error) {
    await wine[Symbol.asyncDispose]();
    throw error;
  }
}
