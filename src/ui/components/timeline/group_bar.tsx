/**
 * The runs of one task in one row: how many ran at once, and where some failed.
 *
 * @module
 */

import { useMemo } from "preact/hooks";
import { plural } from "../../format.ts";
import { endOf } from "./bounds.ts";
import type { TaskRow } from "./model.ts";
import type { TaskGroup } from "./rows.ts";
import { load, placeOf, type Span } from "./scale.ts";
import { stateClass, wordOf } from "./state_chips.tsx";

/** Paths in a field of `parts` by `height`: an area as high as tasks ran at once, and marks where some failed. */
export function loadPaths(
  tasks: Iterable<TaskRow>,
  { span, present, parts, height, mark }: { span: Span; present: number; parts: number; height: number; mark: number },
): { area: string; failures: string; most: number } {
  const spans: Span[] = [];
  const failed = new Set<number>();
  for (const task of tasks) {
    if (task.start !== null) spans.push({ from: task.start, to: endOf(task, present) });
    if ((task.type === "FAILED" || task.type === "CRASHED") && task.end !== null) {
      const place = placeOf(task.end, span);
      if (place >= 0 && place <= 1) failed.add(Math.min(parts - 1, Math.floor(place * parts)));
    }
  }
  const sums = load(spans, span, parts);
  const most = sums.reduce((most, sum) => Math.max(most, sum), 0);
  const points = sums.map((sum, i) => {
    const y = (height - (sum / (most || 1)) * height * 0.9).toFixed(1);
    return `L${i} ${y}L${i + 1} ${y}`;
  });
  return {
    area: `M0 ${height}${points.join("")}L${parts} ${height}Z`,
    failures: [...failed].map((i) => `M${i + 0.5} ${height}v-${mark}`).join(""),
    most,
  };
}

const [PARTS, HEIGHT] = [160, 20];

/** See the module's comment. */
export function GroupBar({ group, span, present }: { group: TaskGroup; span: Span; present: number }) {
  const { tasks, counts } = group;
  const { area, failures } = useMemo(
    () => loadPaths(tasks, { span, present, parts: PARTS, height: HEIGHT, mark: HEIGHT }),
    [tasks, span.from, span.to, present],
  );
  const [mostly] = [...counts].sort(([, a], [, b]) => b - a)[0];
  return (
    <>
      <svg
        class={`timeline-group ${stateClass(mostly)}`}
        viewBox={`0 0 ${PARTS} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path class="timeline-load" d={area} />
        <path class="timeline-failures" d={failures} />
      </svg>
      <span class="only-read">
        {plural(tasks.length, "task run")}: {[...counts].map(([type, n]) => `${n} ${wordOf(type)}`).join(", ")}
      </span>
    </>
  );
}
