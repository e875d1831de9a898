/**
 * What an image is made of, as one hash: equal inputs need no second build. No engine is asked.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { JsonValue } from "../../domain/common.ts";
import { cannotRead, type ContextEntry, readDockerignore, walkFolder } from "./context_folder.ts";
import type { GatheredFiles } from "./copied_files.ts";

/** See {@link hashInputs}. */
export interface HashedInputs {
  /** Options and the like. */
  facts: JsonValue;
  texts: readonly { path: string; text: string }[];
  files: GatheredFiles;
  dockerfile?: string;
  dockerignore?: string;
}

/** The SHA-256 in hex. Names, rights and contents count, times do not. @throws {FlowctlError} for what can't be read */
export async function hashInputs({ facts, texts, files, dockerfile, dockerignore }: HashedInputs): Promise<string> {
  const hash = createHash("sha256");
  say(hash, "facts", sorted(facts));
  for (const { path, text } of texts) say(hash, "text", [path, text]);
  for (const { from, to } of files.copies) say(hash, "copy", [from, to]);
  for (const entry of files.entries) {
    const { path, mode = 0 } = entry;
    say(hash, "entry", [path, mode, "target" in entry ? entry.target : null]);
    if ("file" in entry) await addFile(hash, entry.file);
  }
  if (dockerfile !== undefined) {
    const folder = dirname(dockerfile);
    const { ignore, text } = await readDockerignore(folder, dockerignore);
    say(hash, "dockerfile", [
      await readFile(dockerfile, "utf8").catch((cause) => {
        throw cannotRead(dockerfile, cause);
      }),
      text ?? null,
    ]);
    for await (const entry of walkFolder(folder, ignore)) {
      if (entry.path !== basename(dockerfile)) await addEntry(hash, entry);
    }
  }
  return hash.digest("hex");
}

async function addEntry(hash: Hash, { path, kind, stats, file, target }: ContextEntry): Promise<void> {
  say(hash, "entry", [path, kind, stats.mode & 0o7777, target ?? null]);
  if (kind === "file") await addFile(hash, file);
}

async function addFile(hash: Hash, file: string): Promise<void> {
  const own = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file)) own.update(chunk);
  } catch (cause) {
    throw cannotRead(file, cause);
  }
  hash.update(own.digest());
}

/** Each part with its length, so that no two different inputs read the same. */
function say(hash: Hash, what: string, value: JsonValue): void {
  const text = JSON.stringify([what, value]);
  hash.update(`${text.length} ${text}\n`);
}

/** Objects with their keys in order. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}
