/**
 * Runs of flows, the newest first.
 *
 * @module
 */

import { api } from "../api.ts";
import { FilterBar, useFilters } from "../components/filter_bar.tsx";
import { Empty, Page, Shown, Table } from "../components/layout.tsx";
import { StateBadge, Time } from "../components/text.tsx";
import { filterBody } from "../filters.ts";
import { useLive } from "../live/use_live.ts";

/** See the module's comment. */
export default function FlowRuns() {
  const { filters, search, setFilters } = useFilters();
  const live = useLive(
    `runs ${search}`,
    () => api.flowRuns.list({ ...filterBody(filters, Date.now()), sort: "START_TIME_DESC", limit: 50 }),
    ({ kind }) => kind === "flow_run",
  );
  return (
    <Page title="Runs">
      <FilterBar filters={filters} onChange={setFilters} />
      <Shown live={live}>
        {(runs) => (
          <Table
            label="Runs"
            rows={runs}
            rowKey={({ id }) => id}
            empty={<Empty title="No runs yet." command="flowctl deployment run my-flow/example" />}
            columns={[
              { title: "Run", main: true, cell: ({ id, name }) => <a href={`/flow-runs/${id}`}>{name}</a> },
              {
                title: "State",
                main: true,
                cell: ({ state_type, state_name }) => <StateBadge type={state_type} name={state_name} />,
              },
              {
                title: "When",
                cell: ({ start_time, expected_start_time }) => <Time at={start_time ?? expected_start_time} />,
              },
            ]}
          />
        )}
      </Shown>
    </Page>
  );
}
