/**
 * The graph of a run's data flow: which task runs took the results of which, coloured by state, live.
 *
 * @module
 */

import { useMemo, useState } from "preact/hooks";
import { isFinal } from "../../../domain/state_types.ts";
import { plural } from "../../format.ts";
import { useTimeline } from "../../live/use_timeline.ts";
import { Button, Switch } from "../controls.tsx";
import { Empty, Failure } from "../layout.tsx";
import { now } from "../text.tsx";
import { extentOf } from "../timeline/bounds.ts";
import type { TimelineModel } from "../timeline/model.ts";
import { GraphList } from "./list.tsx";
import { dataFlow, MOST_PLAIN } from "./model.ts";
import { Picture } from "./picture.tsx";
import { toLayer } from "./placing.ts";
import { useLayout } from "./use_layout.ts";

/** See the module's comment. */
export function Graph({ flowRunId }: { flowRunId: string }) {
  const { model, error, refresh } = useTimeline(flowRunId);
  if (model.version === 0) {
    return error === undefined
      ? <p class="loading" role="status">Loading…</p>
      : <Failure error={error} retry={refresh} />;
  }
  if (model.tasks.size === 0) {
    return (
      <Empty title="No task runs.">
        <p>Tasks and sub-flows that the flow calls appear here as soon as they are called.</p>
      </Empty>
    );
  }
  return <Shown key={flowRunId} model={model} version={model.version} />;
}

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
