/**
 * `flowctl register --watch`: registers files, and again each time one changes, in a process of their own, for a file that was loaded
 * stays loaded with all it imports. What goes wrong with a file is said, and the watch goes on.
 *
 * @module
 */

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { isFlowctlError } from "../support/errors.ts";
import type { Context } from "./context.ts";
import { exitCodeOf, renderError } from "./exit.ts";
import { flowFiles, type SourceOptions } from "./flow_sources.ts";
import type { Registering } from "./parts.ts";

/** How often files are looked at, in milliseconds; Prefect's number. */
const LOOK_MS = 500;

/** Watches until the program is stopped. @param words The command that registers, without its places */
export async function watchSources(
  context: Context,
  registering: Registering,
  options: SourceOptions,
  words: string[],
): Promise<void> {
  const { signal, clock, cwd, env, out } = context;
  const known = new Map<string, string>();
  let trouble = "";
  while (!signal.aborted) {
    let files: { option: string; file: string }[] = [];
    try {
      files = [
        ...flowFiles(options, cwd, registering).map((file) => ({ option: "--path", file })),
        ...(options.json ?? []).map((file) => ({ option: "--json", file: resolve(cwd, file) })),
      ];
      trouble = "";
    } catch (error) {
      if (!isFlowctlError(error)) throw error;
      // Said once: the file may come back.
      const text = renderError(error, context.verbose);
      if (text !== trouble) out.note(text);
      trouble = text;
    }
    const changed = files.filter(({ file }) => {
      const mark = markOf(file);
      const isNew = mark !== undefined && known.get(file) !== mark;
      if (mark === undefined) known.delete(file);
      else known.set(file, mark);
      return isNew;
    });
    if (changed.length > 0) {
      const places = changed.map(({ option, file }) => `${option}=${file}`);
      await context.parts.runSelf([...words, ...places], {
        env,
        cwd,
        signal,
        onLine: ({ stream, text }) => stream === "stdout" ? out.line(text) : out.note(text),
      });
    }
    await clock.sleep(LOOK_MS, signal).catch(() => {});
  }
  context.exitCode = exitCodeOf(signal.reason, signal);
}

/** What changes when a file does; undefined when it is gone. */
function markOf(file: string): string | undefined {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
