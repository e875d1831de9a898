/**
 * One agent: its engine, its containers, what it takes and what not.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import type { AgentView, FittingDeployment, HeldRun, PastRun, WaitingRun } from "../../domain/agent_views.ts";
import { api } from "../api.ts";
import { Badge } from "../components/bits.tsx";
import { Button, Copy } from "../components/controls.tsx";
import { Labels } from "../components/labels.tsx";
import { Card, Empty, Grid, Page, Table } from "../components/layout.tsx";
import { PageShown } from "../components/page_shown.tsx";
import { forget, StateOfAgent } from "../components/state_of_agent.tsx";
import { Duration, Facts, StateBadge, Time } from "../components/text.tsx";
import { useLive } from "../live/use_live.ts";
import type { PageProps } from "../routes.ts";

const GIB = 2 ** 30;

/** See the module's comment. */
export default function AgentPage({ params: { id } }: PageProps) {
  const { route } = useLocation();
  const live = useLive(
    `agent ${id}`,
    (signal) => api.agents.view(id, signal),
    ({ kind }) => kind === "agent" || kind === "flow_run" || kind === "deployment",
  );
  return (
    <PageShown noun="Agent" live={live}>
      {(view) => (
        <Page
          title={view.agent.name}
          above={<a href="/agents">Agents</a>}
          heading={
            <span class="split">
              {view.agent.name} <StateOfAgent agent={view.agent} />
            </span>
          }
          actions={view.agent.alive
            ? undefined
            : <Button icon="trash" onClick={() => forget(view.agent, () => route("/agents"))}>Forget</Button>}
        >
          <Grid>
            <About {...view} />
            <Engine {...view} />
          </Grid>
          <Held held={view.held} />
          <Takes {...view} />
          <Past past={view.past} />
        </Page>
      )}
    </PageShown>
  );
}

const About = ({ agent: { id, labels, runners, version, held, limit, created, last_seen, alive } }: AgentView) => (
  <Card title="Agent">
    <div class="id-first">
      <Facts
        items={[
          ["Id", <Copy key="id" text={id} />],
          ["Labels", <Labels key="labels" labels={labels} />],
          ["Runners", runners.join(", ")],
          ["Runs", limit === null ? `${held}, no limit` : `${held} of ${limit}`],
          ["Version", version ?? undefined],
          ["Known since", <Time key="created" at={created} />],
          ["Last seen", alive ? undefined : <Time key="seen" at={last_seen} />],
        ]}
      />
    </div>
  </Card>
);

function Engine({ agent: { engine, engine_id, runners, away, alive }, neighbours }: AgentView) {
  if (!runners.includes("docker")) {
    return <Card title="Engine">It has none: its runs are processes of its machine.</Card>;
  }
  return (
    <Card
      title="Engine"
      actions={!alive
        ? undefined
        : away.includes("docker")
        ? <Badge tone="danger">does not answer</Badge>
        : <Badge tone="good">answers</Badge>}
    >
      {engine === null
        ? (
          <p>
            The agent has told nothing of it{away.includes("docker") ? ": it has not answered yet" : ""}. Look with{" "}
            <code>flowctl doctor</code> on the agent's machine.
          </p>
        )
        : (
          <Facts
            items={[
              ["Name", engine.name],
              ["Version", engine.version],
              ["System", engine.os],
              ["Architecture", engine.arch],
              ["Size", sizeOf(engine)],
              ["Address", engine.address === undefined ? undefined : <Copy key="address" text={engine.address} />],
              ["Id", engine_id === null ? undefined : <Copy key="id" text={engine_id} />],
              [
                "Also used by",
                neighbours.length === 0 ? undefined : (
                  <span class="split">
                    {neighbours.map(({ id, name }) => <a key={id} href={`/agents/${id}`}>{name}</a>)}
                  </span>
                ),
              ],
            ]}
          />
        )}
    </Card>
  );
}

/** E.g. `8 CPUs, 31.2 GiB`. */
const sizeOf = ({ cpus, memory }: NonNullable<AgentView["agent"]["engine"]>): string | undefined =>
  [
    cpus === undefined ? "" : `${cpus} CPU${cpus === 1 ? "" : "s"}`,
    memory === undefined ? "" : `${(memory / GIB).toFixed(1)} GiB`,
  ].filter(Boolean).join(", ") || undefined;

/** The container's id as the engine's tools show it. */
function Container({ pid }: { pid: string | null }) {
  if (pid === null) return <span class="quiet">none yet</span>;
  const [kind, id] = pid.split("://", 2);
  return kind === "docker" ? <Copy text={id} label={id.slice(0, 12)} /> : <code>{pid}</code>;
}

