/**
 * Profiles: named sets of settings in the home's `profiles.json`, one of which is active.
 *
 * A profile's keys are the names of environment variables (`FLOWCTL_API_URL`), its values their texts; what the environment says goes
 * before it. The file holds keys to servers: it is 0600, and replaced whole. Nothing here loads a library, for every command reads it.
 *
 * @module
 */

import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { FlowctlError, messageOf } from "../support/errors.ts";
import { type Environment, flowctlHome, inHome } from "../support/paths.ts";

/** The texts of settings by the names of their variables. */
export type ProfileValues = Record<string, string>;

/** All profiles of a home. */
export interface Profiles {
  /** The one in use unless `FLOWCTL_PROFILE` names another. */
  active: string;
  profiles: Record<string, ProfileValues>;
}

/** A profile with its name. */
export interface Profile {
  name: string;
  values: ProfileValues;
}

/** The profile that is always there. */
export const DEFAULT_PROFILE = "default";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** How long a change waits for another process's. */
const LOCK_WAIT_MS = 10_000;
const LOCK_STEP_MS = 20;

/** The file of a home. */
export const profilesFile = (home: string): string => inHome(home, "profiles.json");

/** @throws {FlowctlError} `invalid` for what can't be a profile's name. */
export function checkProfileName(name: string): void {
  if (NAME.test(name)) return;
  throw new FlowctlError("invalid", `Cannot use profile name "${name}": it is not made of letters, digits, _ . and -`);
}

/**
 * The profiles of a home; one without values where nobody wrote any.
 *
 * @throws {FlowctlError} `invalid` for a damaged file, `forbidden` for one that may not be read.
 */
export function readProfiles(home: string): Profiles {
  const path = profilesFile(home);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as { code?: string };
    // A container's process may run as a user who can't enter the home that its image gives it: there is no profile of that user's.
    if (code === "ENOENT" || code === "ENOTDIR" || (code === "EACCES" && !mayEnter(home))) {
      return { active: DEFAULT_PROFILE, profiles: { [DEFAULT_PROFILE]: {} } };
    }
    throw new FlowctlError("forbidden", `Cannot read profiles "${path}": ${messageOf(error)}`, { cause: error });
  }
  try {
    return profilesOf(JSON.parse(text));
  } catch (cause) {
    throw new FlowctlError("invalid", `Cannot read profiles "${path}": they are damaged`, {
      hint: "Correct the file, or remove it and log in again",
      cause,
    });
  }
}

function mayEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function profilesOf(value: unknown): Profiles {
  const { active, profiles } = value as { active: unknown; profiles: Record<string, unknown> };
  if (typeof active !== "string" || typeof profiles !== "object" || profiles === null) throw new Error("shape");
  const read: Record<string, ProfileValues> = { [DEFAULT_PROFILE]: {} };
  for (const [name, values] of Object.entries(profiles)) {
    if (!NAME.test(name) || typeof values !== "object" || values === null) throw new Error(name);
    if (!Object.values(values).every((text) => typeof text === "string")) throw new Error(name);
    read[name] = { ...values };
  }
  return { active: Object.hasOwn(read, active) ? active : DEFAULT_PROFILE, profiles: read };
}

/**
 * The profile in use: that of `FLOWCTL_PROFILE`, else the active one of the home.
 *
 * @throws {FlowctlError} `not_found` for a name that no profile has; and as {@link readProfiles}.
 */
export function activeProfile(env: Environment = process.env): Profile {
  const all = readProfiles(flowctlHome(env));
  const name = env.FLOWCTL_PROFILE?.trim() || all.active;
  return { name, values: valuesOf(all, name, "use") };
}

/** A text of the environment, else of the profile in use. It never fails: who needs to know that a profile is damaged reads it. */
export function settingText(env: Environment, name: string): string | undefined {
  const said = env[name]?.trim();
  if (said) return said;
  try {
    return activeProfile(env).values[name]?.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** A profile's values. @throws {FlowctlError} `not_found` */
export function valuesOf(all: Profiles, name: string, verb: string): ProfileValues {
  if (Object.hasOwn(all.profiles, name)) return all.profiles[name];
  throw new FlowctlError("not_found", `Cannot ${verb} profile "${name}": no profile has that name`, {
    hint: "List them with: flowctl profile ls",
  });
}

/**
 * Changes the profiles of a home; makes the home when it is not there. Changes of several processes come one after the other.
 *
 * @param change Edits what it is given. When it throws, nothing is written.
 * @returns What `change` returned.
 */
export async function changeProfiles<T>(home: string, change: (profiles: Profiles) => T): Promise<T> {
  const refuse = (error: unknown): never => {
    if (error instanceof FlowctlError) throw error;
    throw new FlowctlError("forbidden", `Cannot write profiles "${profilesFile(home)}": ${messageOf(error)}`, {
      hint: "Set FLOWCTL_HOME to a folder that you may write",
      cause: error,
    });
  };
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    refuse(error);
  }
  const lock = await takeLock(home);
  try {
    const profiles = readProfiles(home);
    const result = change(profiles);
    writeWhole(profilesFile(home), JSON.stringify(profiles, null, 2) + "\n");
    return result;
  } catch (error) {
    return refuse(error);
  } finally {
    lock.release();
  }
}

/**
 * Sets values of the profile in use (see {@link activeProfile}); undefined takes one away.
 *
 * @returns The profile's name.
 *
 * @example
 * ```ts
 * import { setProfileValues } from "./profiles.ts";
 *
 * const logIn = (url: string, key: string) => setProfileValues({ FLOWCTL_API_URL: url, FLOWCTL_API_KEY: key });
 * ```
 */
export function setProfileValues(
  values: Record<string, string | undefined>,
  env: Environment = process.env,
): Promise<string> {
  return changeProfiles(flowctlHome(env), (all) => {
    const name = env.FLOWCTL_PROFILE?.trim() || all.active;
    const profile = valuesOf(all, name, "change");
    for (const [key, text] of Object.entries(values)) {
      if (text === undefined) delete profile[key];
      else profile[key] = text;
    }
    return name;
  });
}

/** Loaded here: only a change needs SQLite, which holds the lock. */
async function takeLock(home: string) {
  const { lockHome } = await import("../support/home_lock.ts");
  const path = inHome(home, "profiles.lock");
  for (let waited = 0; waited < LOCK_WAIT_MS; waited += LOCK_STEP_MS) {
    const lock = lockHome(path);
    if (lock !== undefined) return lock;
    await new Promise((resolve) => setTimeout(resolve, LOCK_STEP_MS));
  }
  throw new FlowctlError("conflict", `Cannot change profiles of "${home}": another process is changing them`);
}

/** Nobody ever reads half of it, or finds it open to others. */
function writeWhole(path: string, text: string): void {
  const partial = `${path}.${process.pid}`;
  rmSync(partial, { force: true });
  try {
    writeFileSync(partial, text, { mode: 0o600, flag: "wx", flush: true });
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
