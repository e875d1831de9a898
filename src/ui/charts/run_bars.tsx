/**
 * Runs over time by state: bars to look at, drag over, click, walk with the keyboard, or read as a table.
 *
 * @module
 */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { StateCounts } from "../../domain/overview.ts";
import { LAYERS, runsOf, said, stacked, word } from "../overview/numbers.ts";
import { count } from "../format.ts";
import { type Bars, drawBars } from "./bars.ts";
import { edgeLabel, shownEdges, spanLabel } from "./intervals.ts";

/** One bar. Times are milliseconds. */
export interface RunInterval {
  from: number;
  to: number;
  states: StateCounts;
}

const HEIGHT = 220;
/** The least width of a label under the bars, in pixels. */
const LABEL_WIDTH = 64;

/** See the module's comment. @param onChoose Bars were chosen: the time from the first's beginning to the last's end. @param onOpen One bar. */
export function RunBars({ intervals, onChoose, onOpen }: {
  intervals: readonly RunInterval[];
  onChoose: (from: number, to: number) => void;
  onOpen: (from: number, to: number) => void;
}) {
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<Bars | undefined>(undefined);
  const latest = useRef({ intervals, onChoose, onOpen });
  latest.current = { intervals, onChoose, onOpen };
  const [shown, setShown] = useState<{ bar: number; left: number }>();
  /** Where the keyboard is, and where it began to choose; undefined while it is elsewhere. */
  const [keys, setKeys] = useState<{ bar: number; anchor: number }>();
  const [walkedTo, setWalkedTo] = useState(Infinity);
  const [width, setWidth] = useState(0);
  const [tabled, setTabled] = useState(false);

  const choose = (first: number, last: number) => {
    const { intervals, onChoose } = latest.current;
    if (intervals[first] !== undefined && intervals[last] !== undefined) {
      onChoose(intervals[first].from, intervals[last].to);
    }
  };
  const open = (bar: number) => {
    const { intervals, onOpen } = latest.current;
    if (intervals[bar] !== undefined) onOpen(intervals[bar].from, intervals[bar].to);
  };

  useEffect(() => {
    const bars = drawBars(place.current!, {
      colours: LAYERS.map((type) => type === "COMPLETED" ? "--completed-bar" : `--${word(type)}`),
      height: HEIGHT,
      onHover: (bar, left) => setShown(bar === undefined ? undefined : { bar, left }),
      onSelect: choose,
      onClick: open,
    });
    chart.current = bars;
    const size = new ResizeObserver(() => setWidth(place.current?.clientWidth ?? 0));
    size.observe(place.current!);
    return () => {
      size.disconnect();
      bars.destroy();
    };
  }, []);

  useEffect(() => {
    const edges = [...intervals.map(({ from }) => from), intervals.at(-1)!.to];
    const room = Math.floor(Math.max(width, LABEL_WIDTH) / LABEL_WIDTH) - 1;
    const ticks = new Map(shownEdges(edges, room).map((i) => [i, edgeLabel(edges[i])]));
    chart.current!.draw({ heights: stacked(intervals.map(({ states }) => states)), ticks });
  }, [intervals, width]);

  const last = intervals.length - 1;
  const bar = Math.min(keys?.bar ?? walkedTo, last);
  const anchor = Math.min(keys?.anchor ?? bar, last);
  useEffect(() => {
    // While nobody uses the keyboard somebody may be dragging.
    if (keys === undefined) return;
    chart.current!.mark([anchor, bar]);
    setShown({ bar, left: chart.current!.middle(bar) });
  }, [keys, intervals, width]);
  const walk = (bar: number, anchor: number) => {
    setKeys({ bar, anchor });
    setWalkedTo(bar);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const to =
      { ArrowLeft: bar - 1, ArrowRight: bar + 1, Home: 0, End: last, PageUp: bar - 10, PageDown: bar + 10 }[event.key];
    if (to !== undefined) {
      const next = Math.max(0, Math.min(last, to));
      walk(next, event.shiftKey ? anchor : next);
    } else if (event.key === "Enter") choose(Math.min(anchor, bar), Math.max(anchor, bar));
    else if (event.key === " ") open(bar);
    else return;
    event.preventDefault();
  };

  const at = shown === undefined ? undefined : intervals[shown.bar];
  const here = intervals[bar];
  const text = anchor === bar
    ? `${spanLabel(here.from, here.to)}: ${said(here.states)}`
    : `${spanLabel(intervals[Math.min(anchor, bar)].from, intervals[Math.max(anchor, bar)].to)} chosen`;
  return (
    <div class="run-bars">
      <div
        class="run-bars-box"
        role="slider"
        tabIndex={0}
        aria-label="Runs over time"
        aria-describedby={id}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={bar}
        aria-valuetext={text}
        onKeyDown={onKeyDown}
        onFocus={(event) => event.currentTarget.matches(":focus-visible") && walk(bar, bar)}
        onBlur={() => {
          chart.current!.mark(undefined);
          setKeys(undefined);
          setShown(undefined);
        }}
      >
        <div ref={place} class="run-bars-place" />
        {at === undefined ? null : <Tooltip interval={at} left={shown!.left} width={width} />}
      </div>
      <p class="hint run-bars-hint" id={id}>
        Drag over bars for that time, click one for its runs. Keys: arrows, Shift to choose several, Enter for that
        time, Space for its runs.
      </p>
      <details class="run-bars-table" onToggle={(event) => setTabled(event.currentTarget.open)}>
        <summary>As a table</summary>
        {tabled ? <BarsTable intervals={intervals} onChoose={onChoose} /> : null}
      </details>
    </div>
  );
}

function Tooltip(
  { interval: { from, to, states }, left, width }: { interval: RunInterval; left: number; width: number },
) {
  const there = LAYERS.filter((type) => (states[type] ?? 0) > 0);
  return (
    <div class={`run-bars-tip${left > width / 2 ? " run-bars-tip-left" : ""}`} style={{ left: `${left}px` }}>
      <p>{spanLabel(from, to)}</p>
      {there.length === 0 ? <p class="quiet">no runs</p> : (
        <ul>
          {there.toReversed().map((type) => (
            <li key={type}>
              <span class={`state state-${word(type)}`}>
                <span class="state-dot" aria-hidden="true" />
                {word(type)}
              </span>
              <span class="number">{count(states[type]!)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function BarsTable({ intervals, onChoose }: Pick<Parameters<typeof RunBars>[0], "intervals" | "onChoose">) {
  const types = LAYERS.filter((type) => intervals.some(({ states }) => (states[type] ?? 0) > 0));
  const rows = intervals.filter(({ states }) => runsOf(states) > 0);
  if (rows.length === 0) return <p class="quiet">There were no runs.</p>;
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Runs over time as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {types.map((type) => <th key={type} scope="col" class="right">{word(type)}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ from, to, states }) => (
            <tr key={from}>
              <th scope="row">
                <button type="button" class="overview-link" onClick={() => onChoose(from, to)}>
                  {spanLabel(from, to)}
                </button>
              </th>
              {types.map((type) => <td key={type} class="right number">{count(states[type] ?? 0)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
