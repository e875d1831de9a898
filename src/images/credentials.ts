/**
 * Who pulls an image: what `docker login` left in the docker configuration, or what a credential helper answers.
 *
 * Read anew for each pull, so that a login takes effect at once. The order is docker's: `credHelpers` of the registry, else
 * `credsStore`, else `auths` in the file itself. Nothing of it is ever logged or quoted in a message.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseReference } from "../docker/images.ts";
import type { AuthConfig } from "../docker/types.ts";
import { captureOutput } from "../support/capture.ts";
import { FlowctlError } from "../support/errors.ts";
import type { Environment } from "../support/paths.ts";

/** The name of Docker Hub in docker configurations, by which helpers know it too. */
export const HUB = "https://index.docker.io/v1/";
/** Other names of it. */
const HUB_HOSTS = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/** See {@link findCredentials}. */
export interface CredentialOptions {
  env?: Environment;
  /** The user's folder, whose `.docker` is read when `DOCKER_CONFIG` says nothing. */
  home?: string;
  /** How long a helper may take; default 15 s. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** A login, and for messages who has it. */
export type FoundLogin = AuthConfig & {
  /** Completes "the login that …"; default: the docker configuration has it. */
  from?: string;
};

/**
 * Asks one source of logins after the other. One that fails counts only when no other has a login: the image may need none.
 *
 * @throws what the first failing source threw
 */
export function firstLogin(
  sources: readonly ((registry: string) => Promise<FoundLogin | undefined>)[],
): (registry: string) => Promise<FoundLogin | undefined> {
  return async (registry) => {
    const problems: unknown[] = [];
    for (const source of sources) {
      try {
        const found = await source(registry);
        if (found !== undefined) return found;
      } catch (error) {
        problems.push(error);
      }
    }
    if (problems.length > 0) throw problems[0];
    return undefined;
  };
}

interface DockerConfigFile {
  auths?: Record<string, Record<string, unknown>>;
  credsStore?: unknown;
  credHelpers?: Record<string, unknown>;
}

/**
 * The registry that an image's name leads to, as docker reads it: the first part when it looks like a host, else Docker Hub.
 *
 * @example
 * ```ts
 * import { HUB, registryOf } from "./credentials.ts";
 *
 * console.assert(registryOf("localhost:5000/app:1") === "localhost:5000");
 * console.assert(registryOf("team/app") === HUB);
 * ```
 */
export function registryOf(reference: string): string {
  const { name } = parseReference(reference);
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  return !isHost || HUB_HOSTS.includes(first) ? HUB : first;
}

/** The command that logs in to a registry, for hints. */
export const loginCommand = (registry: string): string =>
  registry === HUB ? "docker login" : `docker login ${registry}`;

/**
 * Looks up what to send to a registry; undefined when nobody logged in.
 *
 * @param registry What {@link registryOf} answered.
 * @throws FlowctlError when the configuration can't be read, or a helper fails in another way than by knowing nothing.
 */
export async function findCredentials(
  registry: string,
  options: CredentialOptions = {},
): Promise<AuthConfig | undefined> {
  const { env = process.env, home = homedir() } = options;
  const file = join(env.DOCKER_CONFIG || join(home, ".docker"), "config.json");
  const config = await readConfig(file);
  if (config === undefined) return undefined;
  const names = registry === HUB ? [HUB, ...HUB_HOSTS] : [registry];
  const helpers = objectOf(config.credHelpers);
  const ofRegistry = names.find((name) => Object.hasOwn(helpers, name));
  const helper = ofRegistry === undefined ? config.credsStore : helpers[ofRegistry];
  if (helper !== undefined && helper !== "") return await askHelper(helper, registry, file, { ...options, env });
  const auths = objectOf(config.auths);
  const key = Object.keys(auths).find((key) => names.includes(key)) ??
    Object.keys(auths).find((key) => names.includes(hostOf(key)));
  return key === undefined ? undefined : authOf(objectOf(auths[key]), registry, file);
}

/** Older logins wrote `https://HOST/v1/`. */
const hostOf = (key: string): string => key.replace(/^https?:\/\//, "").split("/", 1)[0];

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};

async function readConfig(file: string): Promise<DockerConfigFile | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new FlowctlError("forbidden", `Cannot read "${file}": ${code ?? "it failed"}`, { cause });
  }
  try {
    return objectOf(JSON.parse(text));
  } catch {
    // Without the cause: a parser quotes what it read.
    throw new FlowctlError("invalid", `Cannot read "${file}": it is not JSON`);
  }
}

function authOf(entry: Record<string, unknown>, registry: string, file: string): AuthConfig | undefined {
  const text = (name: string) => typeof entry[name] === "string" && entry[name] !== "" ? entry[name] : undefined;
  const auth: AuthConfig = {};
  let username = text("username"), password = text("password");
  const encoded = text("auth");
  if (encoded !== undefined) {
    const decoded = decode(encoded);
    const colon = decoded?.indexOf(":") ?? -1;
    if (decoded === undefined || colon < 1) {
      throw new FlowctlError(
        "invalid",
        `Cannot use the login for "${registry}" in "${file}": it is not NAME:PASSWORD`,
        {
          hint: `Log in again with: ${loginCommand(registry)}`,
        },
      );
    }
    username = decoded.slice(0, colon);
    // Old versions of docker filled it up with NULs.
    password = decoded.slice(colon + 1).replace(/\0+$/, "");
  }
  if (username !== undefined) auth.username = username;
  if (password !== undefined && password !== "") auth.password = password;
  const identitytoken = text("identitytoken"), registrytoken = text("registrytoken");
  if (identitytoken !== undefined) auth.identitytoken = identitytoken;
  if (registrytoken !== undefined) auth.registrytoken = registrytoken;
  return Object.keys(auth).length === 0 ? undefined : { ...auth, serveraddress: registry };
}

function decode(base64: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** What helpers say, on standard output, when they know nothing of a registry. */
const UNKNOWN = /credentials not found|no credentials (server URL|username)/i;

async function askHelper(
  helper: unknown,
  registry: string,
  file: string,
  { env = process.env, timeoutMs = 15_000, signal }: CredentialOptions,
): Promise<AuthConfig | undefined> {
  if (typeof helper !== "string" || !/^[a-zA-Z0-9_-]+$/.test(helper)) {
    throw new FlowctlError("invalid", `Cannot use the credential helper ${JSON.stringify(helper)} of "${file}"`, {
      hint: "The name of a helper has letters, digits, - and _ only",
    });
  }
  const program = `docker-credential-${helper}`;
  const { code, stdout } = await captureOutput({ command: [program, "get"], input: registry, env, timeoutMs, signal });
  if (code !== 0) {
    if (UNKNOWN.test(stdout)) return undefined;
    // Its words stay out: nobody knows what a helper prints when it fails.
    throw new FlowctlError("unavailable", `Cannot get the login for "${registry}" from "${program}": it failed`, {
      hint: `Try it with: echo ${registry} | ${program} get`,
      details: { code },
    });
  }
  let answer: Record<string, unknown>;
  try {
    answer = objectOf(JSON.parse(stdout));
  } catch {
    answer = {};
  }
  const { Username, Secret } = answer;
  if (typeof Username !== "string" || typeof Secret !== "string") {
    throw new FlowctlError(
      "invalid",
      `Cannot get the login for "${registry}" from "${program}": its answer is no login`,
    );
  }
  // Docker's word for a secret that is a token of the registry and no password.
  if (Username === "<token>") return { identitytoken: Secret, serveraddress: registry };
  return Username === "" && Secret === ""
    ? undefined
    : { username: Username, password: Secret, serveraddress: registry };
}
