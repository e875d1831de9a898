/**
 * One row of a timeline: a name, and a bar where it ran.
 *
 * @module
 */

import { duration, plural } from "../../format.ts";
import { Icon } from "../text.tsx";
import { endOf, saidOf } from "./bounds.ts";
import { hrefOf, type TaskRow } from "./model.ts";
import { GroupBar } from "./group_bar.tsx";
import { groupName, type TaskGroup, type TimelineRow } from "./rows.ts";
import { placeOf, type Span } from "./scale.ts";
import { stateClass, StateMark } from "./state_chips.tsx";

/** In pixels; as in the styles. */
export const ROW_HEIGHT = 26;

/** See the module's comment. */
export function Row({ id, row, index, span, present, room, isActive, isDim, onToggle, onPress, onHover }: {
  id: string;
  row: TimelineRow;
  index: number;
  span: Span;
  present: number;
  /** What a label takes, as a part of the area. */
  room: number;
  isActive: boolean;
  /** Undefined when none is to be told apart. */
  isDim: boolean | undefined;
  onToggle: () => void;
  onPress: () => void;
  /** @param x Where, in pixels from the left of the rows. */
  onHover: (x: number) => void;
}) {
  const { task, sub, group, depth, isUnfolded } = row;
  const name = task === undefined ? groupName(group!) : sub?.name ?? task.name;
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-level={depth + 1}
      aria-expanded={isUnfolded}
      class={`timeline-row${isActive ? " timeline-active" : ""}${
        isDim === undefined ? "" : isDim ? " timeline-dim" : " timeline-lit"
      }`}
      style={{ top: `${index * ROW_HEIGHT}px` }}
      onPointerDown={onPress}
      onPointerMove={(event) => onHover(event.clientX - event.currentTarget.getBoundingClientRect().left)}
    >
      <div role="rowheader" class="timeline-name" style={{ paddingLeft: `${4 + depth * 14}px` }}>
        {isUnfolded === undefined ? <span class="timeline-fold" /> : (
          <button
            type="button"
            tabIndex={-1}
            class={`timeline-fold${isUnfolded ? " timeline-unfolded" : ""}`}
            aria-label={`${isUnfolded ? "Fold" : "Unfold"} ${name}`}
            onClick={onToggle}
          >
            <Icon name="chevron" size={12} />
          </button>
        )}
        {task === undefined ? <GroupMarks group={group!} /> : <StateMark type={task.type} />}
        {task === undefined
          ? (
            <span class="timeline-text">
              {name} <span class="quiet">{plural(group!.tasks.length, "run")}</span>
            </span>
          )
          : <a class="timeline-text" href={hrefOf(task, sub)} tabIndex={-1} draggable={false}>{name}</a>}
      </div>
      <div role="gridcell" class="timeline-area">
        {task === undefined ? <GroupBar group={group!} span={span} present={present} /> : (
          <Bar
            task={task}
            href={hrefOf(task, sub)}
            isFlow={sub !== undefined}
            span={span}
            present={present}
            room={room}
          />
        )}
      </div>
    </div>
  );
}

/** What every bar is drawn by. */
interface BarProps {
  span: Span;
  present: number;
  room: number;
}

const percent = (part: number) => `${(part * 100).toFixed(4)}%`;

/** Where a bar is in the area; cut to a little beyond both edges, for browsers draw badly what is very wide. */
function placed(from: number, to: number, span: Span): { left: string; width: string } | undefined {
  const [a, b] = [Math.max(-0.01, placeOf(from, span)), Math.min(1.01, placeOf(to, span))];
  return b < 0 || a > 1 ? undefined : { left: percent(a), width: percent(Math.max(0, b - a)) };
}

function Bar({ task, href, isFlow, span, present, room }: BarProps & { task: TaskRow; href: string; isFlow: boolean }) {
  const { start, expected } = task;
  const end = endOf(task, present);
  const waits = expected === null ? undefined : placed(expected, start ?? Math.max(expected, present), span);
  const bar = start === null ? undefined : placed(start, end, span);
  return (
    <>
      {waits === undefined || (start !== null && start <= expected!)
        ? null
        : <span class="timeline-wait" style={waits} />}
      {bar === undefined ? null : (
        <a
          href={href}
          tabIndex={-1}
          aria-hidden="true"
          draggable={false}
          class={`timeline-bar ${stateClass(task.type)}${isFlow ? " timeline-flow" : ""}`}
          style={bar}
          data-state={task.type ?? "NONE"}
        />
      )}
      {start === null || bar === undefined
        ? null
        : <Label from={start} to={end} left={Math.min(start, expected ?? start)} span={span} room={room} />}
      {start === null || bar !== undefined ? null : <Off isBefore={end < span.from} />}
      <span class="only-read">{saidOf(task, present)}</span>
    </>
  );
}

/**
 * How long, beside the bar: at its right where there is room, else at its left, else upon it.
 *
 * @param left Where what is drawn begins.
 */
function Label({ from, to, left, span, room }: Omit<BarProps, "present"> & { from: number; to: number; left: number }) {
  const [a, b] = [placeOf(left, span), placeOf(to, span)];
  const style = b < 1 - room ? { left: percent(Math.max(0, b)) } : a > room ? { right: percent(1 - a) } : undefined;
  if (style === undefined) return <span class="timeline-label timeline-inside">{duration((to - from) / 1000)}</span>;
  return <span class="timeline-label" style={style}>{duration((to - from) / 1000)}</span>;
}

/** Says at the edge where something is that is out of sight. */
const Off = ({ isBefore }: { isBefore: boolean }) => (
  <span class={`timeline-off timeline-${isBefore ? "before" : "after"}`} aria-hidden="true">
    {isBefore ? "‹" : "›"}
  </span>
);

function GroupMarks({ group: { counts } }: { group: TaskGroup }) {
  const worst =
    (["FAILED", "CRASHED", "RUNNING", "CANCELLED", "COMPLETED"] as const).find((type) => counts.has(type)) ??
      [...counts.keys()][0];
  return <StateMark type={worst} />;
}
