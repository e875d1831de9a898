/**
 * How many task runs are in each state, each a button that shows only these; at once the legend of colours and marks.
 *
 * @module
 */

import { STATE_TYPES, type StateType } from "../../../domain/state_types.ts";
import { count } from "../../format.ts";
import { Icon } from "../text.tsx";

/** Marks of states, a ring for others, so that it is not colour alone that tells them apart. */
const MARKS: Partial<Record<StateType | "NONE", string>> = {
  SCHEDULED: "clock",
  RUNNING: "play",
  PAUSED: "pause",
  CANCELLING: "stop",
  COMPLETED: "check",
  FAILED: "cross",
  CANCELLED: "stop",
  CRASHED: "warning",
};

/** The class that colours by state. */
export const stateClass = (type: StateType | "NONE" | null): string => `state-${(type ?? "none").toLowerCase()}`;

/** A state as a small mark. */
export function StateMark({ type }: { type: StateType | "NONE" | null }) {
  const mark = MARKS[type ?? "NONE"];
  return (
    <span class={`state-mark ${stateClass(type)}`}>
      {mark === undefined ? <span class="state-ring" /> : <Icon name={mark} size={12} />}
    </span>
  );
}

/** `COMPLETED` as a word. */
export const wordOf = (type: StateType | "NONE"): string =>
  type === "NONE" ? "No state" : type[0] + type.slice(1).toLowerCase();

/** See the module's comment. */
export const StateChips = ({ counts, chosen, onChange }: {
  counts: ReadonlyMap<StateType | "NONE", number>;
  chosen: ReadonlySet<StateType | "NONE">;
  onChange: (chosen: ReadonlySet<StateType | "NONE">) => void;
}) => (
  <div class="state-chips" role="group" aria-label="States">
    {([...STATE_TYPES, "NONE"] as const).filter((type) => counts.has(type) || chosen.has(type)).map((type) => (
      <button
        key={type}
        type="button"
        class={`state-chip ${stateClass(type)}`}
        aria-pressed={chosen.has(type)}
        onClick={() => {
          const next = new Set(chosen);
          if (!next.delete(type)) next.add(type);
          onChange(next);
        }}
      >
        <StateMark type={type} />
        {wordOf(type)}
        <span class="number">{count(counts.get(type) ?? 0)}</span>
      </button>
    ))}
  </div>
);
