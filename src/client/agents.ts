/**
 * Calls of agents: claims, heartbeats, leases.
 *
 * @module
 */

import type {
  AgentCreate,
  AgentStatus,
  ClaimAnswer,
  ClaimRequest,
  Heartbeat,
  HeartbeatAnswer,
  Lease,
  LeaseStarted,
} from "../domain/agents.ts";
import type { LeaseEnded } from "../domain/attempts.ts";
import type { AgentRow, AgentView } from "../domain/agent_views.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const agents = (api: Transport) => ({
  create: (agent: AgentCreate) => api.json<AgentStatus>("POST", "/agents/", { body: agent, reads: true }),
  list: () => api.json<AgentStatus[]>("POST", "/agents/filter", { body: {}, reads: true }),
  read: (id: string) => api.json<AgentStatus>("GET", `/agents/${id}`),
  /** Ours: what the list of agents shows. */
  page: (signal?: AbortSignal) => api.json<AgentRow[]>("POST", "/agents/page", { body: {}, reads: true, signal }),
  /** Ours: what an agent's page shows. */
  view: (id: string, signal?: AbortSignal) => api.json<AgentView>("GET", `/agents/${id}/view`, { signal }),
  delete: (id: string) => api.json<void>("DELETE", `/agents/${id}`),
  /** The agent ends; until its next sign of life it counts as dead. */
  stopped: (id: string) => api.json<void>("POST", `/agents/${id}/stopped`, { reads: true }),
  /** The leases that the agent holds, expired ones included as long as nobody else took the run. */
  leases: (id: string) => api.json<Lease[]>("GET", `/agents/${id}/leases`),
  claim: (id: string, request: ClaimRequest, signal?: AbortSignal) =>
    api.json<ClaimAnswer>("POST", `/agents/${id}/claim`, { body: request, signal }),
  heartbeat: (id: string, beat: Heartbeat, signal?: AbortSignal) =>
    api.json<HeartbeatAnswer>("POST", `/agents/${id}/heartbeat`, { body: beat, signal, reads: true }),
  /** The container or process exists. */
  started: (leaseId: string, started: LeaseStarted) =>
    api.json<void>("POST", `/leases/${leaseId}/started`, { body: started, reads: true }),
  /** How what was started ended. */
  ended: (leaseId: string, ended: LeaseEnded) =>
    api.json<void>("POST", `/leases/${leaseId}/ended`, { body: ended, reads: true }),
  /** The attempt is over; its token is worth nothing from now on. */
  release: (leaseId: string) => api.json<void>("POST", `/leases/${leaseId}/release`, { reads: true }),
});
