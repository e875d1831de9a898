/**
 * The login for a registry that a secret holds, for machines on which nobody logs in by hand.
 *
 * Where there is no run, a secret is Prefect 1's variable: `FLOWCTL__CONTEXT__SECRETS__<NAME>`.
 *
 * @module
 */

import type { AuthConfig } from "../docker/types.ts";
import { FlowctlError } from "../support/errors.ts";
import type { Environment } from "../support/paths.ts";

const VARIABLE = "FLOWCTL__CONTEXT__SECRETS__";

/**
 * Reads it: `NAME:PASSWORD`, or JSON with `username` and `password`.
 *
 * @throws {FlowctlError} `unauthorized` when it is not there, `invalid` when it is no login; nothing of it is quoted
 */
export function loginInSecret(name: string, registry: string, env: Environment): AuthConfig {
  const value = env[VARIABLE + name];
  if (!value) {
    throw new FlowctlError(
      "unauthorized",
      `Cannot get the login for "${registry}" from secret "${name}": it is not set`,
      {
        hint: `Set the variable ${VARIABLE}${name} to NAME:PASSWORD`,
      },
    );
  }
  const login = value.trimStart().startsWith("{") ? fromJson(value) : fromText(value);
  if (login !== undefined) return { ...login, serveraddress: registry };
  throw new FlowctlError("invalid", `Cannot get the login for "${registry}" from secret "${name}": it is no login`, {
    hint: 'Write it as NAME:PASSWORD, or as {"username": "NAME", "password": "PASSWORD"}',
  });
}

function fromJson(text: string): AuthConfig | undefined {
  try {
    const { username, password } = JSON.parse(text);
    return typeof username === "string" && typeof password === "string" ? { username, password } : undefined;
  } catch {
    return undefined;
  }
}

function fromText(text: string): AuthConfig | undefined {
  const colon = text.indexOf(":");
  return colon < 1
    ? undefined
    : { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\r?\n$/, "") };
}
