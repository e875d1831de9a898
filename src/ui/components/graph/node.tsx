/**
 * One node of a graph: a link to its task run, or a button that unfolds what it stands for.
 *
 * @module
 */

import { duration, plural } from "../../format.ts";
import { Icon } from "../text.tsx";
import { endOf } from "../timeline/bounds.ts";
import { hrefOf } from "../timeline/model.ts";
import { stateClass, StateMark, wordOf } from "../timeline/state_chips.tsx";
import { type GraphNode, stateOf } from "./model.ts";

/** See the module's comment. */
export function Node({ node, at: [left, top], isActive, isDim, present, onUnfold, onFocus, onHover, isDrag }: {
  node: GraphNode;
  at: readonly [number, number];
  /** Whether the Tab key leads to it. */
  isActive: boolean;
  isDim: boolean;
  present: number;
  onUnfold: (taskKey: string) => void;
  onFocus: () => void;
  onHover: (isHovered: boolean) => void;
  /** Whether the press was a drag. */
  isDrag: (press: MouseEvent) => boolean;
}) {
  const { id, kind, label, tasks, counts, sub, taskKey } = node;
  const state = stateOf(node);
  const said = kind === "task"
    ? wordsOf(node, present)
    : `${plural(tasks.length, "run")}${
      state === "COMPLETED" ? "" : `, ${counts.get(state)} ${wordOf(state).toLowerCase()}`
    }`;
  const common = {
    class: `graph-node graph-${sub === undefined ? kind : "flow"} ${stateClass(state)}${isDim ? " graph-dim" : ""}`,
    style: { left: `${left}px`, top: `${top}px` },
    tabIndex: isActive ? 0 : -1,
    "data-node": id,
    onFocus,
    onMouseEnter: () => onHover(true),
    onMouseLeave: () => onHover(false),
  };
  const inside = (
    <>
      <span class="graph-label">
        <StateMark type={state} />
        <span class="timeline-text">{label}</span>
        {taskKey === undefined ? null : <Icon name="plus" size={12} />}
      </span>
      <span class="graph-said">{said}</span>
      {kind === "task" ? null : (
        <span class="graph-share" aria-hidden="true">
          {[...counts].map(([type, n]) => <span key={type} class={stateClass(type)} style={{ flexGrow: n }} />)}
        </span>
      )}
    </>
  );
  if (kind === "task") {
    return (
      <a
        {...common}
        href={hrefOf(tasks[0], sub)}
        title={label}
        draggable={false}
        onClick={(event) => {
          if (!isDrag(event)) return;
          event.preventDefault();
          // The router follows links also when that is prevented.
          event.stopPropagation();
        }}
      >
        {inside}
      </a>
    );
  }
  return (
    <button
      {...common}
      type="button"
      title={taskKey === undefined ? label : `Unfold ${label}`}
      onClick={(event) => taskKey !== undefined && !isDrag(event) && onUnfold(taskKey)}
    >
      {inside}
    </button>
  );
}

function wordsOf({ tasks: [task] }: GraphNode, present: number): string {
  const state = task.stateName ?? "No state";
  return task.start === null ? state : `${state}, ${duration((endOf(task, present) - task.start) / 1000)}`;
}
