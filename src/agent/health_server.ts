/**
 * The agent's own address (`--agent-address`): whether it can work, and a push to look for runs at once.
 *
 * Prefect 1's agents have the same two paths, but theirs answer 200 whatever happens.
 *
 * @module
 */

import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { serve, type Served } from "../support/serve.ts";
import type { AgentAddress } from "./agent_address.ts";

/** See {@link serveHealth}. */
export interface HealthOptions {
  address: AgentAddress;
  /** Whether engine and API answer now. */
  isHealthy: () => Promise<boolean>;
  /** Looks for runs at once. */
  poke: () => void;
}

/**
 * Serves `/api/health` (`true`, or `false` with status 503) and `/api/poke`.
 *
 * @throws FlowctlError `conflict` when the port is in use, `unavailable` when the address can't be had.
 */
export async function serveHealth({ address, isHealthy, poke }: HealthOptions): Promise<Served> {
  try {
    return await serve(address, async (request) => {
      switch (new URL(request.url).pathname.replace(/\/$/, "")) {
        case "/api/health": {
          const healthy = await isHealthy();
          return Response.json(healthy, { status: healthy ? 200 : 503, headers: { "cache-control": "no-store" } });
        }
        case "/api/poke":
          poke();
          return Response.json({});
        default:
          return Response.json({ detail: "Not Found" }, { status: 404 });
      }
    });
  } catch (error) {
    if (!isFlowctlError(error)) throw error;
    throw new FlowctlError(error.code, error.message, { hint: "Choose another --agent-address", cause: error });
  }
}
