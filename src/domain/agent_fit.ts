/**
 * Whether one agent would take a run, and if not why: what its page says, and what the warnings about labels are made of. Pure.
 *
 * @module
 */

/** What decides who may take a run. */
export interface Wanted {
  labels: readonly string[];
  /** The type of its runner; null for what no agent starts. */
  runner: string | null;
}

/** What is known of an agent. */
export interface Candidate {
  labels: readonly string[];
  runners: readonly string[];
  alive: boolean;
  /** Those of its runners that it can't start now. */
  away: readonly string[];
  /** How many runs it takes at once; null and absent: as many as there are. */
  limit?: number | null;
  /** How many runs it holds. */
  held?: number;
}

/** Why an agent takes a run not; in the order in which they are looked at. */
export const REFUSALS = ["no_runner", "runner", "labels", "dead", "away", "full"] as const;

/** See {@link refusalOf}. */
export interface Refusal {
  kind: typeof REFUSALS[number];
  /** A sentence without period about the agent, e.g. `It lacks the label 'gpu'`. */
  text: string;
}

/** Whether an agent takes runs with these labels: all of them are its own, and a run without labels is for agents without. */
export const labelsMatch = (wanted: readonly string[], agent: readonly string[]): boolean =>
  wanted.length === 0 ? agent.length === 0 : wanted.every((label) => agent.includes(label));

/**
 * Why an agent would not take such a run now; null when it would. What never changes by itself is said before what passes.
 *
 * @example
 * ```ts
 * import { refusalOf } from "./agent_fit.ts";
 *
 * const agent = { labels: ["gpu"], runners: ["docker"], alive: true, away: [] };
 * console.assert(refusalOf({ labels: ["gpu"], runner: "docker" }, agent) === null);
 * console.assert(refusalOf({ labels: ["big"], runner: "docker" }, agent)?.text === "It lacks the label 'big'");
 * ```
 */
export function refusalOf({ labels, runner }: Wanted, agent: Candidate): Refusal | null {
  if (runner === null) return { kind: "no_runner", text: "No agent starts it: it has no runner" };
  if (!agent.runners.includes(runner)) {
    return { kind: "runner", text: `It starts no runs of runner ${quoted(runner)}` };
  }
  if (!labelsMatch(labels, agent.labels)) {
    if (labels.length === 0) {
      return { kind: "labels", text: "It has labels, so it takes nothing without labels" };
    }
    const lacking = labels.filter((label) => !agent.labels.includes(label));
    return { kind: "labels", text: `It lacks the label${lacking.length > 1 ? "s" : ""} ${all(lacking)}` };
  }
  if (!agent.alive) return { kind: "dead", text: "It is not alive" };
  if (agent.away.includes(runner)) {
    const text = runner === "docker"
      ? "Its Docker Engine does not answer"
      : `It can't start runs of runner ${quoted(runner)} now`;
    return { kind: "away", text };
  }
  const { limit = null, held = 0 } = agent;
  if (limit !== null && held >= limit) {
    return { kind: "full", text: `It holds ${held} run${held === 1 ? "" : "s"}, which is its limit` };
  }
  return null;
}

/** A word in quotes. */
export const quoted = (text: string): string => `'${text}'`;
/** Words in quotes, with commas. */
export const all = (words: readonly string[]): string => words.map(quoted).join(", ");
