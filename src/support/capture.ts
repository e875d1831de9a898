/**
 * Small programs that are asked one question: a text in, a text out, in a limited time.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { FlowctlError, messageOf } from "./errors.ts";
import type { Environment } from "./paths.ts";
import { readAll } from "./streams.ts";
import { childEnvironment } from "./subprocess.ts";

/** See {@link captureOutput}. */
export interface CaptureOptions {
  /** Program and arguments; no shell reads them. */
  command: readonly string[];
  /** What it reads on standard input. */
  input: string;
  /** The whole environment; nothing is inherited. */
  env: Environment;
  /** Then it is killed, with all that it started. */
  timeoutMs: number;
  /** More on standard output is an error. */
  maxBytes?: number;
  signal?: AbortSignal;
}

/** What a program answered. */
export interface Captured {
  /** Null when a signal ended it. */
  code: number | null;
  stdout: string;
}

/**
 * Runs a program to its end. What it writes on standard error is thrown away.
 *
 * @throws FlowctlError `not_found` when there is no such program, `timeout`, `too_large`, `cancelled` on abort.
 */
export async function captureOutput(options: CaptureOptions): Promise<Captured> {
  const { command, input, env, timeoutMs, maxBytes = 1024 * 1024, signal } = options;
  const name = command[0];
  if (signal?.aborted) throw new FlowctlError("cancelled", `Cannot run "${name}": it was stopped`);
  const isWindows = process.platform === "win32";
  const child = spawn(name, command.slice(1), {
    env: childEnvironment(env),
    detached: !isWindows,
    stdio: ["pipe", "pipe", "ignore"],
    windowsHide: true,
  });
  const stopped = Promise.withResolvers<never>();
  const stop = (error: FlowctlError) => {
    try {
      if (isWindows) child.kill("SIGKILL");
      else process.kill(-child.pid!, "SIGKILL");
    } catch {
      // It has ended, or never began.
    }
    child.stdout.destroy();
    stopped.reject(error);
  };
  const timer = setTimeout(
    () => stop(new FlowctlError("timeout", `Cannot run "${name}": it did not answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  const onAbort = () => stop(new FlowctlError("cancelled", `Cannot run "${name}": it was stopped`));
  signal?.addEventListener("abort", onAbort, { once: true });
  // A program that does not read its input ends before that is written.
  child.stdin.on("error", () => {});
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", (cause) => {
      const isMissing = (cause as { code?: string }).code === "ENOENT";
      const why = isMissing ? "there is no such program on the PATH" : messageOf(cause);
      reject(new FlowctlError(isMissing ? "not_found" : "forbidden", `Cannot run "${name}": ${why}`, { cause }));
    });
    child.once("exit", (code) => resolve(code));
  });
  try {
    child.stdin.end(input);
    const read = readAll(child.stdout, { maxBytes }).catch((error) => {
      stop(error);
      throw error;
    });
    const both = Promise.all([ended, read]);
    const [code, bytes] = await Promise.race([both, stopped.promise]);
    return { code, stdout: new TextDecoder().decode(bytes) };
  } finally {
    // Whichever of these lost the race was told to nobody.
    stopped.promise.catch(() => {});
    await ended.catch(() => {});
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
