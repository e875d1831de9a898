/**
 * The tasks of a flow: as its registration says them, else those that its latest runs had.
 *
 * @module
 */

import { api } from "../../api.ts";
import { REGISTERED } from "../../flow_versions.ts";
import { useLive } from "../../live/use_live.ts";
import type { FlowPartProps } from "../../pages/flow.tsx";
import { Badge } from "../bits.tsx";
import { Empty, Shown, Table } from "../layout.tsx";

/** See the module's comment. */
export function FlowTasks({ view: { flow }, version }: FlowPartProps) {
  const of = version?.deployment_name === REGISTERED ? version : undefined;
  const live = useLive(
    `tasks ${flow.id} ${of?.id}`,
    () =>
      api.flowVersions.tasks({
        flows: { id: { any_: [flow.id] } },
        ...of === undefined ? {} : { flow_versions: { id: { any_: [of.id] } } },
        limit: 200,
      }),
    ({ kind }) => kind === "deployment" || kind === "flow_run",
  );
  return (
    <Shown live={live}>
      {(tasks) => (
        <Table
          label="Tasks"
          rows={tasks}
          rowKey={({ name, flow_version }) => `${flow_version} ${name}`}
          empty={
            <Empty title="No tasks are known.">
              <p>They are once it was registered, or has run.</p>
            </Empty>
          }
          columns={[
            {
              title: "Task",
              main: true,
              cell: ({ name, mapped }) => (
                <>
                  <code>{name}</code> {mapped ? <Badge>mapped</Badge> : null}
                </>
              ),
            },
            { title: "Version", right: true, cell: ({ flow_version }) => flow_version ?? "–" },
            {
              title: "Known from",
              main: true,
              cell: ({ source }) => source === "registration" ? "its registration" : "its latest runs",
            },
          ]}
        />
      )}
    </Shown>
  );
}
