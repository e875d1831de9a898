/**
 * Says why a run that was asked for does not begin: which agents there are, and which of them would take it.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { AgentStatus } from "../domain/agents.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import { labelsMatch } from "../domain/label_warnings.ts";
import type { Clock } from "../support/clock.ts";
import { harmlessLine, pythonList, relativeTime } from "../support/text.ts";

/** How long a run may wait until somebody says why, and how long until it is said again, in milliseconds; Prefect's numbers. */
const FIRST_MS = 15_000;
const AGAIN_MS = 30_000;

/**
 * Why nobody took a run yet, in one sentence.
 *
 * @param waited Seconds.
 */
export function whyWaiting(
  labels: readonly string[],
  agents: AgentStatus[],
  now: Temporal.Instant,
  waited: number,
): string {
  const begin = `It has been ${waited} seconds and your flow run has not been submitted by an agent`;
  const fitting = agents.filter((agent) => labelsMatch(labels, agent.labels));
  const seen = (agent: AgentStatus) => Temporal.Instant.from(agent.last_seen);
  const healthy = fitting.find(({ alive }) => alive);
  if (healthy !== undefined) {
    return `${begin}: agent '${harmlessLine(healthy.name)}' has matching labels and should take it soon`;
  }
  const last = fitting.toSorted((a, b) => Temporal.Instant.compare(seen(b), seen(a)))[0];
  if (last !== undefined) {
    return `${begin}: agent '${harmlessLine(last.name)}' has matching labels, but its last sign of life was ` +
      `${relativeTime(seen(last), now)}; it may have stopped`;
  }
  const words = labels.length === 0
    ? "the run has no labels, which only an agent without labels takes"
    : `the run needs the labels ${pythonList(labels)}`;
  const start = `Start one with: flowctl agent docker start${
    labels.map((label) => ` -l ${harmlessLine(label)}`).join("")
  }`;
  return `${begin}: there is no agent with matching labels, as ${words}. ${start}`;
}

/** Says it as long as the run waits. Ends when the signal is aborted. */
export async function warnWhileWaiting(
  { client, clock, run, signal, isWaiting, say }: {
    client: Client;
    clock: Clock;
    run: FlowRun;
    signal: AbortSignal;
    isWaiting: () => boolean;
    say: (text: string) => void;
  },
): Promise<void> {
  const begun = clock.now();
  try {
    for (let wait = FIRST_MS;; wait = AGAIN_MS) {
      await clock.sleep(wait, signal);
      if (signal.aborted || !isWaiting()) return;
      const agents = await client.agents.list();
      const waited = Math.round(begun.until(clock.now()).total("seconds"));
      if (isWaiting()) say(whyWaiting(run.labels, agents, clock.now(), waited));
    }
  } catch {
    // Stopped; or a server that does not answer, of which the one who follows the run hears.
  }
}
