/**
 * Installs npm packages beside a bundle, with the installer that the compiled binary carries.
 *
 * The binary becomes that installer when it is started with `BUN_BE_BUN=1`. It is given a folder of its own and an environment that
 * holds nothing else; scripts of packages are not run.
 *
 * @module
 */

import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { type NpmPackage, npmPackageText } from "../domain/npm_packages.ts";
import { FlowctlError } from "../support/errors.ts";
import { removeFolder } from "../support/files.ts";
import { hostCertificates } from "../support/host_libraries.ts";
import { NPM_CERTIFICATES_NAME, NPMRC_NAME, parseNpmrc } from "../support/npm_config.ts";
import type { Environment } from "../support/paths.ts";
import { isBun, isCompiled } from "../support/runtime.ts";
import { startProcess } from "../support/subprocess.ts";
import { harmlessLine } from "../support/text.ts";

/** See {@link installNpmPackages}. */
export interface InstallOptions {
  packages: readonly NpmPackage[];
  /** The run's environment: registry, proxies and the way to the run's folder are read. */
  env: Environment;
  signal?: AbortSignal;
  /** The installer; by default this very binary. */
  program?: string;
  /** How long it may take, in milliseconds. */
  timeoutMs?: number;
  /** The folder with the configuration that was handed in; by default the run's. */
  handedIn?: string;
  /** For which machine packages are chosen; by default this one. The lock file is kept then. */
  target?: { os: string; cpu: string };
  /** Takes each line of the installer. */
  tell?: (line: string) => void;
}

/** A folder with a `node_modules` in it. */
export interface Installed {
  folder: string;
  remove(): void;
}

const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
const TIMEOUT_MS = 600_000;

/**
 * Installs packages into a new folder: in the run's own one when that can be written, else in a temporary one or in `/dev/shm`.
 *
 * @throws {FlowctlError} `user_code` with the installer's reason; `unsupported` when this is not the compiled binary; `cancelled`
 */
