/**
 * What is said of the row under the pointer, or of the active one.
 *
 * Screen readers hear the same in the row itself.
 *
 * @module
 */

import { exact, plural } from "../../format.ts";
import { StateBadge } from "../text.tsx";
import { factsOf } from "./bounds.ts";
import type { TimelineRow } from "./rows.ts";
import { ROW_HEIGHT } from "./row.tsx";
import { StateMark, wordOf } from "./state_chips.tsx";

/** See the module's comment. @param y Where the row is, in pixels below the top of the grid. */
export function Tip({ row: { task, sub, group }, present, x, y, height }: {
  row: TimelineRow;
  present: number;
  x: number;
  y: number;
  height: number;
}) {
  const isAbove = y > height / 2;
  return (
    <div
      class="timeline-tip"
      aria-hidden="true"
      style={{
        left: x === Infinity ? "max(0px, 100% - 21rem)" : `max(0px, min(${x + 12}px, 100% - 20rem))`,
        ...isAbove ? { bottom: `${height - y + 4}px` } : { top: `${y + ROW_HEIGHT + 4}px` },
      }}
    >
      {task === undefined
        ? (
          <>
            <strong>{plural(group!.tasks.length, "run")} of {group!.taskKey}</strong>
            {[...group!.counts].map(([type, n]) => (
              <span key={type} class="timeline-fact">
                <StateMark type={type} /> {wordOf(type)} <span class="number">{n}</span>
              </span>
            ))}
          </>
        )
        : (
          <>
            <strong>{task.name}</strong>
            <StateBadge type={task.type} name={task.stateName} />
            {sub === undefined ? null : <span class="timeline-fact">Sub-flow run {sub.name}</span>}
            {factsOf(task, present).map(([name, value]) => (
              <span key={name} class="timeline-fact">
                <span class="quiet">{name}</span> <span class="number">{value}</span>
              </span>
            ))}
            {task.start === null ? null : <span class="quiet">{exact(task.start)}</span>}
          </>
        )}
    </div>
  );
}
