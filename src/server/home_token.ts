/**
 * The token file of a home: with it the CLI and the agents of this home speak to its server where no request is trusted for where it
 * comes from.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { lstatSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import process from "node:process";
import { TOKEN_BYTES, tokenText } from "../domain/tokens.ts";
import { FlowctlError, messageOf } from "../support/errors.ts";
import { inHome } from "../support/paths.ts";

/** Where it lies. */
export const homeTokenFile = (home: string): string => inHome(home, "home.token");

/** What the file of a home says; undefined when there is none, or none that this user may read. */
export function readHomeToken(home: string): string | undefined {
  try {
    return readFileSync(homeTokenFile(home), "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * The token of a home; it outlives the server, so that agents go on when that is started anew.
 *
 * @param make Whether to make one (0600) when there is none.
 * @throws {FlowctlError} `forbidden` when others may read the file, or it can't be written.
 */
export function openHomeToken(home: string, make: boolean): string | undefined {
  const path = homeTokenFile(home);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && process.platform !== "win32" && (!found.isFile() || (found.mode & 0o077) !== 0)) {
    throw new FlowctlError("forbidden", `Cannot use token file "${path}": others than its owner may read it`, {
      hint: "Remove it; the server makes another",
    });
  }
  const known = readHomeToken(home);
  if (known !== undefined || !make) return known;
  const text = tokenText(randomBytes(TOKEN_BYTES));
  try {
    writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new FlowctlError("forbidden", `Cannot write token file "${path}": ${messageOf(error)}`, { cause: error });
  }
  return text;
}