export async function installNpmPackages(options: InstallOptions): Promise<Installed> {
  const { packages, env, signal, program = ownProgram(), timeoutMs = TIMEOUT_MS } = options;
  const { target, tell = () => {}, handedIn: given = runFolder(env) } = options;
  const ofRun = given === undefined || target !== undefined ? [] : [given];
  const folder = newFolder([...ofRun, tmpdir(), "/dev/shm", homedir(), process.cwd()]);
  const remove = () => removeFolder(folder);
  try {
    const npmrc = configOf(env, given);
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
    const dependencies = Object.fromEntries(packages.map(({ name, range }) => [name, range]));
    write("package.json", JSON.stringify({ private: true, dependencies }));
    write(".npmrc", npmrc);
    const certificates = certificatesOf(env, given);
    const child = await startProcess({
      command: [
        program,
        "install",
        ...target === undefined ? ["--no-save"] : [`--os=${target.os}`, `--cpu=${target.cpu}`, "--save-text-lockfile"],
        "--no-summary",
        "--no-progress",
        "--ignore-scripts",
        ...certificates === undefined ? [] : [`--cafile=${certificates}`],
      ],
      cwd: folder,
      env: {
        BUN_BE_BUN: "1",
        BUN_CONFIG_HTTP_RETRY_COUNT: "2",
        HOME: folder,
        TMPDIR: folder,
        BUN_INSTALL_CACHE_DIR: join(folder, ".cache"),
        // Taken out of our own environment at the start; in an image without libraries nothing runs without it.
        ...program.startsWith("/.flowctl/") ? { LD_LIBRARY_PATH: "/.flowctl" } : {},
        ...Object.fromEntries(PROXIES.filter((name) => env[name]).map((name) => [name, env[name]])),
      },
    });
    let isTooLate = false;
    const stop = () => child.kill("SIGKILL");
    const timer = setTimeout(() => {
      isTooLate = true;
      stop();
    }, timeoutMs);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    const said: string[] = [];
    let code: number | null;
    try {
      for await (const { text } of child.lines) {
        said.push(harmlessLine(text.trim()));
        if (said.at(-1) !== "") tell(hideSecrets(said.at(-1)!, npmrc));
      }
      ({ code } = await child.exited);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
    const words = packages.map(npmPackageText).join(" ");
    const fail = (errorCode: "cancelled" | "user_code", reason: string) =>
      new FlowctlError(errorCode, `Cannot install npm packages "${words}": ${reason}`);
    if (signal?.aborted) throw fail("cancelled", "the run was stopped");
    if (isTooLate) throw fail("user_code", `it took longer than ${timeoutMs / 1000} s`);
    if (code !== 0) throw fail("user_code", hideSecrets(reasonIn(said, code), npmrc));
    // Nothing of the flow needs who was asked, and how.
    rmSync(join(folder, ".npmrc"), { force: true });
    removeFolder(join(folder, ".cache"));
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function ownProgram(): string {
  if (isBun && isCompiled) return process.execPath;
  throw new FlowctlError(
    "unsupported",
    "Cannot install npm packages: only the compiled flowctl has an installer, and this one runs from source",
    { hint: "Compile it with: deno task compile" },
  );
}

/** The folder whose `api.sock` leads to the API, or that has the lease's token; what the agent hands in lies beside it. */
function runFolder({ FLOWCTL_API_URL = "", FLOWCTL_LEASE_TOKEN_FILE }: Environment): string | undefined {
  const path = /^unix:\/\/(\/.+)$/.exec(FLOWCTL_API_URL)?.[1] ?? FLOWCTL_LEASE_TOKEN_FILE;
  return path === undefined || path === "" ? undefined : dirname(path);
}

function newFolder(parents: readonly string[]): string {
  for (const parent of parents) {
    try {
      return realpathSync(mkdtempSync(join(parent, "flowctl-npm-")));
    } catch {
      // The next one.
    }
  }
  throw new FlowctlError("user_code", "Cannot install npm packages: no folder can be written", {
    hint: "Give the container a /tmp or a /dev/shm that its user may write",
  });
}

/** What was handed in; a registry that the run's own environment names counts more. */
function configOf(env: Environment, given: string | undefined): string {
  const file = given === undefined ? undefined : join(given, NPMRC_NAME);
  const text = file !== undefined && existsSync(file) ? readFileSync(file, "utf8") : "";
  const registry = env.NPM_CONFIG_REGISTRY || env.npm_config_registry;
  return registry ? `${text}registry=${registry.replace(/[\r\n].*/s, "")}\n` : text;
}

function certificatesOf(env: Environment, given: string | undefined): string | undefined {
  const handedIn = given === undefined ? undefined : join(given, NPM_CERTIFICATES_NAME);
  return [handedIn, env.SSL_CERT_FILE, hostCertificates(), "/.flowctl/ca-certificates.crt"]
    .find((file) => file !== undefined && file !== "" && existsSync(file));
}

/** The installer's own words: what it calls an error. */
function reasonIn(lines: readonly string[], code: number | null): string {
  const errors = lines.filter((line) => /^error: /.test(line)).map((line) => line.replace(/^error: /, ""));
  const last = lines.filter((line) => line !== "").slice(-1);
  const reason = (errors.length > 0 ? errors : last).slice(0, 5).join("; ");
  return (reason || `the installer ended with exit code ${code}`).replace(/\.$/, "");
}

/** Without tokens, passwords, and names in addresses. */
export function hideSecrets(text: string, npmrc: string): string {
  const secrets = parseNpmrc(npmrc).filter(([key]) => /:_(authToken|auth|password)$/.test(key)).map(([, value]) =>
    value
  );
  let safe = text.replace(/\/\/[^/@\s"']*@/g, "//***@");
  for (const secret of secrets) if (secret !== "") safe = safe.replaceAll(secret, "***");
  return safe;
}
