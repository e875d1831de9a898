/**
 * Everything else that is known of a run, and all of its states.
 *
 * @module
 */
// deno-lint-ignore-file jsx-key -- what stands in an array is a pair of a name and a value, which are no children

import type { FlowRunView } from "../../../domain/run_views.ts";
import type { State } from "../../../domain/states.ts";
import { Copy } from "../controls.tsx";
import { JsonView } from "../json_view.tsx";
import { Card, Table } from "../layout.tsx";
import { Facts, StateBadge, Time } from "../text.tsx";

/** All states as a table. */
export const StateTable = ({ states }: { states: readonly State[] }) => (
  <Card title="States">
    <Table
      label="All states"
      rows={states.toReversed()}
      rowKey={({ id }) => id}
      columns={[
        { title: "State", main: true, cell: ({ type, name }) => <StateBadge type={type} name={name} /> },
        { title: "Since", main: true, cell: ({ timestamp }) => <Time at={timestamp} /> },
        { title: "Message", cell: ({ message }) => <span class="first-lines">{message ?? ""}</span> },
      ]}
    />
  </Card>
);

const isEmpty = (value: unknown) => value === null || Object.keys(value as object).length === 0;

/** See the module's comment. */
export function Details({ view: { run, states } }: { view: FlowRunView }) {
  const { retries, retry_delay } = run.empirical_policy;
  return (
    <>
      <Card title="Run">
        <Facts
          items={[
            ["Id", <Copy text={run.id} />],
            ["Created", <Time at={run.created} />],
            ["Made by", run.created_by?.display_value ?? (run.auto_scheduled ? "a schedule" : undefined)],
            ["Idempotency key", run.idempotency_key ?? undefined],
            ["Retries", retries === null ? undefined : `${retries}, after ${retry_delay ?? 0} s`],
            ["Times it began", String(run.run_count)],
            ["Runs in", run.infrastructure_pid === null ? undefined : <Copy text={run.infrastructure_pid} />],
            ["Deployment id", run.deployment_id === null ? undefined : <Copy text={run.deployment_id} />],
            ["Flow version", run.flow_version ?? undefined],
            ["Deployment version", run.deployment_version ?? undefined],
          ]}
        />
      </Card>
      {isEmpty(run.context) ? null : (
        <Card title="Context">
          <JsonView label="the context" value={run.context} />
        </Card>
      )}
      {isEmpty(run.job_variables) ? null : (
        <Card title="Variables">
          <JsonView label="the variables" value={run.job_variables} />
        </Card>
      )}
      <StateTable states={states} />
    </>
  );
}
