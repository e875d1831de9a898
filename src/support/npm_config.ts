/**
 * The npm configuration of the user that an agent runs as: which registries to ask, how to prove who asks, whom to trust.
 *
 * Only what says so is taken; the rest of an `.npmrc` (scripts, prefixes, proxies of another machine) means nothing elsewhere.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { FlowctlError } from "./errors.ts";
import { hostCertificates } from "./host_libraries.ts";
import type { Environment } from "./paths.ts";

/** The files that {@link handInNpmConfig} writes. */
export const NPMRC_NAME = "npmrc";
/** See {@link NPMRC_NAME}. */
export const NPM_CERTIFICATES_NAME = "npm-ca.pem";

/** What {@link readNpmConfig} found. */
export interface NpmConfig {
  /** Lines of an `.npmrc`; may hold tokens. */
  npmrc: string;
  /** PEM; undefined when the user has named no authorities of their own. */
  certificates?: string;
}

const WANTED = /^(registry|@[^:\s]+:registry|\/\/\S+:(_authToken|_auth|_password|username|email))$/;

/**
 * Reads `~/.npmrc` (or `NPM_CONFIG_USERCONFIG`), `NPM_CONFIG_REGISTRY`, `NODE_EXTRA_CA_CERTS` and `SSL_CERT_FILE`. In values
 * `${NAME}` is a variable, as npm has it.
 *
 * @throws {FlowctlError} `invalid` when a file of certificates that was named cannot be read
 */
export function readNpmConfig(env: Environment, home: string = env.HOME ?? homedir()): NpmConfig {
  const text = tryRead(env.NPM_CONFIG_USERCONFIG ?? env.npm_config_userconfig ?? join(home, ".npmrc")) ?? "";
  const pairs = parseNpmrc(text, env);
  const wanted = pairs.filter(([key]) => WANTED.test(key));
  const registry = env.NPM_CONFIG_REGISTRY || env.npm_config_registry;
  if (registry) wanted.push(["registry", registry]);
  const value = (key: string) => pairs.findLast(([name]) => name === key)?.[1];
  const files = [env.NODE_EXTRA_CA_CERTS, env.NPM_CONFIG_CAFILE ?? env.npm_config_cafile ?? value("cafile")];
  const own = [...new Set(files)].filter((file) => file !== undefined && file !== "").map((file) => readPem(file!));
  const inline = value("ca")?.replaceAll("\\n", "\n");
  if (inline) own.push(inline);
  // Naming authorities replaces those of the installer: the usual ones must be among them.
  const usual = env.SSL_CERT_FILE || undefined;
  const base = own.length > 0 || usual !== undefined ? usual ?? hostCertificates() : undefined;
  const all = [...own, ...base === undefined ? [] : [readPem(base)]];
  return {
    npmrc: wanted.map(([key, value]) => `${key}=${value}\n`).join(""),
    ...all.length === 0 ? {} : { certificates: all.map((pem) => pem.trimEnd() + "\n").join("") },
  };
}

/** Keys and values of an `.npmrc` in their order. */
export function parseNpmrc(text: string, env: Environment = {}): [string, string][] {
  const pairs: [string, string][] = [];
  for (const line of text.split(/\r?\n/)) {
    const found = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (found === null) continue;
    const value = found[2].replace(/^(["'])(.*)\1$/, "$2");
    pairs.push([found[1], value.replace(/\$\{(\w+)\}/g, (all, name) => env[name] ?? all)]);
  }
  return pairs;
}

/**
 * Writes a configuration into the folder of a run, which is mounted read-only into its container and goes with the run. Whoever the
 * container runs as must be able to read it; on the host nobody else gets past the folder's parent.
 */
export function handInNpmConfig(folder: string, { npmrc, certificates }: NpmConfig): void {
  if (npmrc !== "") writeFileSync(join(folder, NPMRC_NAME), npmrc, { mode: 0o644 });
  if (certificates !== undefined) writeFileSync(join(folder, NPM_CERTIFICATES_NAME), certificates, { mode: 0o644 });
}

function readPem(file: string): string {
  const text = tryRead(file);
  if (text !== undefined) return text;
  throw new FlowctlError(
    "invalid",
    `Cannot read certificates from "${file}": there is no such file, or it is not readable`,
    {
      hint: "Correct NODE_EXTRA_CA_CERTS, SSL_CERT_FILE or npm's cafile in the agent's environment",
    },
  );
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
