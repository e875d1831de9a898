/**
 * `flowctl`: words in, exit code out.
 *
 * The only place that handles signals, exits, and knows the SDK's modules.
 *
 * @module
 */

import process from "node:process";
import { cleanEnvironment } from "./src/cli/environment.ts";

cleanEnvironment(process.env);

// A container without an init: its orphans are ours.
if (process.pid === 1) (await import("./src/support/reaper.ts")).reapOrphans(process.pid);

const { createProcessHost, flushStreams } = await import("./src/cli/process_host.ts");
const { createParts } = await import("./src/cli/real_parts.ts");
const { exitCodeOf, renderError, SIGNAL_EXIT_CODES, stoppedBy, usersError } = await import("./src/cli/exit.ts");
const { runProgram } = await import("./src/cli/program.ts");

async function exit(code: number): Promise<never> {
  await flushStreams();
  process.exit(code);
}

const controller = new AbortController();
/** Set while a user's file is the main module: its end is the end of the process. */
let isUsersFile = false;

function onSignal(signal: keyof typeof SIGNAL_EXIT_CODES): void {
  // The second one does not ask. Containers are not this process's children: they go on either way.
  if (controller.signal.aborted) process.exit(SIGNAL_EXIT_CODES[signal]);
  controller.abort(stoppedBy(signal));
  // A file that listens itself decides itself.
  if (isUsersFile && process.listenerCount(signal) === 1) void exit(SIGNAL_EXIT_CODES[signal]);
}
process.on("SIGINT", () => onSignal("SIGINT"));
process.on("SIGTERM", () => onSignal("SIGTERM"));

const isVerbose = process.env.FLOWCTL_DEBUG === "1" || process.argv.includes("--verbose");

/** Errors that nobody waits for. Both runtimes would end differently unless both events are listened to. */
async function onStray(error: unknown): Promise<void> {
  // While a flow runs the engine listens, and the run fails with the reason; a user's file may listen too.
  if (process.listenerCount("unhandledRejection") + process.listenerCount("uncaughtException") > 2) return;
  const told = isUsersFile ? await usersError(error) : error;
  process.stderr.write(`${renderError(told, isVerbose)}\n`);
  await exit(exitCodeOf(told, controller.signal));
}
process.on("unhandledRejection", onStray);
process.on("uncaughtException", onStray);

const parts = createParts({
  flowctl: () => import("./src/mod/mod.ts"),
  "flowctl/storage": () => import("./src/mod/storage.ts"),
});
const host = createProcessHost(
  {
    ...parts,
    async runAsMain(path, args) {
      isUsersFile = true;
      await parts.runAsMain(path, args);
    },
  },
  controller.signal,
);
const code = await runProgram(process.argv.slice(2), host);
if (code !== undefined) await exit(code);
