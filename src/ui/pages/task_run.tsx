/**
 * One run of a task.
 *
 * @module
 */
// deno-lint-ignore-file jsx-key -- what stands in an array is a pair of a name and a value, which are no children

import type { TaskRunView } from "../../domain/run_views.ts";
import { isFinal } from "../../domain/state_types.ts";
import { api } from "../api.ts";
import { Copy } from "../components/controls.tsx";
import { Card, Grid, Page, Table } from "../components/layout.tsx";
import { lazyPart } from "../components/lazy_part.tsx";
import { PageShown } from "../components/page_shown.tsx";
import { ResultCard } from "../components/run/result.tsx";
import { StateTable } from "../components/run/details.tsx";
import { StateHistory } from "../components/run/state_history.tsx";
import { Chips, Duration, Facts, StateBadge, Time } from "../components/text.tsx";
import { useLive } from "../live/use_live.ts";
import type { PageProps } from "../routes.ts";

const Logs = lazyPart(async () => (await import("../components/logs/logs.tsx")).Logs);

/** See the module's comment. */
export default function TaskRunPage({ params: { id } }: PageProps) {
  const live = useLive(
    `task run ${id}`,
    (signal) => api.taskRuns.view(id, signal),
    (change) => change.kind === "task_run" && change.id === id,
  );
  return <PageShown noun="Task run" live={live}>{(view) => <TaskRun view={view} />}</PageShown>;
}

function TaskRun({ view: { run, flow, flow_run, child, states, sources } }: { view: TaskRunView }) {
  const { retries, retry_delay } = run.empirical_policy;
  return (
    <Page
      title={run.name}
      heading={
        <span class="run-heading">
          {run.name}
          <StateBadge type={run.state_type} name={run.state_name} />
        </span>
      }
      above={flow_run === null ? "A task without a flow" : (
        <>
          {flow === null ? null : (
            <>
              <a href={`/flows/${flow.id}`}>{flow.name}</a>
              {" / "}
            </>
          )}
          <a href={`/flow-runs/${flow_run.id}`}>{flow_run.name}</a>
        </>
      )}
    >
      <Card>
        <Facts
          items={[
            ["Task", <code>{run.task_key}</code>],
            [
              "Sub-flow",
              child === null ? undefined : (
                <>
                  <a href={`/flow-runs/${child.id}`}>{child.name}</a>{" "}
                  <StateBadge type={child.state_type} name={child.state_name} />
                </>
              ),
            ],
            ["Tags", run.tags.length === 0 ? undefined : <Chips values={run.tags} />],
            ["Started", <Time at={run.start_time} />],
            ["Ended", run.end_time === null ? undefined : <Time at={run.end_time} />],
            [
              "Duration",
              run.state_type === "RUNNING" && !isFinal(run.state_type)
                ? <Duration since={run.start_time} />
                : <Duration seconds={run.start_time === null ? null : run.total_run_time} />,
            ],
            ["Times it began", String(run.run_count)],
            ["Retries", retries ? `${retries}, after ${[retry_delay ?? 0].flat().join(", ")} s` : undefined],
            ["Cached as", run.cache_key === null ? undefined : <Copy text={run.cache_key} />],
            ["Id", <Copy text={run.id} />],
          ]}
        />
        <StateHistory states={states} />
      </Card>
      <Grid>
        <Inputs inputs={run.task_inputs} sources={sources} />
        <ResultCard state={run.state} />
      </Grid>
      {flow_run === null ? null : (
        <Card title="Logs">
          <Logs flowRunId={flow_run.id} taskRunId={run.id} />
        </Card>
      )}
      {states.some(({ message }) => message !== null) ? <StateTable states={states} /> : null}
    </Page>
  );
}

function Inputs({ inputs, sources }: { inputs: TaskRunView["run"]["task_inputs"]; sources: TaskRunView["sources"] }) {
  const known = new Map(sources.map((source) => [source.id, source]));
  const rows = Object.entries(inputs);
  return (
    <Card title="Inputs">
      <Table
        label="Inputs"
        rows={rows}
        rowKey={([name]) => name}
        empty={<p class="quiet">It takes nothing of other tasks.</p>}
        columns={[
          { title: "Argument", main: true, cell: ([name]) => <code>{name}</code> },
          {
            title: "Comes from",
            main: true,
            cell: ([, from]) =>
              from.length === 0 ? <span class="quiet">the flow itself</span> : from.map((one, i) => {
                if (one.input_type === "parameter") return <span key={i} class="source">parameter {one.name}</span>;
                if (one.input_type === "constant") {
                  return <span key={i} class="source">a constant of type {one.type}</span>;
                }
                return <a key={i} class="source" href={`/task-runs/${one.id}`}>{known.get(one.id)?.name ?? one.id}</a>;
              }),
          },
        ]}
      />
    </Card>
  );
}
