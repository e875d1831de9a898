/**
 * A flow's runs, newest first, of all versions or of one.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { FlowRunsPage } from "../../../domain/flow_views.ts";
import { api } from "../../api.ts";
import { useLive } from "../../live/use_live.ts";
import type { FlowPartProps } from "../../pages/flow.tsx";
import { runCommand } from "../../run_command.ts";
import { Pager } from "../choices.tsx";
import { Empty, Shown, Table } from "../layout.tsx";
import { Duration, StateBadge, Time } from "../text.tsx";

/** See the module's comment. */
export function FlowRuns({ view, version }: FlowPartProps) {
  const { flow } = view;
  const [pages, setPages] = useState(1);
  const live = useLive(
    `flow runs ${flow.id} ${version?.id} ${pages}`,
    (signal) => firstPages(flow.id, version?.id, pages, signal),
    ({ kind }) => kind === "flow_run",
  );
  return (
    <>
      <p class="quiet fine">
        {version === undefined ? "Of all versions." : `Of version ${version.number}.`}{" "}
        <a href={`/runs?flow=${flow.id}`}>Filter and change runs</a>
      </p>
      <Shown live={live}>
        {({ runs, next }) => (
          <>
            <Table
              label="Runs"
              rows={runs}
              rowKey={({ id }) => id}
              empty={<Empty title="No runs." command={runCommand(view)} />}
              columns={[
                { title: "Run", main: true, cell: ({ id, name }) => <a href={`/flow-runs/${id}`}>{name}</a> },
                {
                  title: "State",
                  main: true,
                  cell: ({ state_type, state_name }) => <StateBadge type={state_type} name={state_name} />,
                },
                {
                  title: "Deployment",
                  cell: ({ deployment_name }) => deployment_name ?? <span class="quiet">none</span>,
                },
                { title: "Version", right: true, cell: ({ version }) => version ?? "–" },
                {
                  title: "Took",
                  right: true,
                  cell: ({ start_time, end_time, total_run_time }) =>
                    start_time !== null && end_time === null
                      ? <Duration since={start_time} />
                      : <Duration seconds={start_time === null ? null : total_run_time} />,
                },
                {
                  title: "When",
                  main: true,
                  cell: ({ start_time, expected_start_time }) => <Time at={start_time ?? expected_start_time} />,
                },
              ]}
            />
            {runs.length === 0
              ? null
              : <Pager shown={runs.length} noun="run" onMore={next === null ? undefined : () => setPages(pages + 1)} />}
          </>
        )}
      </Shown>
    </>
  );
}

async function firstPages(
  id: string,
  version: string | undefined,
  pages: number,
  signal: AbortSignal,
): Promise<FlowRunsPage> {
  let page = await api.flows.runs(id, { version }, signal);
  for (let n = 1; n < pages && page.next !== null; n++) {
    const { runs, next } = await api.flows.runs(id, { version, before: page.next }, signal);
    page = { runs: [...page.runs, ...runs], next };
  }
  return page;
}
