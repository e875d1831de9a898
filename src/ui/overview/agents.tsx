/**
 * Agents: whether each lives, whether its engine answers, and how much it holds.
 *
 * @module
 */

import type { AgentLoad } from "../../domain/overview.ts";
import { Card, Empty } from "../components/layout.tsx";
import { Chips, Time } from "../components/text.tsx";

/** Agents that are shown; the page of agents has them all. */
const MOST_AGENTS = 12;

/** See the module's comment. */
export function Agents({ agents }: { agents: readonly AgentLoad[] }) {
  const living = agents.filter(({ alive }) => alive).length;
  return (
    <Card
      title={
        <>
          Agents {agents.length === 0 ? null : <span class="overview-counter">{living} of {agents.length} live</span>}
        </>
      }
      actions={<a href="/agents">All agents</a>}
    >
      {agents.length === 0
        ? <Empty title="No agent yet." command="flowctl agent start" />
        : (
          <ul class="overview-lines" aria-label="Agents">
            {agents.slice(0, MOST_AGENTS).map((agent) => <Agent key={agent.id} agent={agent} />)}
          </ul>
        )}
      {agents.length > MOST_AGENTS ? <p class="hint">and {agents.length - MOST_AGENTS} more</p> : null}
    </Card>
  );
}

function Agent({ agent: { id, name, labels, alive, away, held, limit, stopped, last_seen } }: { agent: AgentLoad }) {
  const used = limit === null ? undefined : Math.min(1, held / limit);
  return (
    <li>
      <div class="overview-line">
        <span class="overview-line-main">
          <a href={`/agents/${id}`}>{name}</a>
          {labels.length === 0 ? null : (
            <>
              <Chips values={labels} kind="label" />
            </>
          )}
        </span>
        <span class="overview-line-end">
          {alive && held + (limit ?? 0) > 0
            ? (
              <span class="overview-load">
                {used === undefined ? null : (
                  <span class="overview-load-track" aria-hidden="true">
                    <span style={{ width: `${100 * used}%` }} />
                  </span>
                )}
                <span class="number">{limit === null ? held : `${held} of ${limit}`}</span>{" "}
                <span class="quiet">{held === 1 && limit === null ? "run" : "runs"}</span>
              </span>
            )
            : null}
          <Health alive={alive} away={away} stopped={stopped} lastSeen={last_seen} />
        </span>
      </div>
    </li>
  );
}

function Health(
  { alive, away, stopped, lastSeen }: {
    alive: boolean;
    away: readonly string[];
    stopped: string | null;
    lastSeen: string;
  },
) {
  if (!alive) {
    const word = stopped === null ? "dead" : "stopped";
    return (
      <span class={`overview-health overview-health-${stopped === null ? "bad" : "off"}`}>
        {word}, {stopped === null ? "last seen " : ""}
        <Time at={stopped ?? lastSeen} />
      </span>
    );
  }
  if (away.length > 0) {
    const what = away.includes("docker") ? "engine does not answer" : `can't start ${away.join(", ")}`;
    return <span class="overview-health overview-health-bad">alive, {what}</span>;
  }
  return <span class="overview-health overview-health-good">alive</span>;
}
