/**
 * Who may use an engine's socket: the group that it belongs to.
 *
 * @module
 */

import { readFileSync, statSync } from "node:fs";

/** The name of a file's group, or its number when it has none; undefined when nobody can tell. */
export function groupOfFile(path: string): string | undefined {
  try {
    const { gid } = statSync(path);
    return groupName(readFileSync("/etc/group", "utf8"), gid) ?? String(gid);
  } catch {
    return undefined;
  }
}

/** Looks a group up in the text of `/etc/group`. */
export function groupName(text: string, gid: number): string | undefined {
  return text.split("\n").map((line) => line.split(":")).find((parts) => parts[2] === String(gid))?.[0];
}

/** What a user who may not use a socket has to do. @param group The socket's, when it is known. */
export function accessHint(group = "docker"): string {
  if (group === "root") return "Run flowctl as root, or give the engine's socket another group";
  return `Add the user to the group "${group}" (as root: usermod -aG ${group} USER), then log in again`;
}
