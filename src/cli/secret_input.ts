/**
 * Where commands take secrets from: a file, standard input, or a hidden prompt; never the command line, which other users of the machine
 * and the shell's history see.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { FlowctlError, messageOf } from "../support/errors.ts";
import type { Context } from "./context.ts";

/**
 * Reads a secret. One line end after it is not part of it, as most programs and editors write one.
 *
 * @param what What is read, e.g. `value of secret "TOKEN"`.
 * @throws FlowctlError `not_found` for a file that is not there, `invalid` for an empty secret, `cancelled` when nobody answers
 */
export async function readSecretInput(context: Context, what: string, file?: string): Promise<string> {
  const text = file !== undefined
    ? readFile(resolve(context.cwd, file), what)
    : context.stdin.isTerminal
    ? await context.stdin.hidden(`${what.charAt(0).toUpperCase()}${what.slice(1)}: `, context.signal)
    : await context.stdin.text();
  if (text === undefined) throw new FlowctlError("cancelled", `Cannot read the ${what}: nobody gave it`);
  const value = text.replace(/\r?\n$/, "");
  if (value !== "") return value;
  throw new FlowctlError("invalid", `Cannot use the ${what}: it is empty`, {
    hint: "Give it on standard input, with --from-file, or on a terminal when asked",
  });
}

function readFile(path: string, what: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const { code } = cause as { code?: string };
    const why = code === "ENOENT" ? "there is no such file" : messageOf(cause);
    throw new FlowctlError(code === "ENOENT" ? "not_found" : "forbidden", `Cannot read "${path}": ${why}`, { cause });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FlowctlError("invalid", `Cannot use "${path}" as the ${what}: it is not text in UTF-8`, {
      hint: "Write it as base64 first",
      cause,
    });
  }
}
