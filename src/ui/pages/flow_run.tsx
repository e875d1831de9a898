/**
 * One run of a flow.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import type { FlowRunView } from "../../domain/run_views.ts";
import { api } from "../api.ts";
import { lazyPart } from "../components/lazy_part.tsx";
import { JsonView } from "../components/json_view.tsx";
import { Card, Empty, Grid, Page, Tabs } from "../components/layout.tsx";
import { PageShown } from "../components/page_shown.tsx";
import { RunActions } from "../components/run/actions.tsx";
import { Container } from "../components/run/container.tsx";
import { Details } from "../components/run/details.tsx";
import { ResultCard } from "../components/run/result.tsx";
import { RunFacts } from "../components/run/run_facts.tsx";
import { StateHistory } from "../components/run/state_history.tsx";
import { WaitingNote } from "../components/run/waiting_note.tsx";
import { StateBadge } from "../components/text.tsx";
import { isAboutRun, useDeleted } from "../live/use_deleted.ts";
import { useLive } from "../live/use_live.ts";
import type { PageProps } from "../routes.ts";

const Timeline = lazyPart(async () => (await import("../components/timeline/timeline.tsx")).Timeline);
const Graph = lazyPart(async () => (await import("../components/graph/graph.tsx")).Graph);
const Logs = lazyPart(async () => (await import("../components/logs/logs.tsx")).Logs);

const TABS = [
  { id: "timeline", label: "Timeline" },
  { id: "graph", label: "Graph" },
  { id: "logs", label: "Logs" },
  { id: "container", label: "Container" },
  { id: "parameters", label: "Parameters" },
  { id: "details", label: "Details" },
];

/** See the module's comment. */
export default function FlowRunPage({ params: { id } }: PageProps) {
  const live = useLive(
    `run ${id}`,
    (signal) => api.flowRuns.view(id, signal),
    (change) => isAboutRun(change, id),
  );
  const isDeleted = useDeleted(id);
  const isMissing = (live.error as { code?: string } | undefined)?.code === "not_found";
  return (
    <PageShown noun="Run" live={live}>
      {(view) => <Run view={view} isGone={isDeleted || isMissing} />}
    </PageShown>
  );
}

function Run({ view, isGone }: { view: FlowRunView; isGone: boolean }) {
  const { run, flow, deployment } = view;
  const { query } = useLocation();
  const href = `/flow-runs/${run.id}`;
  const tab = TABS.find(({ id }) => id === query.tab)?.id ?? TABS[0].id;
  return (
    <Page
      title={run.name}
      heading={
        <span class="run-heading">
          {run.name}
          <StateBadge type={run.state_type} name={run.state_name} />
        </span>
      }
      above={
        <>
          <a href={`/flows/${flow.id}`}>{flow.name}</a>
          {deployment === null ? null : (
            <>
              {" / "}
              <a href={`/deployments/${deployment.id}`}>{deployment.name}</a>
            </>
          )}
        </>
      }
      actions={isGone ? undefined : <RunActions view={view} />}
    >
      {isGone ? <p class="failure" role="alert">This run was deleted. What you see is how it was.</p> : null}
      {isGone ? null : <WaitingNote flowRunId={run.id} state={run.state_type} />}
      <Card>
        <RunFacts view={view} />
        <StateHistory states={view.states} all={`${href}?tab=details`} />
      </Card>
      <Tabs tabs={TABS} chosen={tab} href={href} />
      <Tab tab={tab} view={view} />
    </Page>
  );
}

function Tab({ tab, view }: { tab: string; view: FlowRunView }) {
  const { run } = view;
  switch (tab) {
    case "graph":
      return <Graph flowRunId={run.id} />;
    case "logs":
      return <Logs flowRunId={run.id} />;
    case "container":
      return <Container flowRunId={run.id} />;
    case "parameters":
      return (
        <Grid>
          <Card title="Parameters">
            {Object.keys(run.parameters).length === 0
              ? <Empty title="It was run without parameters." />
              : <JsonView label="the parameters" value={run.parameters} />}
          </Card>
          <ResultCard state={run.state} />
        </Grid>
      );
    case "details":
      return <Details view={view} />;
    default:
      return <Timeline flowRunId={run.id} />;
  }
}
