/**
 * A line from a terminal that is not shown while it is typed.
 *
 * @module
 */

import process from "node:process";

/** The part of a terminal that is needed. */
export interface Terminal {
  isRaw?: boolean;
  setRawMode?(on: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: "data" | "end", listener: (chunk: Uint8Array | string) => void): unknown;
  off(event: "data" | "end", listener: (chunk: Uint8Array | string) => void): unknown;
}

/**
 * Asks for a line. The terminal shows nothing of it and is afterwards as it was.
 *
 * @returns undefined on Ctrl-C, Ctrl-D without text, the input's end, and abort
 */
export async function readHiddenLine(
  input: Terminal,
  output: { write(text: string): unknown },
  prompt: string,
  signal: AbortSignal,
  interrupt: () => void = () => process.kill(process.pid, "SIGINT"),
): Promise<string | undefined> {
  if (signal.aborted) return undefined;
  const wasRaw = input.isRaw === true;
  // Before the prompt: who sees it may type at once.
  input.setRawMode?.(true);
  output.write(prompt);
  const done = Promise.withResolvers<string | undefined>();
  const decoder = new TextDecoder();
  let typed: string[] = [];
  const take = (chunk: Uint8Array | string) => {
    for (const key of typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true })) {
      if (key === "\r" || key === "\n") return done.resolve(typed.join(""));
      if (key === "\x03") {
        // In this mode the terminal sends no signal by itself.
        interrupt();
        return done.resolve(undefined);
      }
      if (key === "\x04") return done.resolve(typed.length === 0 ? undefined : typed.join(""));
      if (key === "\x7f" || key === "\b") typed.pop();
      else if (key === "\x15") typed = [];
      else typed.push(key);
    }
  };
  const stop = () => done.resolve(undefined);
  input.on("data", take);
  input.on("end", stop);
  signal.addEventListener("abort", stop, { once: true });
  input.resume();
  try {
    return await done.promise;
  } finally {
    signal.removeEventListener("abort", stop);
    input.off("data", take);
    input.off("end", stop);
    input.setRawMode?.(wasRaw);
    input.pause();
    output.write("\n");
  }
}
