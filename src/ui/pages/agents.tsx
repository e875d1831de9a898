/**
 * Agents: who is there to start runs, and who was.
 *
 * @module
 */

import type { AgentRow } from "../../domain/agent_views.ts";
import { api } from "../api.ts";
import { Button } from "../components/controls.tsx";
import { Labels } from "../components/labels.tsx";
import { Empty, Page, Shown } from "../components/layout.tsx";
import { ask, toast } from "../components/overlays.tsx";
import { forget, StateOfAgent } from "../components/state_of_agent.tsx";
import { Facts } from "../components/text.tsx";
import { useLive } from "../live/use_live.ts";

/** See the module's comment. */
export default function AgentsPage() {
  const live = useLive("agents", api.agents.page, ({ kind }) => kind === "agent" || kind === "flow_run");
  const dead = live.data?.filter(({ alive, held }) => !alive && held === 0) ?? [];
  return (
    <Page
      title="Agents"
      actions={dead.length < 2 ? undefined : <Button icon="trash" onClick={() => forgetAll(dead)}>Clean up</Button>}
    >
      <Shown live={live}>
        {(agents) =>
          agents.length === 0
            ? (
              <Empty title="No agent yet." command="flowctl agent start">
                <p>An agent starts runs: in containers of its engine, or as processes of its machine.</p>
              </Empty>
            )
            : (
              <div class="agent-cards">
                {agents.map((agent) => <AgentCard key={agent.id} agent={agent} />)}
              </div>
            )}
      </Shown>
    </Page>
  );
}

function AgentCard({ agent }: { agent: AgentRow }) {
  const { id, name, labels, runners, version, engine, held, limit, alive } = agent;
  return (
    <section class="card">
      <header class="card-head">
        <h2>
          <a href={`/agents/${id}`}>{name}</a>
        </h2>
        <StateOfAgent agent={agent} />
      </header>
      <Facts
        items={[
          ["Labels", <Labels key="labels" labels={labels} />],
          ["Runs", <span key="runs" class="number">{limit === null ? held : `${held} of ${limit}`}</span>],
          ["Runners", runners.join(", ")],
          ["Version", version ?? undefined],
          ["Engine", engine === null ? undefined : `${engine.name} ${engine.version}`],
        ]}
      />
      {alive ? null : (
        <p class="actions after">
          <Button small icon="trash" onClick={() => forget(agent)}>Forget</Button>
        </p>
      )}
    </section>
  );
}

async function forgetAll(agents: readonly AgentRow[]) {
  const yes = await ask({
    title: `Forget ${agents.length} agents that are gone?`,
    text: `${agents.map(({ name }) => name).join(", ")}. Their runs and logs stay.`,
    action: "Forget",
    danger: true,
  });
  if (!yes) return;
  for (const { id } of agents) await api.agents.delete(id);
  toast(`Forgot ${agents.length} agents`);
}
