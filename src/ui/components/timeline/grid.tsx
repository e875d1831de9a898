/**
 * The rows of a timeline below its time axis.
 *
 * @module
 */

import type { RefObject } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { gridKey } from "./keys.ts";
import { Row, ROW_HEIGHT } from "./row.tsx";
import type { TimelineRow } from "./rows.ts";
import { placeOf, rowWindow, ticks } from "./scale.ts";
import { Tip } from "./tip.tsx";
import type { View } from "./use_view.ts";

/** The height of the axis in pixels; as in the styles. */
const HEAD_HEIGHT = 28;
/** What a length of time takes at most beside its bar, in pixels. */
const LABEL_WIDTH = 76;
/** So many rows above and below what is in sight are drawn, too. */
const BEYOND = 6;

/** See the module's comment. */
export function Grid({ rows, origin, present, view, path, area, ground, onToggle, onOpen }: {
  rows: readonly TimelineRow[];
  /** When the run's first task began; the axis counts from there. */
  origin: number;
  present: number;
  view: View;
  /** Ids of the tasks that determined the end; undefined when they are not to be told apart. */
  path: ReadonlySet<string> | undefined;
  area: RefObject<HTMLDivElement | null>;
  ground: RefObject<HTMLDivElement | null>;
  onToggle: (id: string) => void;
  onOpen: (row: TimelineRow) => void;
}) {
  const id = useId();
  const [sight, setSight] = useState({ top: 0, height: 480, width: 800 });
  const [active, setActive] = useState<string | undefined>(undefined);
  const [hovered, setHovered] = useState<{ id: string; x: number } | undefined>(undefined);
  const [isFocused, setFocused] = useState(false);
  const frame = useRef(0);

  useEffect(() => {
    const element = ground.current!;
    const look = () => {
      // It may be gone by the next frame.
      const width = area.current?.clientWidth;
      if (width !== undefined) setSight({ top: element.scrollTop, height: element.clientHeight, width });
    };
    const later = () => {
      cancelAnimationFrame(frame.current);
      frame.current = requestAnimationFrame(look);
    };
    element.addEventListener("scroll", later, { passive: true });
    const observer = new ResizeObserver(later);
    observer.observe(element);
    look();
    return () => {
      element.removeEventListener("scroll", later);
      observer.disconnect();
      cancelAnimationFrame(frame.current);
    };
  }, []);

  const { first, past } = rowWindow(sight.top, sight.height - HEAD_HEIGHT, ROW_HEIGHT, rows.length, BEYOND);
  const slots = Math.ceil(sight.height / ROW_HEIGHT) + 2 * BEYOND + 2;
  const activeIndex = active === undefined ? -1 : rows.findIndex((row) => row.id === active);

  const goTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row === undefined) return;
    setActive(row.id);
    const element = ground.current!;
    const top = rows.indexOf(row) * ROW_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    const most = top + ROW_HEIGHT + HEAD_HEIGHT - element.clientHeight;
    if (most > element.scrollTop) element.scrollTop = most;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((sight.height - HEAD_HEIGHT) / ROW_HEIGHT) - 1);
    const action = gridKey(event, { rows, index: activeIndex, page });
    if (action === undefined) return;
    event.preventDefault();
    switch (action.do) {
      case "go":
        return goTo(action.index);
      case "toggle":
        return onToggle(rows[activeIndex].id);
      case "open":
        return onOpen(rows[activeIndex]);
      case "zoom":
        return action.factor === undefined ? view.fit() : view.zoom(action.factor);
      case "pan":
        return view.pan(action.part);
    }
  };

  const marks = ticks(view.span, origin, Math.max(2, Math.floor(sight.width / 90)))
    // The last one's word would be cut off.
    .filter(({ at }) => placeOf(at, view.span) < 1 - 40 / sight.width);
  const told = hovered ?? (isFocused && active !== undefined ? { id: active, x: Infinity } : undefined);
  const toldIndex = told === undefined ? -1 : rows.findIndex((row) => row.id === told.id);
  const isSeen = (index: number) => index >= first && index < past;
  return (
    <div class="timeline-body">
      <div class="timeline-frame">
        <div
          class="timeline-grid"
          ref={ground}
          role="treegrid"
          tabIndex={0}
          aria-label="Timeline of task runs"
          aria-describedby={`${id}-keys`}
          aria-rowcount={rows.length + 1}
          aria-activedescendant={isSeen(activeIndex) ? `${id}-${rows[activeIndex].id}` : undefined}
          onKeyDown={onKeyDown}
          onFocus={() => {
            setFocused(true);
            if (activeIndex < 0 && rows.length > 0) setActive(rows[first].id);
          }}
          onBlur={() => setFocused(false)}
        >
          <div role="rowgroup" class="timeline-head">
            <div role="row" aria-rowindex={1} class="timeline-row">
              <div role="columnheader" class="timeline-name">Task run</div>
              <div role="columnheader" class="timeline-area" ref={area}>
                <span class="only-read">Time</span>
                {marks.map(({ at, label }) => (
                  <span
                    key={at}
                    class="timeline-tick"
                    aria-hidden="true"
                    style={{ left: `${placeOf(at, view.span) * 100}%` }}
                  >
                    {label}
                  </span>
                ))}
              </div>
            </div>
          </div>
          <div
            role="rowgroup"
            class="timeline-rows"
            style={{ height: `${rows.length * ROW_HEIGHT}px` }}
            onPointerLeave={() => setHovered(undefined)}
          >
            <div class="timeline-lines" role="presentation">
              {marks.map(({ at }) => <span key={at} style={{ left: `${placeOf(at, view.span) * 100}%` }} />)}
            </div>
            {rows.slice(first, past).map((row, i) => (
              <Row
                // Elements are used again for other rows: making new ones takes most of the time of a frame.
                key={(first + i) % slots}
                id={`${id}-${row.id}`}
                row={row}
                index={first + i}
                span={view.span}
                present={present}
                room={LABEL_WIDTH / sight.width}
                isActive={row.id === active && isFocused}
                isDim={path === undefined ? undefined : !path.has(row.id)}
                onToggle={() => onToggle(row.id)}
                onPress={() => setActive(row.id)}
                onHover={(x) => setHovered({ id: row.id, x })}
              />
            ))}
            {view.drag === undefined ? null : (
              <div class="timeline-drag-box" role="presentation">
                <span
                  style={{ left: `${view.drag.from * 100}%`, width: `${(view.drag.to - view.drag.from) * 100}%` }}
                />
              </div>
            )}
          </div>
        </div>
        {told === undefined || view.drag !== undefined || !isSeen(toldIndex) ? null : (
          <Tip
            row={rows[toldIndex]}
            present={present}
            x={told.x}
            y={HEAD_HEIGHT + toldIndex * ROW_HEIGHT - sight.top}
            height={sight.height}
          />
        )}
      </div>
      <p class="timeline-keys" id={`${id}-keys`}>
        <kbd>↑</kbd> <kbd>↓</kbd> row, <kbd>Enter</kbd> open, <kbd>←</kbd> <kbd>→</kbd> fold, <kbd>+</kbd> <kbd>−</kbd>
        {" "}
        <kbd>0</kbd> zoom, <kbd>Shift</kbd> <kbd>←</kbd> <kbd>→</kbd> move; drag or <kbd>Ctrl</kbd> and wheel to zoom
      </p>
    </div>
  );
}
