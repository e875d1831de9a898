/**
 * What an agent's page shows, and the list of agents. Ours.
 *
 * @module
 */

import { z } from "zod";
import { AgentStatus } from "./agents.ts";
import { REFUSALS } from "./agent_fit.ts";
import { Id, Timestamp } from "./common.ts";
import { RunRow } from "./flow_views.ts";

/** A row of the list of agents. */
export const AgentRow = AgentStatus.extend({
  /** How many runs it holds. */
  held: z.int(),
});
/** See {@link AgentRow}. */
export type AgentRow = z.output<typeof AgentRow>;

/** A run on an agent's page. */
export const AgentRun = RunRow.extend({ flow_id: Id, flow_name: z.string(), project: z.string() });
/** See {@link AgentRun}. */
export type AgentRun = z.output<typeof AgentRun>;

/** An attempt that an agent holds. */
export const HeldRun = z.object({
  lease_id: Id,
  /** Null when the run was deleted. */
  run: AgentRun.nullable(),
  /** When it was taken. */
  since: Timestamp,
  attempt: z.int(),
  /** Whether its container or process exists. */
  started: z.boolean(),
  /** `docker://ID`, `process://HOST/PID`; null as long as there is none. */
  infrastructure_pid: z.string().nullable(),
  /** Since when the agent gives no sign of life for it. */
  lost_at: Timestamp.nullable(),
});
/** See {@link HeldRun}. */
export type HeldRun = z.output<typeof HeldRun>;

/** A run that an agent held, and that is over. */
export const PastRun = AgentRun.extend({ infrastructure_pid: z.string().nullable() });
/** See {@link PastRun}. */
export type PastRun = z.output<typeof PastRun>;

/** Why an agent would not take something; null: it would. */
const Verdict = z.object({ kind: z.enum(REFUSALS), text: z.string() }).nullable();

/** A run that waits, and whether the agent takes it. */
export const WaitingRun = z.object({
  run: AgentRun,
  labels: z.array(z.string()),
  runner: z.string().nullable(),
  refusal: Verdict,
});
/** See {@link WaitingRun}. */
export type WaitingRun = z.output<typeof WaitingRun>;

/** A deployment, and whether the agent would take its runs. */
export const FittingDeployment = z.object({
  id: Id,
  name: z.string(),
  flow_id: Id,
  flow_name: z.string(),
  project: z.string(),
  paused: z.boolean(),
  labels: z.array(z.string()),
  runner: z.string().nullable(),
  refusal: Verdict,
});
/** See {@link FittingDeployment}. */
export type FittingDeployment = z.output<typeof FittingDeployment>;

/** `GET /agents/{id}/view`. */
export const AgentView = z.object({
  agent: AgentRow,
  /** Other agents on the same engine. */
  neighbours: z.array(z.object({ id: Id, name: z.string(), alive: z.boolean() })),
  held: z.array(HeldRun),
  /** The latest that are over, newest first. */
  past: z.array(PastRun),
  /** Those that are due, longest first; at most fifty. */
  waiting: z.array(WaitingRun),
  /** At most two hundred, those that it takes first. */
  deployments: z.array(FittingDeployment),
});
/** See {@link AgentView}. */
export type AgentView = z.output<typeof AgentView>;
