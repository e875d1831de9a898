/**
 * The whole run in a strip: how many tasks ran at once, where some failed, and which part of it is seen below.
 *
 * Dragging over it shows that part. It is for the eye and the hand; keys and buttons do the same elsewhere.
 *
 * @module
 */

import { useMemo, useRef } from "preact/hooks";
import { count } from "../../format.ts";
import { loadPaths } from "./group_bar.tsx";
import type { TaskRow } from "./model.ts";
import { placeOf, type Span } from "./scale.ts";
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
  const { area, failures, most } = useMemo(
    () => loadPaths(tasks.values(), { span: bounds, present, parts: PARTS, height: HEIGHT, mark: 9 }),
    [version, bounds.from, bounds.to, present],
  );
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
