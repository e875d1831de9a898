/**
 * Which engine to talk to, decided as the docker command decides it.
 *
 * An explicit address, else `DOCKER_HOST`, else the docker context (`DOCKER_CONTEXT`, or the current one of
 * `~/.docker/config.json`), else the system's default socket.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { FlowctlError } from "../support/errors.ts";
import type { NodeFetchOptions, TlsOptions } from "../support/node_fetch.ts";

/** What decides about the engine; everything defaults to this process. */
export interface HostOptions {
  /** An address that overrides all else, for example `unix:///run/user/1000/docker.sock` or `tcp://build:2376`. */
  baseUrl?: string;
  env?: Record<string, string | undefined>;
  /** How to trust `baseUrl`, instead of what the environment says. */
  tls?: TlsOptions;
  /** The home directory, whose `.docker` holds contexts and certificates. */
  home?: string;
  /** As `process.platform`; `win32` has a named pipe by default. */
  platform?: string;
}

/** An engine's place. */
export interface EngineHost {
  /** As the user would write it. */
  address: string;
  /** What decided: `option`, `DOCKER_HOST`, `context "NAME"` or `default`. */
  source: string;
  /** What requests' URLs start with. */
  baseUrl: string;
  /** How to get there. */
  connect: NodeFetchOptions;
}

/**
 * Finds the engine to talk to. Nothing is connected to.
 *
 * @throws FlowctlError `invalid` for an address that makes no sense or files that can't be read, `not_found` for a context that
 * does not exist, `unsupported` for `ssh://`.
 */
export async function resolveHost(options: HostOptions = {}): Promise<EngineHost> {
  const { baseUrl, env = process.env, platform = process.platform } = options;
  const home = options.home ?? homedir();
  const folder = env.DOCKER_CONFIG || join(home, ".docker");
  const given = baseUrl || env.DOCKER_HOST;
  if (given) {
    const tls = options.tls ?? await tlsOfEnvironment(env, folder);
    return hostOf(given, baseUrl ? "option" : "DOCKER_HOST", tls);
  }
  const context = env.DOCKER_CONTEXT || await currentContext(folder);
  if (context !== undefined && context !== "default") return await hostOfContext(folder, context);
  return hostOf(platform === "win32" ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock", "default");
}

/** An address in any form that docker, docker-py or Prefect accept. */
function hostOf(address: string, source: string, tls?: TlsOptions): EngineHost {
  const match = /^([a-z+]+):\/\/(.*)$/i.exec(address);
  const refuse = (why: string, code: "invalid" | "unsupported" = "invalid", hint?: string) =>
    new FlowctlError(code, `Cannot use the engine address "${address}" (${source}): ${why}`, {
      hint: hint ?? "Use unix:///PATH, npipe:////./pipe/NAME, tcp://HOST:PORT, http://… or https://…",
    });
  if (match === null) throw refuse("it does not start with a scheme");
  const [, scheme, rest] = match;
  switch (scheme.toLowerCase()) {
    case "unix":
    case "http+unix": {
      if (rest === "") throw refuse("it names no socket");
      // docker-py, and with it Prefect, write unix://var/run/docker.sock too.
      const socketPath = rest.startsWith("/") ? rest : `/${rest}`;
      return { address: `unix://${socketPath}`, source, baseUrl: "http://localhost", connect: { socketPath } };
    }
    case "npipe": {
      const socketPath = rest.replaceAll("\\", "/");
      if (!/^\/\/[^/]+\/pipe\/./.test(socketPath)) throw refuse("it names no pipe");
      return { address: `npipe://${socketPath}`, source, baseUrl: "http://localhost", connect: { socketPath } };
    }
    case "tcp":
    case "http":
    case "https": {
      const secure = scheme === "https" || (scheme === "tcp" && tls !== undefined);
      let url: URL;
      try {
        url = new URL(`http://${rest}`);
      } catch {
        throw refuse("it is not HOST:PORT");
      }
      const port = /:\d+(\/|$)/.test(rest) ? url.port || "80" : scheme === "tcp" ? (secure ? "2376" : "2375") : "";
      const authority = url.hostname + (port === "" ? "" : `:${port}`);
      const path = url.pathname === "/" ? "" : url.pathname;
      return {
        address: `${scheme.toLowerCase()}://${authority}${path}`,
        source,
        baseUrl: `${secure ? "https" : "http"}://${authority}${path}`,
        connect: secure && tls !== undefined ? { tls } : {},
      };
    }
    case "ssh":
      throw refuse(
        "flowctl does not open SSH connections",
        "unsupported",
        "Forward the socket: ssh -L PATH:/var/run/docker.sock HOST",
      );
    default:
      throw refuse(`the scheme "${scheme}" is not known`);
  }
}

/** `DOCKER_TLS_VERIFY` set to anything means TLS with a check, `DOCKER_TLS` means TLS without one, as for the docker command. */
async function tlsOfEnvironment(
  env: Record<string, string | undefined>,
  folder: string,
): Promise<TlsOptions | undefined> {
  if (!env.DOCKER_TLS_VERIFY && !env.DOCKER_TLS) return undefined;
  return {
    ...await certificatesIn(env.DOCKER_CERT_PATH || folder),
    ...env.DOCKER_TLS_VERIFY ? {} : { rejectUnauthorized: false },
  };
}

async function certificatesIn(folder: string): Promise<TlsOptions> {
  const tls: TlsOptions = {};
  for (const part of ["ca", "cert", "key"] as const) {
    const text = await readText(join(folder, `${part}.pem`));
    if (text !== undefined) tls[part] = text;
  }
  return tls;
}

async function currentContext(folder: string): Promise<string | undefined> {
  const file = join(folder, "config.json");
  const config = await readJson<{ currentContext?: string }>(file);
  return config?.currentContext || undefined;
}

async function hostOfContext(folder: string, name: string): Promise<EngineHost> {
  // The docker command names a context's folder by the SHA-256 of its name.
  const id = createHash("sha256").update(name).digest("hex");
  const meta = await readJson<{ Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } } }>(
    join(folder, "contexts", "meta", id, "meta.json"),
  );
  if (meta === undefined) {
    throw new FlowctlError("not_found", `Cannot use the docker context "${name}": it does not exist in "${folder}"`, {
      hint: "List the contexts with: docker context ls",
    });
  }
  const endpoint = meta.Endpoints?.docker;
  if (!endpoint?.Host) {
    throw new FlowctlError("invalid", `Cannot use the docker context "${name}": it names no engine`);
  }
  const tls = await certificatesIn(join(folder, "contexts", "tls", id, "docker"));
  if (endpoint.SkipTLSVerify) tls.rejectUnauthorized = false;
  return hostOf(endpoint.Host, `context "${name}"`, Object.keys(tls).length > 0 ? tls : undefined);
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new FlowctlError("invalid", `Cannot read "${file}": ${(error as Error).message}`, { cause: error });
  }
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readText(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FlowctlError("invalid", `Cannot read "${file}": it is not JSON`, { cause });
  }
}
