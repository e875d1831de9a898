/**
 * Debian's docker-registry, against which pulls with a password are tested.
 *
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { run } from "./command.ts";

/** Installs Debian's package when it is missing and may be installed; the tests that need it are skipped otherwise. */
export async function ensureRegistry(tell: (line: string) => void): Promise<void> {
  if (existsSync("/usr/bin/docker-registry") || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return;
  tell("Installing docker-registry with apt-get");
  // The package would start a registry of its own; the tests start theirs, each on a free port.
  const options = { env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" }, timeoutMs: 5 * 60_000 };
  const install = ["install", "-y", "--no-install-recommends", "docker-registry"];
  if ((await run("apt-get", install, options)).code !== 0) {
    await run("apt-get", ["update"], options);
    if ((await run("apt-get", install, options)).code !== 0) return;
  }
  await run("service", ["docker-registry", "stop"], options);
}
