/**
 * The lines in view: of a hundred thousand only those that can be seen are drawn.
 *
 * What somebody reads stays where it is, whatever comes in above or turns out to be higher than it was thought; only who is at the end
 * goes along with it.
 *
 * @module
 */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";
import type { LogLine } from "../../../domain/log_pages.ts";
import { type LineActions, type LineLook, LogRow } from "./log_row.tsx";
import { RowHeights } from "./row_heights.ts";

/** The height of one line of text in pixels; the style sheet says so, too. */
const ROW = 20;
/** Drawn above and below what is in view, in rows. */
const SPARE = 12;
/** So near to an end, in pixels, more lines are asked for. */
const NEAR = 1500;
/** Narrower than this, in pixels, the text stands below its time. */
const NARROW = 560;

/** What the keys and buttons around the list do with it. */
export interface ListHandle {
  /**
   * Brings a line into view, if it is not.
   *
   * @param where `near` moves only as far as needed
   * @param anew What is in view belongs to other lines
   */
  show(id: string, where: "near" | "middle" | "top", anew?: boolean): void;
  /** The first line in view. */
  first(): string | undefined;
  focus(): void;
}

/** See the module's comment. */
export function LogList(
  { handle, lines, wrap, look, actions, marks, current, opened, full, following, live, ...rest }: {
    handle: RefObject<ListHandle | null>;
    lines: readonly LogLine[];
    wrap: boolean;
    look: LineLook;
    actions: LineActions;
    marks: ReadonlySet<string>;
    current: string | undefined;
    opened: ReadonlySet<string>;
    full: ReadonlyMap<string, string>;
    following: boolean;
    /** New lines are read out. */
    live: boolean;
    onFollow: (following: boolean) => void;
    /** Whether the end of the list is the end of what there is. */
    isEnd: boolean;
    onNear: (end: "older" | "newer") => void;
    onKeyDown: (event: KeyboardEvent) => void;
  },
) {
  const { onFollow, isEnd, onNear, onKeyDown } = rest;
  const box = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const heights = useRef<RowHeights>(null as never);
  heights.current ??= new RowHeights();
  const [, draw] = useState({});
  const view = useRef({ height: 600, width: 900, top: 0, set: -1, anchor: undefined as Anchor | undefined }).current;
  const known = useRef<unknown[]>([]);

  const inputs = [lines, wrap, opened, full, look.query, view.width];
  if (inputs.some((input, i) => input !== known.current[i])) {
    const columns = Math.max(20, (view.width - (view.width < NARROW ? 24 : 250)) / 7.3);
    const head = view.width < NARROW ? ROW : 0;
    const again = inputs.slice(1).some((input, i) => input !== known.current[i + 1]);
    heights.current.set(lines, (i) => head + guess(lines[i], wrap ? columns : Infinity, opened), again);
    known.current = inputs;
  }
  const [first, end] = heights.current.between(view.top, view.top + view.height, SPARE);

  /** Where the view should be: at the end, or where the line is that was at its top. */
  const wanted = () => {
    const most = Math.max(0, heights.current.total - view.height);
    if (following) return most;
    if (view.anchor === undefined) return view.top;
    const { id, offset, index } = view.anchor;
    const at = lines[index]?.id === id ? index : lines.findIndex((line) => line.id === id);
    return at < 0 ? Math.min(view.top, most) : Math.max(0, Math.min(most, heights.current.top(at) - offset));
  };

  const moved = () => {
    const index = heights.current.at(view.top);
    view.anchor = lines.length === 0
      ? undefined
      : { id: lines[index].id, index, offset: heights.current.top(index) - view.top };
  };

  useLayoutEffect(() => {
    const drawn = [...rows.current!.children].map((row) => Math.round((row as HTMLElement).offsetHeight));
    const changed = heights.current.measure(first, drawn);
    const top = wanted();
    if (changed) {
      // The room must be there before it can be gone to.
      rows.current!.parentElement!.style.height = `${heights.current.total}px`;
    }
    if (Math.abs(box.current!.scrollTop - top) > 0.5) {
      box.current!.scrollTop = top;
      view.set = view.top = box.current!.scrollTop;
      moved();
      draw({});
    } else if (changed) draw({});
    if (following) moved();
    if (view.top < NEAR) onNear("older");
    if (heights.current.total - view.top - view.height < NEAR) onNear("newer");
  });

  useLayoutEffect(() => {
    const size = () => {
      const { clientHeight, clientWidth } = box.current!;
      if (clientHeight === view.height && clientWidth === view.width) return;
      if (clientWidth !== view.width) heights.current.forget();
      Object.assign(view, { height: clientHeight, width: clientWidth });
      draw({});
    };
    const observer = new ResizeObserver(size);
    observer.observe(box.current!);
    size();
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    heights.current.forget();
    draw({});
  }, [wrap, look.times === "none", look.tasks]);

  const show: ListHandle["show"] = (id, where, anew = false) => {
    const index = lines.findIndex((line) => line.id === id);
    if (index < 0) return;
    const [top, bottom] = [heights.current.top(index), heights.current.top(index + 1)];
    const isIn = top >= view.top && bottom <= view.top + view.height;
    if (isIn && !anew) return;
    const room = view.height - (bottom - top);
    const offset = where === "top" ? 0 : where === "middle" ? room / 2 : top < view.top ? ROW : room - ROW;
    view.anchor = { id, index, offset: Math.max(0, offset) };
    draw({});
  };
  handle.current = {
    show,
    first: () => lines[heights.current.at(view.top)]?.id,
    focus: () => box.current!.focus({ preventScroll: true }),
  };

  return (
    <div
      ref={box}
      class={`log-box${wrap ? "" : " log-unwrapped"}${view.width < NARROW ? " log-narrow" : ""}`}
      role="log"
      aria-label="Lines"
      aria-live={live ? "polite" : "off"}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onWheel={({ deltaY }) => deltaY < 0 && following && heights.current.total > view.height && onFollow(false)}
      onScroll={() => {
        const top = box.current!.scrollTop;
        if (top === view.set) {
          view.set = -1;
          return;
        }
        const up = top < view.top - 1;
        view.top = top;
        moved();
        const atEnd = top + view.height >= heights.current.total - 4;
        if (up && !atEnd && following) onFollow(false);
        else if (!up && atEnd && isEnd && !following) onFollow(true);
        draw({});
      }}
    >
      <div class="log-room" style={{ height: `${heights.current.total}px` }}>
        <div ref={rows} class="log-rows" style={{ transform: `translateY(${heights.current.top(first)}px)` }}>
          {lines.slice(first, end).map((line) => (
            <LogRow
              key={line.id}
              line={line}
              look={look}
              actions={actions}
              marked={marks.has(line.id)}
              current={line.id === current}
              opened={opened.has(line.id)}
              full={full.get(line.id)}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/** The line at the top of the view, and how far below the top it begins. */
interface Anchor {
  id: string;
  index: number;
  offset: number;
}

/** A line's height before it was drawn. */
function guess({ id, message }: LogLine, columns: number, opened: ReadonlySet<string>): number {
  if (message.length < columns && !message.includes("\n")) return ROW;
  const most = opened.has(id) ? 100_000 : 12;
  let rows = 0;
  let from = 0;
  while (from <= message.length && rows < most) {
    const at = message.indexOf("\n", from);
    const to = at < 0 ? message.length : at;
    rows += Math.max(1, Math.ceil((to - from) / columns));
    from = to + 1;
  }
  return rows * ROW;
}
