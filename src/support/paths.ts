/**
 * Where things lie on disk: the home folder of flowctl, what is in it, and folders for sockets with their short paths.
 *
 * Environment, platform and user come in by argument; only {@link ensurePrivateDir} touches the disk.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { homedir as osHomedir } from "node:os";
import { posix, win32 } from "node:path";
import process from "node:process";
import { FlowctlError } from "./errors.ts";

/** Environment variables, as `process.env` has them. */
export type Environment = Record<string, string | undefined>;

const pathOf = (platform: string) => platform === "win32" ? win32 : posix;

/**
 * The home folder: `$FLOWCTL_HOME` (a leading `~` counts), else `.flowctl` in the user's folder. Absolute; it may not exist.
 *
 * @param platform As `process.platform`.
 * @param homedir As `os.homedir()`.
 * @param cwd What a relative `$FLOWCTL_HOME` is relative to.
 */
export function flowctlHome(
  env: Environment = process.env,
  platform: string = process.platform,
  homedir: string = osHomedir(),
  cwd: string = process.cwd(),
): string {
  const { join, resolve } = pathOf(platform);
  const given = env.FLOWCTL_HOME?.trim();
  if (!given) return join(homedir, ".flowctl");
  if (given === "~" || /^~[/\\]/.test(given)) return join(homedir, given.slice(1));
  return resolve(cwd, given);
}

/** A path below the home, in the platform's own writing. */
export function inHome(home: string, ...parts: string[]): string {
  return pathOf(/^[A-Za-z]:[\\/]|^\\\\/.test(home) ? "win32" : "linux").join(home, ...parts);
}

/** The name of the socket inside {@link socketDir}. */
export const SOCKET_NAME = "api.sock";

/** The longest path of a Unix socket in bytes: `sun_path` has 108 on Linux and 104 elsewhere, one of them for the end. */
export const socketPathLimit = (platform: string = process.platform): number => platform === "linux" ? 107 : 103;

/** See {@link socketDir}. */
export interface SocketDirOptions {
  /** As `process.platform`. */
  platform?: string;
  /** As `os.tmpdir()`; the place of the short folder. */
  tmpdir?: string;
  /** The user's number, which keeps users of one machine apart. */
  uid?: number;
}

/**
 * The folder for the socket of one run (or other thing): `<home>/run/<id>`, or, when the socket's path would be longer than
 * the kernel takes, a short one, `<tmpdir>/flowctl-<uid>/<hash of home and id>`. The same arguments give the same folder, so
 * an agent that was restarted finds it again. Make it with {@link ensurePrivateDir}, its parent first.
 */
export function socketDir(home: string, id: string, options: SocketDirOptions = {}): string {
  const { platform = process.platform, uid = process.getuid?.() ?? 0 } = options;
  const tmpdir = options.tmpdir ?? process.env.TMPDIR ?? "/tmp";
  const limit = socketPathLimit(platform);
  const fits = (dir: string) => new TextEncoder().encode(`${dir}/${SOCKET_NAME}`).length <= limit;
  const direct = inHome(home, "run", id);
  // Windows reaches Docker through a named pipe and has no such sockets to mount.
  if (platform === "win32" || fits(direct)) return direct;
  const short = createHash("sha256").update(`${home}\0${id}`).digest("hex").slice(0, 16);
  const below = (dir: string) => posix.join(dir, `flowctl-${uid}`, short);
  return fits(below(tmpdir)) ? below(tmpdir) : below("/tmp");
}

/**
 * Makes a folder (and its parents) that only its owner may enter, and checks an existing one: in a shared place like `/tmp`
 * somebody else may have made it first.
 *
 * @throws {FlowctlError} `forbidden` when it is a link, no folder, another user's, or open to others.
 */
export function ensurePrivateDir(path: string, uid: number | undefined = process.getuid?.()): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  const refuse = (why: string) => {
    throw new FlowctlError("forbidden", `Cannot use folder "${path}": ${why}`, {
      hint: "Remove it, or set FLOWCTL_HOME to a folder of your own with a shorter path.",
    });
  };
  if (!found.isDirectory()) refuse("it is a link or no folder");
  if (uid === undefined) return; // Windows: rights are inherited from the user's folder.
  if (found.uid !== uid) refuse("it belongs to another user");
  if ((found.mode & 0o077) !== 0) refuse("other users may enter it");
}
