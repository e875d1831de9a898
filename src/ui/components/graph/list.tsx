/**
 * A graph as a table: the same nodes, each with what it took results of.
 *
 * @module
 */

import { count } from "../../format.ts";
import { Button } from "../controls.tsx";
import { Table } from "../layout.tsx";
import { hrefOf } from "../timeline/model.ts";
import { StateMark, wordOf } from "../timeline/state_chips.tsx";
import type { DataFlow, GraphNode } from "./model.ts";

/** See the module's comment. */
export function GraphList({ flow, onUnfold }: { flow: DataFlow; onUnfold: (taskKey: string) => void }) {
  const labels = new Map(flow.nodes.map(({ id, label }) => [id, label]));
  const upstream = new Map<string, string[]>();
  for (const { from, to } of flow.edges) upstream.set(to, [...upstream.get(to) ?? [], labels.get(from)!]);
  return (
    <Table<GraphNode>
      label="Tasks and what they took results of"
      rows={flow.nodes}
      rowKey={({ id }) => id}
      columns={[
        {
          title: "Task",
          main: true,
          cell: ({ kind, label, tasks, sub, taskKey }) =>
            kind === "task"
              ? <a href={hrefOf(tasks[0], sub)}>{label}</a>
              : taskKey !== undefined
              ? <Button kind="quiet" onClick={() => onUnfold(taskKey)}>Unfold {label}</Button>
              : label,
        },
        {
          title: "States",
          main: true,
          cell: ({ counts }) =>
            [...counts].map(([type, n]) => (
              <span key={type} class="timeline-fact">
                <StateMark type={type} /> {wordOf(type)} {n === 1 ? null : count(n)}
              </span>
            )),
        },
        {
          title: "Takes results of",
          main: true,
          cell: ({ id }) => upstream.get(id)?.join(", ") ?? <span class="quiet">none</span>,
        },
      ]}
    />
  );
}
