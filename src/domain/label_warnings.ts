/**
 * Why a run that waits finds no agent, in the words of Prefect 1's page: by which agents live, not by which were ever there. Pure.
 *
 * @module
 */

import type { AgentStatus } from "./agents.ts";

/** What decides who may take a run. */
export interface Wanted {
  labels: readonly string[];
  /** The type of its runner. */
  runner: string;
}

type Candidate = Pick<AgentStatus, "name" | "labels" | "runners" | "alive">;

/** Whether an agent takes runs with these labels: all of them are its own, and a run without labels is for agents without. */
export const labelsMatch = (wanted: readonly string[], agent: readonly string[]): boolean =>
  wanted.length === 0 ? agent.length === 0 : wanted.every((label) => agent.includes(label));

/**
 * Why no agent would take such a run now; null when one would.
 *
 * @example
 * ```ts
 * import { labelWarning } from "./label_warnings.ts";
 *
 * console.assert(labelWarning({ labels: [], runner: "docker" }, []) === "Agent Problem: you have no live agents");
 * ```
 */
export function labelWarning({ labels, runner }: Wanted, agents: readonly Candidate[]): string | null {
  const live = agents.filter(({ alive }) => alive);
  if (live.length === 0) return "Agent Problem: you have no live agents";
  const able = live.filter(({ runners }) => runners.includes(runner));
  if (able.length === 0) return `Agent Problem: no live agent starts runs of runner ${quoted(runner)}`;
  if (able.some((agent) => labelsMatch(labels, agent.labels))) return null;
  if (labels.length === 0) {
    return "Label Problem: it has no labels, and every live agent has some, which takes only what has labels";
  }
  const nowhere = labels.filter((label) => !able.some((agent) => agent.labels.includes(label)));
  if (nowhere.length > 0) {
    return `Label Problem: no live agent has the label${nowhere.length > 1 ? "s" : ""} ${all(nowhere)}`;
  }
  const lacks = (agent: Candidate) => labels.filter((label) => !agent.labels.includes(label));
  const nearest = able.toSorted((a, b) => lacks(a).length - lacks(b).length)[0];
  return `Label Problem: no live agent has all labels; agent ${quoted(nearest.name)} lacks ${all(lacks(nearest))}`;
}

const quoted = (text: string) => `'${text}'`;
const all = (labels: readonly string[]) => labels.map(quoted).join(", ");
