/**
 * What each picture of a run's tasks begins with: they are on their way, did not come, or there are none.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useTimeline } from "../../live/use_timeline.ts";
import { Empty, Failure } from "../layout.tsx";
import type { TimelineModel } from "./model.ts";

/** @param children Draws the tasks that are there. The model changes in place; its `version` says that it did. */
export function Loaded({ flowRunId, children }: {
  flowRunId: string;
  children: (model: TimelineModel) => ComponentChildren;
}) {
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
  return <>{children(model)}</>;
}
