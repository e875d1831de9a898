/**
 * The engine that Docker storage builds with: what its options say, else the one that the docker command would use.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { type Docker, openDocker } from "../docker/client.ts";
import type { HostOptions } from "../docker/host.ts";
import { FlowctlError, messageOf } from "../support/errors.ts";
import type { DockerStorageOptions } from "./docker_storage_options.ts";

/** Opens it; nothing is connected to yet. @throws {FlowctlError} `invalid` for an address or files that can't be used */
export async function openEngine({ baseUrl, tls }: Pick<DockerStorageOptions, "baseUrl" | "tls">): Promise<Docker> {
  return await openDocker({ baseUrl, ...trustOf(tls) });
}

function trustOf(tls: DockerStorageOptions["tls"]): Pick<HostOptions, "env" | "tls"> {
  const { DOCKER_TLS_VERIFY: _verify, DOCKER_TLS: _tls, ...env } = process.env;
  if (tls === undefined) return { env: process.env };
  if (tls === true) return { env: { ...env, DOCKER_TLS_VERIFY: "1" } };
  if (tls === false) return { env };
  const files = Object.fromEntries(
    (["ca", "cert", "key"] as const).filter((name) => tls[name] !== undefined).map((name) => [name, read(tls[name]!)]),
  );
  return { env, tls: { ...files, ...tls.verify === false ? { rejectUnauthorized: false } : {} } };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new FlowctlError("invalid", `Cannot read "${file}", which tls names: ${messageOf(cause)}`, { cause });
  }
}
