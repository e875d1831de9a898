/**
 * Errors of the engine and of the way to it, as `FlowctlError`.
 *
 * What happened is told by the HTTP status and the system's error code, never by the engine's text: Docker and Podman word the
 * same thing differently, and change their words. The text is quoted for people.
 *
 * @module
 */

import { accessHint, groupOfFile } from "./socket_group.ts";
import { type ErrorCode, FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";

/** `details` of an error that the engine answered with. */
export interface EngineErrorDetails {
  /** The HTTP status; absent when the engine was not reached or the connection broke. */
  status?: number;
  /** What the engine said. */
  engineMessage?: string;
}

/**
 * Whether an error means that no engine answered, or that the connection to it broke.
 *
 * An engine that is away says nothing about its containers: they may be running. Wait for it and look again.
 */
export function isEngineUnreachable(error: unknown): boolean {
  return (isFlowctlError(error, "unavailable") || isFlowctlError(error, "timeout")) &&
    error.details.engine === "unreachable";
}

/** The error for an answer whose status is not the wanted one. `action` completes "Cannot …". */
export function statusError(action: string, status: number, engineMessage: string): FlowctlError {
  const said = engineMessage === ""
    ? `the engine answered with status ${status}`
    : `the engine says "${engineMessage}"`;
  return new FlowctlError(codeOf(status), `Cannot ${action}: ${said}`, {
    hint: status === 500 ? "The engine itself failed at this; its own log may say more" : undefined,
    details: { status, engineMessage },
  });
}

/** The error for a failure that is reported inside a stream of progress, after status 200. */
export function progressError(action: string, engineMessage: string, code: ErrorCode): FlowctlError {
  return new FlowctlError(code, `Cannot ${action}: the engine says "${engineMessage}"`, {
    details: { status: 200, engineMessage },
  });
}

function codeOf(status: number): ErrorCode {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 409:
      return "conflict";
    case 413:
      return "too_large";
    case 501:
      return "unsupported";
  }
  // 500 is also what the engine says when a port is taken or a registry does not answer, so trying again may help.
  return status >= 500 ? "unavailable" : "invalid";
}

/**
 * The error for a request that got no answer, or whose answer broke off.
 *
 * @param address The address that was tried, as the user would write it.
 * @param isStarted Whether the answer had begun.
 */
export function connectionError(action: string, address: string, cause: unknown, isStarted = false): FlowctlError {
  if (isFlowctlError(cause)) return cause;
  const code = systemCodeOf(cause);
  const details = { engine: "unreachable", systemCode: code };
  const isSocket = /^(unix|npipe):/.test(address);
  if (code === "EACCES" || code === "EPERM") {
    return new FlowctlError("forbidden", `Cannot ${action}: this user may not use the Docker Engine at "${address}"`, {
      hint: address.startsWith("npipe:")
        ? 'Add the user to the group "docker-users", then sign in again'
        : accessHint(groupOfFile(address.replace(/^unix:\/\//, ""))),
      cause,
      details,
    });
  }
  if (isStarted) {
    return new FlowctlError(
      "unavailable",
      `Cannot ${action}: the connection to the Docker Engine at "${address}" broke`,
      {
        cause,
        details,
      },
    );
  }
  const why = code === "ENOENT" && isSocket
    ? `there is no such ${address.startsWith("npipe:") ? "pipe" : "socket"}`
    : code === "ECONNREFUSED"
    ? "nobody listens there"
    : messageOf((cause as Error)?.cause ?? cause);
  return new FlowctlError("unavailable", `Cannot ${action}: no Docker Engine answers at "${address}" (${why})`, {
    hint: "Start the Docker Engine, or set DOCKER_HOST to the address of another one",
    cause,
    details,
  });
}

/** The error for a request that the caller ended. */
export function abortError(action: string, signal: AbortSignal): FlowctlError {
  const reason = signal.reason;
  if (isFlowctlError(reason)) return reason;
  return reason instanceof Error && reason.name === "TimeoutError"
    ? new FlowctlError("timeout", `Cannot ${action}: the Docker Engine did not answer in time`, {
      cause: reason,
      details: { engine: "unreachable" },
    })
    : new FlowctlError("cancelled", `Cannot ${action}: it was stopped`, { cause: reason });
}

/** `ENOENT`, `ECONNREFUSED`, …: the first one along the causes. */
function systemCodeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === "string") return code;
  }
  return undefined;
}
