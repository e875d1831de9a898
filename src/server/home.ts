/**
 * The home folder of a server: what lies in it, and who serves it.
 *
 * `server.lock` is held by the one server of the home; `server.json` says where it answers. The latter may be left over by one that
 * was killed, so its word counts only when the server that answers there bears the same instance id.
 *
 * @module
 */

import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { INSTANCE_HEADER } from "../api/instance.ts";
import type { Fetch } from "../client/transport.ts";
import { FlowctlError, messageOf } from "../support/errors.ts";
import { inHome } from "../support/paths.ts";

/** The files of a home that the server uses. */
export const homeFiles = (home: string) => ({
  database: inHome(home, "flowctl.db"),
  lock: inHome(home, "server.lock"),
  server: inHome(home, "server.json"),
  secretKey: inHome(home, "secret.key"),
});

/**
 * Makes the folder, for its owner only. An existing one keeps its rights; the files in it are 0600.
 *
 * @throws {FlowctlError} `forbidden` when it can't be made or written, or is no folder.
 */
export function prepareHome(home: string): void {
  const refuse = (why: string, cause?: unknown) => {
    throw new FlowctlError("forbidden", `Cannot use home "${home}": ${why}`, {
      hint: "Set FLOWCTL_HOME to a folder that you may write",
      cause,
    });
  };
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    if (!statSync(home).isDirectory()) refuse("it is no folder");
    accessSync(home, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof FlowctlError) throw error;
    const text = `${(error as { code?: string }).code} ${messageOf(error)}`;
    if (/EEXIST|ENOTDIR|Not a directory|already exists/i.test(text)) {
      refuse("it, or a part of its path, is no folder", error);
    }
    refuse(
      /EACCES|EPERM|EROFS|denied|read-only/i.test(text) ? "this user may not write there" : messageOf(error),
      error,
    );
  }
}

const ServerFile = z.object({
  pid: z.int(),
  url: z.string(),
  instance: z.string(),
  /** Where the page answers too; absent when that is `url`, or when there is none. */
  ui_url: z.string().optional(),
  /** Of the machine (or container) whose process has that id. */
  machine: z.string().optional(),
});
/** Where a server answers. `url` is its address without trailing slash; the API is below it under `/api`, the page is there too. */
export type ServerFile = z.infer<typeof ServerFile>;

/** Says where this server answers; in one step, so that nobody reads a half of it. */
export function writeServerFile(home: string, content: ServerFile): void {
  const { server } = homeFiles(home);
  writeFileSync(`${server}.new`, JSON.stringify(content) + "\n", { mode: 0o600 });
  renameSync(`${server}.new`, server);
}

/** Takes the word back. */
export function removeServerFile(home: string): void {
  rmSync(homeFiles(home).server, { force: true });
}

/** What is said, be it true or not; undefined when nothing is. */
export function readServerFile(home: string): ServerFile | undefined {
  try {
    const result = ServerFile.safeParse(JSON.parse(readFileSync(homeFiles(home).server, "utf8")));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** How long a server may take to say that it is there. */
const ANSWER_MS = 3000;

/** The server of a home, when one runs and answers. */
export async function findServer(home: string, fetch: Fetch): Promise<ServerFile | undefined> {
  const said = readServerFile(home);
  if (said === undefined) return undefined;
  try {
    const response = await fetch(`${said.url}/api/health`, { signal: AbortSignal.timeout(ANSWER_MS) });
    await response.body?.cancel();
    return response.ok && response.headers.get(INSTANCE_HEADER) === said.instance ? said : undefined;
  } catch {
    return undefined;
  }
}
