/**
 * Why a run waits, in one sentence, with what to do about it. Pure.
 *
 * @module
 */

import { z } from "zod";
import { ADOPTION_GRACE_SECONDS, type AgentStatus } from "./agents.ts";
import { type Timestamp, Timestamp as TimestampSchema } from "./common.ts";
import type { FlowRun } from "./flow_runs.ts";
import { labelsMatch, labelWarning } from "./label_warnings.ts";

/** What a run may wait for. */
export const WAITING_REASONS = [
  /** Its time. */
  "schedule",
  /** Nothing that is known of: somebody should have taken it by now. */
  "late",
  "no_agent",
  "labels",
  /** Nobody starts runs of its runner. */
  "runner",
  "engine_away",
  /** Every agent that would take it holds as many runs as it may. */
  "limit",
  /** Its image. */
  "pull",
  /** Its container or process. */
  "start",
  "retry",
  "paused",
  "cancelling",
  /** It goes on without an agent, which may come back. */
  "agent_lost",
] as const;

/** Why a run waits, as it is answered. */
export const Waiting = z.object({
  reason: z.enum(WAITING_REASONS),
  /** A sentence without a period. */
  message: z.string(),
  /** What else is worth knowing, or can be done. */
  hint: z.string().nullable(),
  /** What to type so that it goes on. */
  command: z.string().nullable(),
  /** When it goes on, or changes, as far as can be known; may be past. */
  at: TimestampSchema.nullable(),
});
/** See {@link Waiting}. */
export type Waiting = z.output<typeof Waiting>;

/** All that decides. */
export interface WaitingFacts {
  run: Pick<
    FlowRun,
    | "state_type"
    | "state_name"
    | "labels"
    | "next_scheduled_start_time"
    | "deployment_id"
    | "parent_task_run_id"
    | "empirical_policy"
    | "state"
  >;
  /** The type of its runner; null when no agent of ours takes it. */
  runner: string | null;
  /** With how many runs each holds. */
  agents: readonly (Pick<AgentStatus, "id" | "name" | "labels" | "runners" | "alive" | "away" | "limit"> & {
    held: number;
  })[];
  /** Who holds it. */
  lease: { agent_name: string; started: boolean; lost_at: Timestamp | null } | null;
  /** What its agent said last of getting ready to start it. */
  startLine: string | null;
  /** How many runs that want the same are due before it. */
  ahead: number;
  /** When the runs that the agents in question hold are expected to end, soonest first; those of which that is not known are left out. */
  ends: readonly Timestamp[];
}

/** Someone who is asked for longer than this, in seconds, and does not take the run, is worth a word. */
const SOON_SECONDS = 5;

/** Why the run waits now; null when it does not. */
export function waitingReason(facts: WaitingFacts, now: Temporal.Instant): Waiting | null {
  const { run, lease } = facts;
  switch (run.state_type) {
    case "SCHEDULED":
      return scheduled(facts, now);
    case "PENDING":
      return pending(facts);
    case "PAUSED":
      return of("paused", "It is paused until somebody resumes it", {
        hint: run.state?.state_details.pause_reschedule ? "No process runs meanwhile" : undefined,
        at: run.state?.state_details.pause_timeout,
      });
    case "CANCELLING":
      return lease === null
        ? of("cancelling", "It is being cancelled: whoever runs it was told to end")
        : of("cancelling", `It is being cancelled: agent ${quoted(lease.agent_name)} ends it, and kills it after 30 s`);
    case "RUNNING":
      if (lease === null || lease.lost_at === null) return null;
      return of("agent_lost", `Its agent ${quoted(lease.agent_name)} went away; the run goes on without it`, {
        hint: "It is given up unless its agent comes back in time",
        at: later(lease.lost_at, ADOPTION_GRACE_SECONDS),
      });
    default:
      return null;
  }
}

function scheduled(facts: WaitingFacts, now: Temporal.Instant): Waiting {
  const { run, runner } = facts;
  const due = run.next_scheduled_start_time;
  const isRetry = run.state_name === "AwaitingRetry" || run.empirical_policy.retry_type === "in_process";
  const isDue = due === null || Temporal.Instant.compare(Temporal.Instant.from(due), now) <= 0;
  if (run.empirical_policy.retry_type === "in_process") {
    return of("retry", "It failed, and the process that runs it tries again", { at: due });
  }
  if (!isDue) {
    const warning = runner === null ? null : nobodyTakes(facts, runner);
    return of(isRetry ? "retry" : "schedule", isRetry ? "It failed, and is tried again" : "It is planned for later", {
      hint: warning === null ? undefined : `When its time comes nobody would take it: ${warning.message}`,
      command: warning?.command,
      at: due,
    });
  }
  if (runner === null) {
    return run.deployment_id === null
      ? of("runner", "No agent takes it, for it has no deployment: the process that made it runs it")
      : of("runner", "No agent takes it, for its deployment has no flow runner: a worker of Prefect may");
  }
  return nobodyTakes(facts, runner) ?? somebodyTakes(facts, runner, now);
}

