/**
 * Debian's chromium, which drives the dashboard as a person would.
 *
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { type Browser, chromium } from "playwright-core";
import { run } from "./command.ts";

export type { Browser as Chromium, BrowserContext, Page } from "playwright-core";

/** Where it lies. */
export const CHROMIUM = "/usr/bin/chromium";

/** Installs Debian's package when it is missing and may be installed; the tests that need it are skipped otherwise. */
export async function ensureChromium(tell: (line: string) => void): Promise<void> {
  if (existsSync(CHROMIUM) || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return;
  tell("Installing chromium with apt-get");
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, timeoutMs: 10 * 60_000 };
  const install = ["install", "-y", "--no-install-recommends", "chromium"];
  if ((await run("apt-get", install, options)).code === 0) return;
  await run("apt-get", ["update"], options);
  await run("apt-get", install, options);
}

/** Starts it, without a window. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      // Without these it looks for hosts of its maker's at every start.
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
