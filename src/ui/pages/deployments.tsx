/**
 * Deployments: what runs, when it runs next, and how its last runs went.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import type { DeploymentRow } from "../../domain/deployment_views.ts";
import { api } from "../api.ts";
import { Button, Select, TextInput } from "../components/controls.tsx";
import { Empty, Page, Shown, Table } from "../components/layout.tsx";
import { RunDialog } from "../components/run_dialog.tsx";
import { Chips, Time } from "../components/text.tsx";
import { addressOf, type DeploymentFilters, filtersOf, queryOf } from "../components/deployments/filters.ts";
import { PauseSwitch, runnerText, ScheduleText, StateStrip } from "../components/deployments/parts.tsx";
import { plural } from "../format.ts";
import { useLive } from "../live/use_live.ts";

/** So long after the last key the address says what was typed, in milliseconds. */
const REST_MS = 250;

/** See the module's comment. */
export default function Deployments() {
  const { query, route } = useLocation();
  const filters = filtersOf(query);
  const asked = queryOf(filters);
  const live = useLive(
    `deployments ${JSON.stringify(asked)}`,
    (signal) => api.deployments.page(asked, signal),
    ({ kind }) => ["deployment", "flow_run", "project", "flow"].includes(kind),
  );
  const [toRun, setToRun] = useState<string>();
  const narrow = (part: Partial<DeploymentFilters>) => route(addressOf({ ...filters, after: "", ...part }), true);
  const isNarrowed = addressOf({ ...filters, after: "" }) !== addressOf({});
  return (
    <Page title="Deployments">
      <Filters filters={filters} narrow={narrow} />
      <Shown live={live}>
        {({ deployments, next, total }) => (
          <>
            <p class="quiet" role="status">{plural(total, "deployment")}{isNarrowed ? " found" : ""}</p>
            <Table
              label="Deployments"
              rows={deployments}
              rowKey={({ id }) => id}
              empty={isNarrowed
                ? (
                  <Empty title="No deployment is like that.">
                    <p>
                      <a href="/deployments">Show all deployments</a>
                    </p>
                  </Empty>
                )
                : (
                  <Empty title="No deployments yet." command="flowctl deployment create my-flow.ts">
                    <p>Write a DeploymentSpec in a flow's file, and hand the file in:</p>
                  </Empty>
                )}
              columns={[
                { title: "Name", main: true, cell: (row) => <Name row={row} /> },
                {
                  title: "Image",
                  cell: ({ runner, image }) => <span class="deployment-image">{runnerText(runner, image)}</span>,
                },
                { title: "Schedule", cell: ({ schedules }) => <Schedules schedules={schedules} /> },
                {
                  title: "Next run",
                  cell: ({ next_run }) =>
                    next_run === null ? <span class="quiet">–</span> : (
                      <a href={`/flow-runs/${next_run.id}`}>
                        <Time at={next_run.at} />
                      </a>
                    ),
                },
                {
                  title: "Last runs",
                  cell: ({ last_runs, name, flow_name }) => (
                    <StateStrip runs={last_runs.slice(0, 8)} label={`Last runs of ${flow_name}/${name}`} />
                  ),
                },
                {
                  title: "On",
                  main: true,
                  cell: ({ id, name, flow_name, paused }) => (
                    <PauseSwitch id={id} name={`${flow_name}/${name}`} paused={paused} hideLabel />
                  ),
                },
                {
                  title: "Run",
                  main: true,
                  cell: ({ id, name, flow_name }) => (
                    <Button
                      icon="play"
                      title={`Run ${flow_name}/${name}`}
                      onClick={() => setToRun(id)}
                    />
                  ),
                },
              ]}
            />
            {next === null && filters.after === "" ? null : (
              <nav class="actions deployment-pages" aria-label="Pages">
                {filters.after === ""
                  ? null
                  : <Button href={addressOf({ ...filters, after: "" })}>To the beginning</Button>}
                {next === null
                  ? null
                  : <Button href={addressOf({ ...filters, after: `${next.id} ${next.name}` })}>Next page</Button>}
              </nav>
            )}
          </>
        )}
      </Shown>
      {toRun === undefined ? null : (
        <RunDialog
          deploymentId={toRun}
          onClose={() => setToRun(undefined)}
          onCreated={({ id }) => route(`/flow-runs/${id}`)}
        />
      )}
    </Page>
  );
}

const Name = (
  { row: { id, name, flow_id, flow_name, project, tags, next_run, last_runs } }: { row: DeploymentRow },
) => (
  <>
    <a class="deployment-name" href={`/deployments/${id}`}>{name}</a>
    <div class="deployment-more">
      <a href={`/flows/${flow_id}`}>{flow_name}</a>{" "}
      <span class="quiet">{project === "default" ? "" : `in ${project}`}</span> <Chips values={tags} />
    </div>
    <div class="deployment-narrow">
      {next_run === null ? null : (
        <span class="quiet">
          Next run <Time at={next_run.at} />
        </span>
      )}
      {last_runs.length === 0
        ? null
        : <StateStrip runs={last_runs.slice(0, 6)} label={`Last runs of ${flow_name}/${name}`} />}
    </div>
  </>
);

const Schedules = ({ schedules }: { schedules: DeploymentRow["schedules"] }) =>
  schedules.length === 0 ? <span class="quiet">by hand</span> : (
    <ul class="bare-list">
      {schedules.slice(0, 3).map(({ schedule, active }, i) => (
        <li key={i}>
          <ScheduleText schedule={schedule} active={active} />
        </li>
      ))}
      {schedules.length > 3 ? <li class="quiet">and {schedules.length - 3} more</li> : null}
    </ul>
  );

/** The controls above the list. What is typed is in the address a moment later. */
function Filters(
  { filters, narrow }: { filters: DeploymentFilters; narrow: (part: Partial<DeploymentFilters>) => void },
) {
  const projects = useLive("projects", () => api.projects.list(), ({ kind }) => kind === "project");
  const [text, setText] = useState(filters.text);
  const [tag, setTag] = useState(filters.tag);
  useEffect(() => {
    setText(filters.text);
    setTag(filters.tag);
  }, [filters.text, filters.tag]);
  useEffect(() => {
    if (text === filters.text && tag === filters.tag) return;
    const timer = setTimeout(() => narrow({ text, tag }), REST_MS);
    return () => clearTimeout(timer);
  }, [text, tag]);
  const names = (projects.data ?? []).map(({ name }) => name);
  const known = filters.project === "" || names.includes(filters.project) ? names : [filters.project, ...names];
  return (
    <form
      class="deployment-filters"
      role="search"
      aria-label="Deployments"
      onSubmit={(event) => event.preventDefault()}
    >
      <TextInput
        type="search"
        aria-label="Flow or deployment"
        placeholder="Flow or deployment"
        value={text}
        onInput={setText}
      />
      <Select
        aria-label="Project"
        value={filters.project}
        options={[["", "All projects"], ...known.map((name) => [name, name] as const)]}
        onChange={(project) => narrow({ project })}
      />
      <Select
        aria-label="Schedules"
        value={filters.state}
        options={[["", "On and paused"], ["on", "On"], ["paused", "Paused"]]}
        onChange={(state) => narrow({ state })}
      />
      <TextInput aria-label="Tag" placeholder="Tag" value={tag} onInput={setTag} />
    </form>
  );
}
