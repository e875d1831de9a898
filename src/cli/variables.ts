/**
 * Environment variables on the command line: `-e NAME=VALUE` and `--env-file PATH`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { FlowctlError, messageOf } from "../support/errors.ts";

/** Splits at the first `=`, so that a value may have more. */
function split(text: string, refuse: (why: string) => FlowctlError): [name: string, value: string] {
  const at = text.indexOf("=");
  if (at === -1) throw refuse("it is not NAME=VALUE");
  const name = text.slice(0, at);
  if (!/^[^\s=\0]+$/.test(name)) throw refuse("its name is none");
  return [name, text.slice(at + 1)];
}

/** The parser of an option that sets a variable and may be repeated. @throws FlowctlError `invalid` */
export function variable(text: string, all: Record<string, string> = {}): Record<string, string> {
  // The value may be a secret: only the name is quoted.
  const [name, value] = split(
    text,
    (why) =>
      new FlowctlError("invalid", `Cannot set variable "${text.split("=", 1)[0]}": ${why}`, {
        hint: "An example is: -e MODE=fast",
      }),
  );
  return { ...all, [name]: value };
}

/**
 * The variables of files as Docker's `--env-file` has them: a line is `NAME=VALUE`, taken as it is; empty lines and those that begin
 * with `#` are skipped. Later ones go before earlier ones.
 *
 * @throws FlowctlError `invalid` with file and line, `not_found` when there is no such file
 */
export function readVariables(files: readonly string[], cwd: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const file of files) {
    textOf(resolve(cwd, file), file).split(/\r?\n/).forEach((line, n) => {
      if (line.trim() === "" || line.trimStart().startsWith("#")) return;
      const refuse = (why: string) => new FlowctlError("invalid", `Cannot read line ${n + 1} of "${file}": ${why}`);
      const [name, value] = split(line.trimStart(), refuse);
      all[name] = value;
    });
  }
  return all;
}

function textOf(path: string, file: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const isMissing = (error as { code?: string }).code === "ENOENT";
    const why = isMissing ? "there is no such file" : messageOf(error);
    throw new FlowctlError(isMissing ? "not_found" : "invalid", `Cannot read variables of "${file}": ${why}`, {
      cause: error,
    });
  }
}
