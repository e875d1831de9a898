/**
 * Who this agent is: an id that lives in its home, held by one process at a time.
 *
 * Because the id outlives the process, an agent that was killed and is started again takes its leases back at once.
 *
 * @module
 */

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { FlowctlError, messageOf } from "../support/errors.ts";
import { lockHome } from "../support/home_lock.ts";
import { isUuid, newId } from "../support/ids.ts";
import { ensurePrivateDir, inHome } from "../support/paths.ts";

/** See the module's comment. */
export interface Identity {
  /** The agent's id. */
  id: string;
  /** The id of the home, which containers bear as a label. */
  installation: string;
  /** Lets another process be this agent. */
  release(): void;
}

/** The ids that live in a home, without taking them; undefined when no agent was ever started there. */
export function readIdentity(home: string): Omit<Identity, "release"> | undefined {
  try {
    const { id, installation } = JSON.parse(readFileSync(inHome(home, "agent.json"), "utf8"));
    return isUuid(String(id)) && isUuid(String(installation)) ? { id, installation } : undefined;
  } catch (error) {
    // A damaged one is made anew by the next agent, so nothing is known as this home's any more.
    const { code } = error as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR" || error instanceof SyntaxError) return undefined;
    throw new FlowctlError("forbidden", `Cannot read "${inHome(home, "agent.json")}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Takes the identity that lives in a home, made at the first time.
 *
 * @throws FlowctlError `conflict` when another process is this agent now, `forbidden` when the home can't be written.
 */
export function openIdentity(home: string): Identity {
  ensurePrivateDir(home);
  const lock = lockHome(inHome(home, "agent.lock"));
  if (lock === undefined) {
    throw new FlowctlError("conflict", `Cannot start an agent: one is running on "${home}" already`, {
      hint: "Stop it, start the server with --no-agent, or set FLOWCTL_HOME to another folder for this one",
    });
  }
  const path = inHome(home, "agent.json");
  try {
    let known: { id?: string; installation?: string } = {};
    try {
      known = JSON.parse(readFileSync(path, "utf8"));
    } catch (error) {
      // A damaged file would be a new agent; what the old one held is left to the leases' end.
      if ((error as { code?: string }).code !== "ENOENT" && !(error instanceof SyntaxError)) throw error;
    }
    const identity = {
      id: isUuid(known.id ?? "") ? known.id! : newId(),
      installation: isUuid(known.installation ?? "") ? known.installation! : newId(),
    };
    if (identity.id !== known.id || identity.installation !== known.installation) {
      writeFileSync(`${path}.new`, JSON.stringify(identity) + "\n", { mode: 0o600 });
      renameSync(`${path}.new`, path);
    }
    return { ...identity, release: () => lock.release() };
  } catch (cause) {
    lock.release();
    throw new FlowctlError("forbidden", `Cannot use "${path}": ${messageOf(cause)}`, { cause });
  }
}
