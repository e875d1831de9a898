/**
 * The process's own streams, environment and time as a {@link Host}.
 *
 * @module
 */

import process from "node:process";
import { systemClock } from "../support/clock.ts";
import type { Host, Reader } from "./context.ts";
import type { Writer } from "./output.ts";
import type { Parts } from "./parts.ts";

/** Makes the host of this process. */
export function createProcessHost(parts: Parts, signal: AbortSignal): Host {
  return {
    env: process.env,
    cwd: process.cwd(),
    stdin,
    stdout: writer(process.stdout),
    stderr: writer(process.stderr),
    clock: systemClock,
    random: Math.random,
    signal,
    parts,
  };
}

function writer(stream: NodeJS.WriteStream): Writer {
  // `flowctl flow-run ls | head -1`: the reader is gone, and nobody is left to be told.
  stream.on("error", () => {});
  return {
    write: (text) => void stream.write(text),
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns;
    },
  };
}

/**
 * Ends both streams and waits until everything written has left the process: a pipe takes it piece by piece, and an exit would cut
 * the rest. (Bun calls back for an empty write before the pipe took what was written earlier; for the end it does not.)
 */
export async function flushStreams(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) =>
    new Promise<void>((resolve) => {
      if (stream.destroyed || !stream.writable) return resolve();
      stream.once("close", () => resolve());
      stream.once("error", () => resolve());
      stream.end(() => resolve());
    })
  ));
}

const stdin: Reader = {
  get isTerminal() {
    return process.stdin.isTTY === true;
  },
  async text() {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of process.stdin) text += decoder.decode(chunk, { stream: true });
    return text + decoder.decode();
  },
  async line(signal) {
    const { createInterface } = await import("node:readline");
    const lines = createInterface({ input: process.stdin });
    try {
      return await new Promise<string | undefined>((resolve) => {
        lines.once("line", resolve);
        lines.once("close", () => resolve(undefined));
        signal.addEventListener("abort", () => resolve(undefined), { once: true });
      });
    } finally {
      lines.close();
    }
  },
  async hidden(prompt, signal) {
    const { readHiddenLine } = await import("./hidden_line.ts");
    return await readHiddenLine(process.stdin, process.stderr, prompt, signal);
  },
};
