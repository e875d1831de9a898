/**
 * The few questions that scripts ask a Docker Engine. They use no client of ours, for they also judge what that one left.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { request } from "node:http";
import process from "node:process";

/** Where an engine listens, as `node:http` wants it. */
export type Endpoint = { socketPath: string } | { host: string; port: number };

/** The address that Docker's own tools use when nothing is said. */
export const DEFAULT_HOST: string = process.platform === "win32"
  ? "npipe:////./pipe/docker_engine"
  : "unix:///var/run/docker.sock";

/** The engine's address: `DOCKER_HOST`, else the default. */
export const engineHost = (): string => process.env.DOCKER_HOST || DEFAULT_HOST;

/**
 * Reads an address like `unix:///var/run/docker.sock`.
 *
 * @returns Undefined for one that these scripts cannot speak to, such as `ssh://` and TLS
 */
export function parseHost(host: string): Endpoint | undefined {
  const path = /^unix:\/\/(.+)$/.exec(host)?.[1] ?? /^npipe:\/\/(.+)$/.exec(host)?.[1];
  if (path) return { socketPath: path };
  const address = /^(?:tcp|http):\/\/([^/:]+|\[[^\]]+\]):(\d+)\/?$/.exec(host);
  if (!address || process.env.DOCKER_TLS_VERIFY) return undefined;
  return { host: address[1].replace(/^\[|\]$/g, ""), port: Number(address[2]) };
}

/**
 * Asks the engine for JSON.
 *
 * @param path With its query, for example `/containers/json?all=1`
 * @throws When no engine answers within a minute, or it answers with an error
 */
export async function ask<T>(endpoint: Endpoint, path: string): Promise<T> {
  return JSON.parse(await call(endpoint, "GET", path)) as T;
}

/**
 * Removes a container, image, volume or network.
 *
 * @param path For example `/containers/ID?force=1`
 * @throws As {@link ask}
 */
export async function remove(endpoint: Endpoint, path: string): Promise<void> {
  await call(endpoint, "DELETE", path);
}

/**
 * Sends a request and answers the text of the answer.
 *
 * @throws As {@link ask}
 */
export const send = (endpoint: Endpoint, method: string, path: string, body?: unknown): Promise<string> =>
  call(endpoint, method, path, body);

/** Whether an engine answers. */
export async function ping(endpoint: Endpoint): Promise<boolean> {
  try {
    return (await call(endpoint, "GET", "/_ping")).trim() === "OK";
  } catch {
    return false;
  }
}

function call(endpoint: Endpoint, method: string, path: string, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = { host: "docker", "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    const signal = AbortSignal.timeout(60_000);
    const asked = request({ ...endpoint, method, path, headers, agent: false, signal }, (answer) => {
      let said = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => said += chunk);
      answer.on("error", reject);
      answer.on("end", () => {
        if ((answer.statusCode ?? 500) < 300) resolve(said);
        else reject(new Error(`The engine answered ${answer.statusCode} to ${method} ${path}: ${said.trim()}`));
      });
    });
    asked.on("error", reject);
    asked.end(text);
  });
}
