/**
 * Runs a script in a process of its own, in the runtime that runs the tests.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isBun } from "../../src/support/runtime.ts";

/** The project's folder, with a trailing slash. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** How a process ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a script to its end. */
export function runScript(
  path: string,
  args: string[] = [],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const runtime = isBun
    ? []
    : ["run", "-A", "-q", "--no-check", "--node-modules-dir=manual", "--config", `${PROJECT}deno.json`];
  const child = spawn(process.execPath, [...runtime, path, ...args], {
    cwd: options.cwd ?? PROJECT,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => stdout += chunk);
  child.stderr.on("data", (chunk) => stderr += chunk);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
