/**
 * The timeline of a run: when its task runs and sub-flow runs waited and ran, live, for ten thousand of them.
 *
 * Only the rows in sight are in the document, and they are a grid of rows and cells for screen readers and the keyboard, too: so there
 * is no second, hidden presentation that could say something else.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import { useMemo, useRef, useState } from "preact/hooks";
import { isFinal, type StateType } from "../../../domain/state_types.ts";
import { plural } from "../../format.ts";
import { now } from "../text.tsx";
import { boundsOf, extentOf } from "./bounds.ts";
import { countStates, hrefOf, subFlowRuns, type TimelineModel } from "./model.ts";
import { Overview } from "./overview.tsx";
import { allFolds, type Order, pathWithGroups, rowsOf } from "./rows.ts";
import { Grid } from "./grid.tsx";
import { Loaded } from "./loaded.tsx";
import { StateChips } from "./state_chips.tsx";
import { Toolbar } from "./toolbar.tsx";
import { useView } from "./use_view.ts";

/** See the module's comment. */
export const Timeline = ({ flowRunId }: { flowRunId: string }) => (
  <Loaded flowRunId={flowRunId}>
    {(model) => <Shown key={flowRunId} model={model} version={model.version} />}
  </Loaded>
);

function Shown({ model, version }: { model: TimelineModel; version: number }) {
  const [order, setOrder] = useState<Order>("start");
  const [text, setText] = useState("");
  const [states, setStates] = useState<ReadonlySet<StateType | "NONE">>(new Set());
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [showsPath, setShowsPath] = useState(false);
  const area = useRef<HTMLDivElement>(null);
  const ground = useRef<HTMLDivElement>(null);
  const { route } = useLocation();

  const rows = useMemo(() => rowsOf(model, { order, text, states, unfolded }), [
    version,
    order,
    text,
    states,
    unfolded,
  ]);
  const counts = useMemo(() => countStates(model.tasks.values()), [version]);
  const extent = useMemo(() => extentOf(model.tasks.values()) ?? { from: 0, to: 0, isOpen: false }, [version]);
  const path = useMemo(() => showsPath ? pathWithGroups(model) : undefined, [version, showsPath]);
  const hasSubs = useMemo(() => subFlowRuns(model).size > 0, [version]);
  const isOver = isFinal(model.flowRuns.get(model.flowRunId)?.state_type);
  // What is over does not look at the clock, and is not drawn again each second. A task that was running when its run crashed is RUNNING
  // for ever, and no longer grows.
  const present = extent.isOpen && !isOver ? now.value : extent.to;
  const bounds = boundsOf(extent, present);
  const view = useView(bounds, area, ground);
  const isFiltering = text.trim() !== "" || states.size > 0;

  return (
    <div class="timeline">
      <Toolbar
        text={text}
        onText={setText}
        order={order}
        onOrder={setOrder}
        showsPath={showsPath}
        onShowsPath={setShowsPath}
        view={view}
        folds={hasSubs || order === "task"
          ? {
            unfold: () => setUnfolded(allFolds(model, order)),
            fold: () => setUnfolded(new Set()),
          }
          : undefined}
      />
      <div class="timeline-tools">
        <StateChips counts={counts} chosen={states} onChange={setStates} />
        <p class="timeline-count" role={isFiltering ? "status" : undefined}>
          {isFiltering
            ? rows.length === 0
              ? "No task run is like that."
              : `${plural(rows.length, "row")} of ${plural(model.tasks.size, "task run")}`
            : plural(model.tasks.size, "task run")}
        </p>
      </div>
      <Overview tasks={model.tasks} version={version} bounds={bounds} present={present} view={view} />
      <Grid
        rows={rows}
        origin={extent.from}
        present={present}
        view={view}
        path={path}
        area={area}
        ground={ground}
        onToggle={(id) => {
          const next = new Set(unfolded);
          if (!next.delete(id)) next.add(id);
          setUnfolded(next);
        }}
        onOpen={({ task, sub }) => task !== undefined && route(hrefOf(task, sub))}
      />
    </div>
  );
}
