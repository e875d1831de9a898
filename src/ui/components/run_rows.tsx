/**
 * The rows of a long list of runs. Only those on screen and some around them are drawn, so a list of thousands stays smooth.
 *
 * @module
 */

import { Component } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { hasState, type Row, type Window, windowOf } from "../run_list.ts";
import { DurationBar } from "./duration_bar.tsx";
import { Chips, StateBadge, Time } from "./text.tsx";

/** In pixels; `styles/runs.css` has the same. */
const ROW_HEIGHT = { wide: 40, narrow: 88 };
const NARROW = "(max-width: 48rem)";
/** Rows that are drawn beyond each edge of the screen. */
const MORE = 12;

const COLUMNS = ["State", "Run", "Flow and deployment", "Tags and labels", "When", "Duration", "Agent"];

/** See the module's comment. */
export function RunRows({ rows, states, selection, onSelect, onSelectAll, onSee, isWhole }: {
  rows: readonly Row[];
  /** The states that the list is filtered by: a row that left them is quiet. */
  states: readonly string[];
  selection: ReadonlySet<string>;
  onSelect: (id: string, withShift: boolean) => void;
  onSelectAll: (on: boolean) => void;
  /** Is told which rows are on screen. */
  onSee: (first: number, end: number) => void;
  /** Whether these rows are all there are. */
  isWhole: boolean;
}) {
  const body = useRef<HTMLDivElement>(null);
  const { drawn, rowHeight } = useWindow(body, rows.length, onSee);
  const all = rows.length > 0 && rows.every(({ id }) => selection.has(id));
  const some = selection.size > 0 && !all;
  return (
    <div class="runs" role="table" aria-label="Runs" aria-rowcount={isWhole ? rows.length + 1 : -1}>
      <div role="rowgroup" class="runs-head">
        <div role="row" class="run" aria-rowindex={1}>
          <span role="columnheader">
            <input
              type="checkbox"
              aria-label="Select all runs that are loaded"
              checked={all}
              ref={(box) => void (box !== null && (box.indeterminate = some))}
              onChange={() => onSelectAll(!all)}
            />
          </span>
          {COLUMNS.map((title) => <span key={title} role="columnheader">{title}</span>)}
        </div>
      </div>
      <div
        role="rowgroup"
        ref={body}
        class="runs-body"
        style={{ height: `${rows.length * rowHeight}px`, paddingTop: `${drawn.first * rowHeight}px` }}
      >
        {rows.slice(drawn.first, drawn.end).map((row, i) => (
          <RunRow
            key={row.id}
            row={row}
            index={drawn.first + i + 2}
            isSelected={selection.has(row.id)}
            isLeft={!hasState(row, states)}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  );
}

/** Follows the scrolling of the page. */
function useWindow(
  body: { current: HTMLDivElement | null },
  rows: number,
  onSee: (first: number, end: number) => void,
): { drawn: Window; rowHeight: number } {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const [drawn, setDrawn] = useState<Window>({ first: 0, end: Math.min(rows, 40) });
  const see = useRef(onSee);
  see.current = onSee;
  const look = () => {
    if (body.current === null) return;
    const above = -body.current.getBoundingClientRect().top;
    const now = { rows, rowHeight, above, screen: innerHeight };
    const next = windowOf({ ...now, more: MORE });
    setDrawn((last) => last.first === next.first && last.end === next.end ? last : next);
    const { first, end } = windowOf({ ...now, more: 0 });
    see.current(first, end);
  };
  const latest = useRef(look);
  latest.current = look;
  useLayoutEffect(look, [rows, rowHeight]);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const turned = () => setNarrow(media.matches);
    const moved = () => latest.current();
    media.addEventListener("change", turned);
    addEventListener("scroll", moved, { passive: true });
    addEventListener("resize", moved);
    return () => {
      media.removeEventListener("change", turned);
      removeEventListener("scroll", moved);
      removeEventListener("resize", moved);
    };
  }, []);
  // Rows that were taken away since are drawn no more.
  return { drawn: { first: Math.min(drawn.first, rows), end: Math.min(drawn.end, rows) }, rowHeight };
}

interface RowProps {
  row: Row;
  index: number;
  isSelected: boolean;
  isLeft: boolean;
  onSelect: (id: string, withShift: boolean) => void;
}

/** Drawn again only when something of it is another: while a list scrolls most rows stay as they are. */
class RunRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return Object.entries(next).some(([name, value]) => this.props[name as keyof RowProps] !== value);
  }

  override render({ row, index, isSelected, isLeft, onSelect }: RowProps) {
    return <Cells row={row} index={index} isSelected={isSelected} isLeft={isLeft} onSelect={onSelect} />;
  }
}

function Cells({ row, index, isSelected, isLeft, onSelect }: RowProps) {
  const { id, name, state_type, state_name, flow_id, flow_name, deployment_id, deployment_name } = row;
  return (
    <div
      role="row"
      class={`run${isSelected ? " run-selected" : ""}${isLeft ? " run-left" : ""}`}
      aria-rowindex={index}
      data-run={id}
      title={isLeft ? "It has another state by now than those you filter by" : undefined}
    >
      <span role="cell" class="run-box">
        <input
          type="checkbox"
          aria-label={`Select ${name}`}
          checked={isSelected}
          onClick={(event) => onSelect(id, event.shiftKey)}
        />
      </span>
      <span role="cell" class="run-state">
        <StateBadge type={state_type} name={state_name} />
        {row.late && state_name !== "Late" ? <span class="run-slow">late</span> : null}
      </span>
      <span role="cell" class="run-name">
        <a href={`/flow-runs/${id}`} title={name}>{name}</a>
      </span>
      <span role="cell" class="run-flow">
        <a href={`/flows/${flow_id}`} title={flow_name}>{flow_name}</a>
        {deployment_name === null ? null : (
          <>
            <span class="quiet" aria-hidden="true">/</span>
            <a href={`/deployments/${deployment_id}`} title={deployment_name}>{deployment_name}</a>
          </>
        )}
      </span>
      <span role="cell" class="run-tags" title={[...row.tags, ...row.labels].join(", ")}>
        <Chips values={row.tags} />
        <Chips values={row.labels} kind="label" />
      </span>
      <span role="cell" class="run-when">
        <Time at={row.start_time ?? row.expected_start_time} />
      </span>
      <span role="cell" class="run-took">
        <DurationBar run={row} />
      </span>
      <span role="cell" class="run-agent">
        {row.agent_id === null || row.agent_name === null
          ? <span class="quiet">–</span>
          : <a href={`/agents/${row.agent_id}`} title={row.agent_name}>{row.agent_name}</a>}
      </span>
    </div>
  );
}