const Held = ({ held }: { held: readonly HeldRun[] }) => (
  <Card
    title={
      <>
        Containers <span class="count">{held.length}</span>
      </>
    }
  >
    <Table
      label="What the agent holds"
      rows={held}
      rowKey={({ lease_id }) => lease_id}
      empty={<p class="quiet">It holds no run now.</p>}
      columns={[
        {
          title: "Run",
          main: true,
          cell: ({ run }) =>
            run === null ? <span class="quiet">deleted</span> : <a href={`/flow-runs/${run.id}`}>{run.name}</a>,
        },
        {
          title: "State",
          main: true,
          cell: ({ run, lost_at }) => (
            <span class="split">
              <StateBadge type={run?.state_type ?? null} name={run?.state_name} />
              {lost_at === null ? null : <Badge tone="warning">waits for the agent</Badge>}
            </span>
          ),
        },
        {
          title: "Flow",
          cell: ({ run }) => run === null ? null : <a href={`/flows/${run.flow_id}`}>{run.flow_name}</a>,
        },
        { title: "Container", cell: ({ infrastructure_pid }) => <Container pid={infrastructure_pid} /> },
        { title: "Attempt", right: true, cell: ({ attempt }) => attempt },
        { title: "Held for", right: true, cell: ({ since }) => <Duration since={since} /> },
      ]}
    />
  </Card>
);

const Verdict = ({ refusal }: Pick<WaitingRun, "refusal">) =>
  refusal === null ? <Badge tone="good">takes it</Badge> : (
    <span class="verdict">
      <Badge tone={["full", "dead", "away"].includes(refusal.kind) ? "warning" : "plain"}>no</Badge>
      <span class="fine">{refusal.text}</span>
    </span>
  );

const Takes = ({ waiting, deployments }: AgentView) => (
  <>
    <Card
      title={
        <>
          Waiting runs <span class="count">{waiting.length}</span>
        </>
      }
    >
      <Table
        label="Runs that wait, and whether this agent takes them"
        rows={waiting}
        rowKey={({ run }) => run.id}
        empty={<p class="quiet">No run waits.</p>}
        columns={[
          { title: "Run", main: true, cell: ({ run }) => <a href={`/flow-runs/${run.id}`}>{run.name}</a> },
          { title: "Flow", cell: ({ run }) => <a href={`/flows/${run.flow_id}`}>{run.flow_name}</a> },
          { title: "Labels", cell: Labels },
          { title: "Due", cell: ({ run }) => <Time at={run.expected_start_time} /> },
          { title: "This agent", main: true, cell: Verdict },
        ]}
      />
    </Card>
    <Card
      title={
        <>
          Deployments <span class="count">{deployments.length}</span>
        </>
      }
    >
      <Table<FittingDeployment>
        label="Deployments, and whether this agent takes their runs"
        rows={deployments}
        rowKey={({ id }) => id}
        empty={<Empty title="No deployment yet." command="flowctl deployment create ./my-deployment.ts" />}
        columns={[
          {
            title: "Deployment",
            main: true,
            cell: ({ id, name, flow_name, paused }) => (
              <>
                <a href={`/deployments/${id}`}>{flow_name}/{name}</a>
                {paused ? <Badge>paused</Badge> : null}
              </>
            ),
          },
          { title: "Project", cell: ({ project }) => project },
          { title: "Runner", cell: ({ runner }) => <span class="nowrap">{runner ?? "none"}</span> },
          { title: "Labels", cell: Labels },
          { title: "This agent", main: true, cell: Verdict },
        ]}
      />
    </Card>
  </>
);

const Past = ({ past }: { past: readonly PastRun[] }) => (
  <Card title="Finished lately">
    <Table
      label="Runs that the agent had and that are over"
      rows={past}
      rowKey={({ id }) => id}
      empty={<p class="quiet">None yet.</p>}
      columns={[
        { title: "Run", main: true, cell: ({ id, name }) => <a href={`/flow-runs/${id}`}>{name}</a> },
        {
          title: "State",
          main: true,
          cell: ({ state_type, state_name }) => <StateBadge type={state_type} name={state_name} />,
        },
        { title: "Flow", cell: ({ flow_id, flow_name }) => <a href={`/flows/${flow_id}`}>{flow_name}</a> },
        { title: "Container", cell: ({ infrastructure_pid }) => <Container pid={infrastructure_pid} /> },
        { title: "Took", right: true, cell: ({ total_run_time }) => <Duration seconds={total_run_time} /> },
        { title: "Ended", cell: ({ end_time }) => <Time at={end_time} /> },
      ]}
    />
  </Card>
);
