/**
 * The agent's own address on the command line (`--agent-address`).
 *
 * @module
 */

import { FlowctlError } from "../support/errors.ts";

/** Where an agent listens. */
export interface AgentAddress {
  hostname: string;
  /** 0 lets the system choose. */
  port: number;
}

/**
 * Reads `HOST:PORT`, also with `http://` before it, as Prefect's documentation writes it.
 *
 * @throws FlowctlError `invalid`, also when there is no port.
 */
export function parseAgentAddress(text: string): AgentAddress {
  const match = /^(?:http:\/\/)?(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]*):(\d{1,5})\/?$/.exec(text.trim());
  if (match === null || Number(match[2]) > 65_535) {
    throw new FlowctlError("invalid", `Cannot use agent address "${text}": it is not HOST:PORT`, {
      hint: "An example is 127.0.0.1:8081",
    });
  }
  return { hostname: match[1].replace(/^\[|\]$/g, "") || "127.0.0.1", port: Number(match[2]) };
}
