/**
 * Flows: by name, with their last runs and whether an agent would take the next one.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import type { FlowRow, FlowsPage as Answer } from "../../domain/flow_views.ts";
import { withQuery } from "../address.ts";
import { api } from "../api.ts";
import { Pager } from "../components/choices.tsx";
import { Button, Select, TextInput } from "../components/controls.tsx";
import { DurationBars } from "../components/duration_bars.tsx";
import { Empty, Page, Shown, Table } from "../components/layout.tsx";
import { Chips, Duration, StateBadge, Time } from "../components/text.tsx";
import { Warning } from "../components/warning.tsx";
import { useKept } from "../live/use_kept.ts";
import { useLive } from "../live/use_live.ts";

const CONCERNS = ["flow", "flow_run", "deployment", "agent", "project"];

/** See the module's comment. */
export default function FlowsPage() {
  const { url, query, route } = useLocation();
  const { project = "", search = "" } = query;
  const chosen = `${project}\n${search}`;
  const [more, setMore] = useState({ chosen, pages: 1 });
  const pages = more.chosen === chosen ? more.pages : 1;
  const choose = (changes: Record<string, string>) => route(withQuery(url, changes), true);
  const live = useKept(useLive(
    `flows ${pages} ${chosen}`,
    (signal) => firstPages({ project, search }, pages, signal),
    ({ kind }) => CONCERNS.includes(kind),
  ));
  return (
    <Page title="Flows">
      <div class="filters" role="search">
        <TextInput
          type="search"
          aria-label="Search flows by name or tag"
          placeholder="Search by name or tag"
          value={search}
          onInput={(search) => choose({ search })}
        />
        <Select
          aria-label="Project"
          value={project}
          options={[
            ["", "All projects"],
            ...[...new Set([...live.data?.projects ?? [], ...project === "" ? [] : [project]])].map((name) =>
              [name, name] as const
            ),
          ]}
          onChange={(project) => choose({ project })}
        />
      </div>
      <Shown live={live}>
        {({ flows, next }) => (
          <>
            <Rows
              flows={flows}
              isFiltered={project !== "" || search !== ""}
              onReset={() => choose({ project: "", search: "" })}
            />
            {flows.length === 0 ? null : (
              <Pager
                shown={flows.length}
                noun="flow"
                onMore={next === null ? undefined : () => setMore({ chosen, pages: pages + 1 })}
              />
            )}
          </>
        )}
      </Shown>
    </Page>
  );
}

/** The first so many pages as one; the next of each is known only with its answer. */
async function firstPages(
  { project, search }: { project: string; search: string },
  pages: number,
  signal: AbortSignal,
): Promise<Answer> {
  const asked = { project: project || undefined, search: search || undefined };
  let page = await api.flows.page(asked, signal);
  for (let n = 1; n < pages && page.next !== null; n++) {
    const { flows, next } = await api.flows.page({ ...asked, after: page.next }, signal);
    page = { ...page, flows: [...page.flows, ...flows], next };
  }
  return page;
}

function Rows({ flows, isFiltered, onReset }: {
  flows: readonly FlowRow[];
  isFiltered: boolean;
  onReset: () => void;
}) {
  return (
    <Table
      label="Flows"
      rows={flows}
      rowKey={({ id }) => id}
      empty={isFiltered
        ? (
          <Empty title="No flow is like this.">
            <Button onClick={onReset}>Show all flows</Button>
          </Empty>
        )
        : (
          <Empty title="No flows yet." command="flowctl deployment create ./my-deployment.ts">
            <p>A flow is here once it was registered, deployed or run.</p>
          </Empty>
        )}
      columns={[
        {
          title: "Name",
          main: true,
          cell: ({ id, name, tags }) => (
            <>
              <a href={`/flows/${id}`}>{name}</a> {tags.length === 0 ? null : <Chips values={tags} />}
            </>
          ),
        },
        {
          title: "Project",
          cell: ({ project }) => <a href={withQuery("/flows", { project })}>{project}</a>,
        },
        {
          title: "Labels",
          main: true,
          cell: ({ labels, label_warning }) => (
            <span class="split labels-cell">
              {label_warning === null ? null : <Warning text={label_warning} />}
              {labels.length === 0 ? null : <Chips values={labels} kind="label" />}
            </span>
          ),
        },
        { title: "Deployments", right: true, cell: ({ deployments }) => deployments },
        {
          title: "Last runs",
          cell: ({ runs }) => runs.length === 0 ? <span class="quiet">none yet</span> : <DurationBars runs={runs} />,
        },
        {
          title: "Last run",
          main: true,
          cell: ({ runs: [last] }) =>
            last === undefined ? null : (
              <>
                <a href={`/flow-runs/${last.id}`} aria-label={`${last.name}: ${last.state_name}`}>
                  <StateBadge type={last.state_type} name={last.state_name} />
                </a>
                <div class="quiet fine">
                  <Time at={last.start_time} />
                </div>
              </>
            ),
        },
        {
          title: "Took",
          right: true,
          cell: ({ runs: [last] }) =>
            last === undefined
              ? null
              : last.end_time === null
              ? <Duration since={last.start_time} />
              : <Duration seconds={last.total_run_time} />,
        },
      ]}
    />
  );
}
