/**
 * The loader and the libraries that an executable needs, as files of this host.
 *
 * They are found as the loader would: the folders of what this process itself has loaded, the executable's own run path, and the
 * usual folders of the distributions. No external program is asked.
 *
 * @module
 */

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { isElfOf, readElf } from "./elf.ts";
import { FlowctlError } from "./errors.ts";

/** A library, under the name it is asked for by. */
export interface HostLibrary {
  /** For example `libc.so.6`. */
  name: string;
  /** Where this host has it; the last part is `name`. */
  path: string;
}

/** See {@link hostLibraries}. */
export interface HostLibraries {
  /** Path of the loader, as the executable names it; absent for a static executable. */
  loader?: string;
  libraries: HostLibrary[];
}

const TRIPLETS: Record<string, string> = { amd64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

// Before version 2.34 glibc loads these by name when a host name is looked up; nothing lists them as needed.
const OPTIONAL = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"];

/**
 * Finds loader and libraries of an executable, libraries of libraries included.
 *
 * @param maps Text of `/proc/self/maps`; read when not given.
 * @param platform As `process.platform`; only Linux has them.
 * @throws FlowctlError `unsupported` when one is not on this host, as for an executable of another architecture.
 *
 * @example
 * ```ts
 * import process from "node:process";
 * import { hostLibraries } from "./host_libraries.ts";
 *
 * if (process.platform === "linux") console.assert(hostLibraries(process.execPath).libraries.length > 0);
 * ```
 */
export function hostLibraries(
  executable: string,
  maps: string = ownMaps(),
  platform: string = process.platform,
): HostLibraries {
  const elf = readElf(executable);
  if (elf.interpreter === undefined) return { libraries: [] };
  const { architecture } = elf;
  const missing = (name: string) =>
    new FlowctlError("unsupported", `Cannot pack "${executable}": this host has no ${architecture} library "${name}"`, {
      hint:
        "Use a server on a host of that architecture, run the agent on one, or name a static executable in FLOWCTL_LINUX_BINARY",
    });
  const loader = elf.interpreter.path;
  // What lies at such a path elsewhere (Wine shows the files of its Linux) is not this host's.
  if (platform !== "linux") throw missing(loader);
  if (!isElfOf(loader, architecture)) throw missing(loader);

  const found = new Map<string, string>();
  const isMusl = /ld-musl/.test(loader);
  const folders = [...foldersIn(maps), ...usualFolders(architecture), dirname(loader)];
  const visit = (name: string, from: { file: string; runpath: string[] }): boolean => {
    // The loader is needed by name too; it is there already.
    if (found.has(name) || name === loader.split("/").at(-1)) return true;
    const own = from.runpath.map((folder) => folder.replace(/\$\{?ORIGIN\}?/g, dirname(realpathSync(from.file))));
    const path = [...own, ...folders].map((folder) => join(folder, name)).find((path) => isElfOf(path, architecture));
    if (path === undefined) return false;
    found.set(name, path);
    const { needed, runpath } = readElf(path);
    for (const next of needed) if (!visit(next, { file: path, runpath })) throw missing(next);
    return true;
  };
  for (const name of elf.needed) if (!visit(name, { file: executable, runpath: elf.runpath })) throw missing(name);
  if (!isMusl) { for (const name of OPTIONAL) visit(name, { file: executable, runpath: [] }); }
  return { loader, libraries: [...found].map(([name, path]) => ({ name, path })) };
}

/** Certificates of authorities, as one PEM file, where distributions keep it. */
export function hostCertificates(): string | undefined {
  return [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
  ].find((path) => existsSync(path));
}

function ownMaps(): string {
  try {
    return readFileSync("/proc/self/maps", "utf8");
  } catch {
    return "";
  }
}

/** The folders of the libraries that a process has loaded. */
function foldersIn(maps: string): string[] {
  const files = maps.split("\n").map((line) => /\s(\/\S*\.so(?:\.\S*)?)$/.exec(line)?.[1]);
  return [...new Set(files.filter((file) => file !== undefined).map((file) => dirname(file)))];
}

function usualFolders(architecture: string): string[] {
  const triplet = TRIPLETS[architecture];
  const folders = triplet === undefined ? [] : [`/lib/${triplet}`, `/usr/lib/${triplet}`];
  return [...folders, "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"];
}
