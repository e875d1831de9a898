/**
 * The whole run in a strip: how many tasks ran at once, where some failed, and which part of it is seen below.
 *
 * Dragging over it shows that part. It is for the eye and the hand; keys and buttons do the same elsewhere.
 *
 * @module
 */

import { useMemo, useRef } from "preact/hooks";
import { count } from "../../format.ts";
import { endOf } from "./bounds.ts";
import type { TaskRow } from "./model.ts";
import { load, placeOf, type Span } from "./scale.ts";
import { useView, type View } from "./use_view.ts";

const [PARTS, HEIGHT] = [240, 36];

/** See the module's comment. */
export function Overview({ tasks, version, bounds, present, view }: {
  tasks: ReadonlyMap<string, TaskRow>;
  version: number;
  bounds: Span;
  present: number;
  view: View;
}) {
  const ref = useRef<HTMLDivElement>(null);
  const { area, failures, most } = useMemo(() => {
    const spans: Span[] = [];
    const failed = new Set<number>();
    for (const task of tasks.values()) {
      if (task.start !== null) spans.push({ from: task.start, to: endOf(task, present) });
      if ((task.type === "FAILED" || task.type === "CRASHED") && task.end !== null) {
        failed.add(Math.min(PARTS - 1, Math.floor(placeOf(task.end, bounds) * PARTS)));
      }
    }
    const sums = load(spans, bounds, PARTS);
    const most = sums.reduce((most, sum) => Math.max(most, sum), 0);
    const points = sums.map((sum, i) => {
      const y = (HEIGHT - (sum / (most || 1)) * (HEIGHT - 4)).toFixed(1);
      return `L${i} ${y}L${i + 1} ${y}`;
    });
    return {
      area: `M0 ${HEIGHT}${points.join("")}L${PARTS} ${HEIGHT}Z`,
      failures: [...failed].map((i) => `M${i + 0.5} ${HEIGHT}v-9`).join(""),
      most,
    };
  }, [version, bounds.from, bounds.to, present]);
  // The same hands, on the whole instead of on what is seen.
  const hand = useView(bounds, ref, ref, view.show);
  const [left, right] = hand.drag === undefined
    ? [placeOf(view.span.from, bounds), placeOf(view.span.to, bounds)]
    : [hand.drag.from, hand.drag.to];
  return (
    <div class="timeline-overview" ref={ref} title="Drag to look at a part" aria-hidden="true">
      <svg viewBox={`0 0 ${PARTS} ${HEIGHT}`} preserveAspectRatio="none">
        <path class="timeline-load" d={area} />
        <path class="timeline-failures" d={failures} />
      </svg>
      {view.isFit && hand.drag === undefined
        ? null
        : <span class="timeline-window" style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }} />}
      <span class="timeline-most">up to {count(Math.max(1, Math.round(most)))} at once</span>
    </div>
  );
}
