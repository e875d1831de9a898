/**
 * Why a run that waits finds no agent, in the words of Prefect 1's page: by which agents live, not by which were ever there. Pure.
 *
 * @module
 */

import { all, type Candidate as OneCandidate, quoted, refusalOf, type Wanted as AnyWanted } from "./agent_fit.ts";

export { labelsMatch } from "./agent_fit.ts";

/** What decides who may take a run that is for agents. */
export interface Wanted extends AnyWanted {
  runner: string;
}

interface Candidate extends Omit<OneCandidate, "limit" | "held"> {
  name: string;
}

/**
 * Why no agent would take such a run now; null when one would. An agent that is full does not count as one that would not.
 *
 * @example
 * ```ts
 * import { labelWarning } from "./label_warnings.ts";
 *
 * console.assert(labelWarning({ labels: [], runner: "docker" }, []) === "Agent Problem: you have no live agents");
 * ```
 */
export function labelWarning(wanted: Wanted, agents: readonly Candidate[]): string | null {
  const { labels, runner } = wanted;
  const live = agents.filter(({ alive }) => alive).map(({ name, labels, runners, alive, away }) => {
    const refusal = refusalOf(wanted, { labels, runners, alive, away });
    return { name, labels, refused: refusal?.kind };
  });
  if (live.length === 0) return "Agent Problem: you have no live agents";
  const able = live.filter(({ refused }) => refused !== "runner");
  if (able.length === 0) return `Agent Problem: no live agent starts runs of runner ${quoted(runner)}`;
  const matching = able.filter(({ refused }) => refused !== "labels");
  if (matching.some(({ refused }) => refused === undefined)) return null;
  if (matching.length > 0) {
    const whose = `agent${matching.length > 1 ? "s" : ""} ${all(matching.map(({ name }) => name))}`;
    return runner === "docker"
      ? `Agent Problem: the Docker Engine of ${whose} does not answer`
      : `Agent Problem: ${whose} can't start runs of runner ${quoted(runner)} now`;
  }
  if (labels.length === 0) {
    return "Label Problem: it has no labels, and every live agent has some, which takes only what has labels";
  }
  const nowhere = labels.filter((label) => !able.some((agent) => agent.labels.includes(label)));
  if (nowhere.length > 0) {
    return `Label Problem: no live agent has the label${nowhere.length > 1 ? "s" : ""} ${all(nowhere)}`;
  }
  const lacks = (agent: { labels: readonly string[] }) => labels.filter((label) => !agent.labels.includes(label));
  const nearest = able.toSorted((a, b) => lacks(a).length - lacks(b).length)[0];
  return `Label Problem: no live agent has all labels; agent ${quoted(nearest.name)} lacks ${all(lacks(nearest))}`;
}
