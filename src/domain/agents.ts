/**
 * Agents, and the leases by which they hold runs.
 *
 * A claim hands a run to one agent as a lease. The lease's `token` fences: requests that bear it (`x-flowctl-lease`) are refused
 * with 409 once another attempt is the current one. None of this is Prefect's; it is under `/api/agents` and `/api/leases`.
 *
 * @module
 */

import { z } from "zod";
import { Holder } from "./attempts.ts";
import { defaulted, Id, optional, Timestamp } from "./common.ts";
import { Deployment, Labels } from "./deployments.ts";
import { Flow } from "./flows.ts";
import { FlowRun } from "./flow_runs.ts";
import { LEASE_HEADER, MAX_CLAIM_WAIT_SECONDS } from "./wire.ts";

export { LEASE_HEADER, MAX_CLAIM_WAIT_SECONDS };

/** How long a lease lives without a heartbeat, in seconds. */
export const LEASE_SECONDS = 30;

/** How long a started run whose agent is gone waits for it to come back, in seconds; then it is Crashed. */
export const ADOPTION_GRACE_SECONDS = 600;

/** What an agent knows of the engine that its containers run on. */
export const AgentEngine = z.object({
  /** As the engine calls its machine. */
  name: z.string().max(500),
  /** Of the engine, e.g. `20.10.24`. */
  version: z.string().max(500),
  /** E.g. `Debian GNU/Linux 12 (bookworm)`. */
  os: z.string().max(500),
  /** As `uname -m` says: `x86_64`, `aarch64`. */
  arch: z.string().max(500),
  /** Where the agent reaches it, e.g. `unix:///var/run/docker.sock`. */
  address: optional(z.string().max(1000)),
  cpus: optional(z.int().nonnegative()),
  /** In bytes. */
  memory: optional(z.int().nonnegative()),
});
/** See {@link AgentEngine}. */
export type AgentEngine = z.output<typeof AgentEngine>;

/** `POST /agents/`: creates or renews by id. The id lives in the agent's home. */
export const AgentCreate = z.object({
  id: Id,
  name: z.string().min(1).max(200),
  labels: defaulted(Labels, () => []),
  /** What it can start, e.g. `["docker","subprocess"]`; runs of other runners are not handed to it. */
  runners: defaulted(z.array(z.string()), () => ["docker", "subprocess"]),
  limit: optional(z.int().positive()),
  version: optional(z.string()),
  /** The engine's id (`/info`): which agents share one. */
  engine_id: optional(z.string()),
  engine: optional(AgentEngine),
});
/** See {@link AgentCreate}. */
export type AgentCreate = z.input<typeof AgentCreate>;

/** An agent as it is answered. */
export const Agent = z.object({
  id: Id,
  created: Timestamp,
  updated: Timestamp,
  name: z.string(),
  labels: z.array(z.string()),
  runners: z.array(z.string()),
  limit: z.int().nullable(),
  version: z.string().nullable(),
  engine_id: z.string().nullable(),
  /** Null when it has none, has not reached it yet, or is of an older version. */
  engine: AgentEngine.nullable(),
  last_seen: Timestamp,
  /** When it said that it stops; null since it came back, and for one that never said so. */
  stopped: Timestamp.nullable(),
  /** Those of its runners that it can't start now, as it said with its last claim: the engine does not answer. */
  away: z.array(z.string()),
});
/** See {@link Agent}. */
export type Agent = z.output<typeof Agent>;

/** How long an agent counts as alive after its last sign of life, in seconds: three heartbeats. */
export const AGENT_ALIVE_SECONDS = 30;

/** An agent as the API answers it. */
export const AgentStatus = Agent.extend({
  /** Whether it gave a sign of life lately, and has not said since that it stops. */
  alive: z.boolean(),
});
/** See {@link AgentStatus}. */
export type AgentStatus = z.output<typeof AgentStatus>;

/** What is known of an agent at a moment. */
export function agentStatus(agent: Agent, now: Temporal.Instant): AgentStatus {
  const since = now.since(Temporal.Instant.from(agent.last_seen)).total("seconds");
  return { ...agent, alive: agent.stopped === null && since <= AGENT_ALIVE_SECONDS };
}

/** A lease on one attempt of one run. */
export const Lease = z.object({
  id: Id,
  flow_run_id: Id,
  agent_id: Id,
  attempt: z.int(),
  /** The fencing token; a secret of this attempt. */
  token: z.string(),
  /** Set once the container or process exists: from then on the run is not handed out again. */
  started: z.boolean(),
  infrastructure_pid: z.string().nullable(),
  expires_at: Timestamp,
});
/** See {@link Lease}. */
export type Lease = z.output<typeof Lease>;

/** What an agent needs to start a run. */
export const Claim = z.object({
  lease: Lease,
  flow_run: FlowRun,
  flow: Flow,
  deployment: Deployment,
});
/** See {@link Claim}. */
export type Claim = z.output<typeof Claim>;

/** `POST /agents/{id}/claim`: answers as soon as there is something, at the latest after `wait_seconds`. */
export const ClaimRequest = z.object({
  /** How many runs the agent can take; 0 asks for cancellations only. */
  slots: z.int().min(0).max(1000),
  wait_seconds: defaulted(z.number().min(0).max(MAX_CLAIM_WAIT_SECONDS), () => 0),
  /** Runs whose cancellation the agent knows of already; they are not told again. */
  cancelling: defaulted(z.array(Id), () => []),
  /** Only runs of these runners, e.g. `["subprocess"]` while the engine does not answer. */
  runners: optional(z.array(z.string())),
});
/** See {@link ClaimRequest}. */
export type ClaimRequest = z.input<typeof ClaimRequest>;

/** The answer to a claim. */
export const ClaimAnswer = z.object({
  claims: z.array(Claim),
  /** Runs of this agent's leases that are CANCELLING, final by somebody else's hand, or deleted: end their containers. */
  cancellations: z.array(z.object({ flow_run_id: Id, lease_id: Id })),
});
/** See {@link ClaimAnswer}. */
export type ClaimAnswer = z.output<typeof ClaimAnswer>;

/** `POST /agents/{id}/heartbeat`: renews leases, all in one write. */
export const Heartbeat = z.object({ lease_ids: z.array(Id) });
/** See {@link Heartbeat}. */
export type Heartbeat = z.input<typeof Heartbeat>;

/** The answer to a heartbeat. */
export const HeartbeatAnswer = z.object({
  renewed: z.array(Id),
  /** Leases that are not this agent's any more: their containers must end. */
  lost: z.array(Id),
});
/** See {@link HeartbeatAnswer}. */
export type HeartbeatAnswer = z.output<typeof HeartbeatAnswer>;

/** `POST /leases/{id}/started`. */
export const LeaseStarted = z.object({
  infrastructure_pid: z.string().max(500),
  /** What it is; may be told with a second call, when the engine has said. */
  holder: optional(Holder),
});
/** See {@link LeaseStarted}. */
export type LeaseStarted = z.input<typeof LeaseStarted>;
