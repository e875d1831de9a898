/**
 * A flow's deployments.
 *
 * @module
 */

import type { FlowPartProps } from "../../pages/flow.tsx";
import { Badge } from "../bits.tsx";
import { Empty, Table } from "../layout.tsx";
import { Chips } from "../text.tsx";
import { Warning } from "../warning.tsx";

/** See the module's comment. */
export const FlowDeployments = ({ view: { deployments } }: FlowPartProps) => (
  <Table
    label="Deployments"
    rows={deployments}
    rowKey={({ id }) => id}
    empty={<Empty title="It has no deployment." command="flowctl deployment create ./my-deployment.ts" />}
    columns={[
      {
        title: "Name",
        main: true,
        cell: ({ id, name, description, paused }) => (
          <>
            <div class="split">
              <a href={`/deployments/${id}`}>{name}</a> {paused ? <Badge tone="warning">paused</Badge> : null}
            </div>
            {description === null ? null : <div class="quiet described">{description}</div>}
          </>
        ),
      },
      { title: "Version", right: true, cell: ({ version }) => version },
      { title: "Runner", cell: ({ runner }) => runner ?? <span class="quiet">none</span> },
      {
        title: "Labels",
        main: true,
        cell: ({ labels, label_warning }) => (
          <span class="split labels-cell">
            {label_warning === null ? null : <Warning text={label_warning} />}
            {labels.length === 0 ? <span class="quiet">none</span> : <Chips values={labels} kind="label" />}
          </span>
        ),
      },
      { title: "Schedules", right: true, cell: ({ schedules }) => schedules },
    ]}
  />
);
