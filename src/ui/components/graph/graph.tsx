/**
 * The graph of a run's data flow: which task runs took the results of which, coloured by state, live.
 *
 * @module
 */

import { useMemo, useState } from "preact/hooks";
import { isFinal } from "../../../domain/state_types.ts";
import { plural } from "../../format.ts";
import { Button, Switch } from "../controls.tsx";
import { Failure } from "../layout.tsx";
import { now } from "../text.tsx";
import { extentOf } from "../timeline/bounds.ts";
import { Loaded } from "../timeline/loaded.tsx";
import type { TimelineModel } from "../timeline/model.ts";
import { GraphList } from "./list.tsx";
import { dataFlow, MOST_PLAIN } from "./model.ts";
import { Picture } from "./picture.tsx";
import { toLayer } from "./placing.ts";
import { useLayout } from "./use_layout.ts";

/** See the module's comment. */
export const Graph = ({ flowRunId }: { flowRunId: string }) => (
  <Loaded flowRunId={flowRunId}>
    {(model) => <Shown key={flowRunId} model={model} version={model.version} />}
  </Loaded>
);

function Shown({ model, version }: { model: TimelineModel; version: number }) {
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [asList, setAsList] = useState(false);
  const flow = useMemo(() => dataFlow(model, unfolded), [version, unfolded]);
  const extent = useMemo(() => extentOf(model.tasks.values()), [version]);
  const isOver = isFinal(model.flowRuns.get(model.flowRunId)?.state_type);
  const present = extent?.isOpen && !isOver ? now.value : extent?.to ?? 0;
  const graph = useMemo(() => toLayer(flow), [flow]);
  const { placed, error } = useLayout(graph);

  const toggle = (taskKey: string) => {
    const next = new Set(unfolded);
    if (!next.delete(taskKey)) next.add(taskKey);
    setUnfolded(next);
  };
  const isCollapsed = flow.nodes.some(({ kind }) => kind !== "task");
  return (
    <div class="graph">
      <div class="timeline-tools">
        <p class="timeline-count">
          {plural(model.tasks.size, "task run")}
          {isCollapsed ? `; runs of the same task are one node when there are more than ${MOST_PLAIN}` : null}
          {flow.edges.length === 0 ? "; no task takes another's result, so nothing connects them" : null}
        </p>
        <span class="timeline-space" />
        {flow.unfolded.map(({ taskKey, label }) => (
          <Button key={taskKey} icon="cross" onClick={() => toggle(taskKey)}>Fold {label}</Button>
        ))}
        <Switch label="As a list" on={asList} onChange={setAsList} />
      </div>
      {asList ? <GraphList flow={flow} onUnfold={toggle} /> : error !== undefined
        ? (
          <>
            <Failure error={error} />
            <GraphList flow={flow} onUnfold={toggle} />
          </>
        )
        : placed === undefined
        ? <p class="loading" role="status">Placing {plural(flow.nodes.length, "node")}…</p>
        : <Picture flow={flow} graph={graph} placed={placed} present={present} onUnfold={toggle} />}
    </div>
  );
}
