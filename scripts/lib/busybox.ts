/**
 * A static busybox, of which engine tests make images that need no registry.
 *
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { run } from "./command.ts";

/** Installs Debian's package when it is missing and may be installed; the tests that need it are skipped otherwise. */
export async function ensureBusybox(tell: (line: string) => void): Promise<void> {
  if (existsSync("/bin/busybox") || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return;
  tell("Installing busybox-static with apt-get");
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, timeoutMs: 5 * 60_000 };
  const install = ["install", "-y", "--no-install-recommends", "busybox-static"];
  if ((await run("apt-get", install, options)).code === 0) return;
  await run("apt-get", ["update"], options);
  await run("apt-get", install, options);
}