/** Why no agent would take it. */
function nobodyTakes({ run: { labels }, agents }: WaitingFacts, runner: string): Waiting | null {
  const message = labelWarning({ labels, runner }, agents);
  if (message === null) return null;
  const live = agents.filter(({ alive }) => alive);
  const able = live.filter(({ runners }) => runners.includes(runner));
  const command = ["flowctl agent start", ...labels.map((label) => `--label ${shown(label)}`)].join(" ");
  if (live.length === 0) {
    const known = agents.filter((agent) => agent.runners.includes(runner) && labelsMatch(labels, agent.labels));
    const names = known.slice(0, 3).map(({ name }) => quoted(name)).join(", ");
    const hint = known.length === 0 ? undefined : `It would be taken by ${names}, when that lives again`;
    return of("no_agent", message, { hint, command });
  }
  if (able.length === 0) return of("runner", message, { command });
  if (able.some((agent) => labelsMatch(labels, agent.labels))) {
    return of("engine_away", message, { hint: "It is taken as soon as the engine answers", command: "flowctl doctor" });
  }
  return of("labels", message, { hint: "It is taken as soon as an agent with all of its labels lives", command });
}

/** Why those that would take it have not. */
function somebodyTakes({ run, agents, ahead, ends }: WaitingFacts, runner: string, now: Temporal.Instant): Waiting {
  const matching = agents.filter((agent) =>
    agent.alive && agent.runners.includes(runner) && !agent.away.includes(runner) &&
    labelsMatch(run.labels, agent.labels)
  );
  const free = matching.find(({ limit, held }) => limit === null || held < limit);
  const behind = ahead === 0 ? "" : `; ${ahead} ${ahead === 1 ? "run is" : "runs are"} before it`;
  if (free === undefined) {
    const [first] = matching;
    const message = matching.length === 1
      ? `Agent ${quoted(first.name)} holds ${first.held} of at most ${first.limit} runs${behind}`
      : `All ${matching.length} agents that would take it hold as many runs as they may${behind}`;
    return of("limit", message, { hint: "Start another agent, or one with a larger --limit", at: ends[ahead] });
  }
  const due = run.next_scheduled_start_time;
  const late = due === null ? 0 : now.since(Temporal.Instant.from(due)).total("seconds");
  return late > SOON_SECONDS
    ? of("late", `Agent ${quoted(free.name)} should have taken it by now${behind}`, {
      hint: "Look at what the agent says",
      command: `flowctl agent inspect ${shown(free.name)}`,
    })
    : of("start", `Agent ${quoted(free.name)} takes it in a moment${behind}`);
}

function pending({ run, lease, startLine }: WaitingFacts): Waiting {
  if (lease === null) {
    return of("start", "Nobody has begun it: it is waited for by the process that made it", {
      hint: run.deployment_id === null ? undefined : "It was made Pending, so no agent takes it",
    });
  }
  const agent = quoted(lease.agent_name);
  if (lease.started) return of("start", `Agent ${agent} started it, and its flow loads`);
  if (startLine !== null && /^Pulling\b/.test(startLine)) {
    return of("pull", `Agent ${agent} gets its image`, { hint: startLine.slice(0, 500) });
  }
  return of("start", `Agent ${agent} gets ready to start it`, { hint: startLine?.slice(0, 500) });
}

const of = (
  reason: Waiting["reason"],
  message: string,
  { hint, command, at }: { hint?: string; command?: string | null; at?: Timestamp | null } = {},
): Waiting => ({ reason, message, hint: hint ?? null, command: command ?? null, at: at ?? null });

const quoted = (text: string) => `'${text}'`;
/** A word of a command line. */
const shown = (text: string) => /^[\w.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
const later = (time: Timestamp, seconds: number): Timestamp =>
  TimestampSchema.parse(Temporal.Instant.from(time).add({ seconds }).toString());
