/**
 * Small marks: badges, numbers that matter, progress, keys, and what stands where data is still on its way.
 *
 * @module
 */

import type { ComponentChildren } from "preact";

/** How something stands, apart from the states of runs. */
export type Tone = "plain" | "good" | "warning" | "danger" | "accent";

/** A word that says how something stands, e.g. `paused`, `default`. States of runs have `StateBadge`. */
export const Badge = ({ tone = "plain", children }: { tone?: Tone; children: ComponentChildren }) => (
  <span class={`badge badge-${tone}`}>{children}</span>
);

/** A number that matters, its name above. With `href` it leads to what it counts. */
export function Stat({ name, value, note, tone = "plain", href }: {
  name: string;
  value: ComponentChildren;
  note?: ComponentChildren;
  tone?: Tone;
  href?: string;
}) {
  const inside = (
    <>
      <span class="stat-name">{name}</span>
      <span class="stat-value">{value}</span>
      {note === undefined ? null : <span class="stat-note">{note}</span>}
    </>
  );
  const look = `stat stat-${tone}`;
  return href === undefined ? <div class={look}>{inside}</div> : <a class={look} href={href}>{inside}</a>;
}

/** {@link Stat}s beside each other. */
export const Stats = ({ children }: { children: ComponentChildren }) => <div class="stats">{children}</div>;

/** How far something has come. @param of What it counts up to. @param state Its colour, a type of state such as `COMPLETED` */
export const Progress = ({ label, value, of, state }: { label: string; value: number; of: number; state?: string }) => (
  <span
    class={`progress${state === undefined ? "" : ` state-${state.toLowerCase()}`}`}
    role="progressbar"
    aria-label={label}
    aria-valuemin={0}
    aria-valuemax={of}
    aria-valuenow={value}
  >
    <span class="progress-done" style={{ width: `${of <= 0 ? 0 : Math.min(100, 100 * value / of)}%` }} />
  </span>
);

/** Keys to press together or one after the other, e.g. `["Ctrl", "K"]`. */
export const KeyHint = ({ keys }: { keys: readonly string[] }) => (
  <span class="keys">{keys.map((key) => <kbd key={key}>{key}</kbd>)}</span>
);

/** Lines in the place of data that is on its way, so that nothing jumps when it comes. */
export const Skeleton = ({ lines = 3, label = "Loading…" }: { lines?: number; label?: string }) => (
  <div role="status">
    <span class="only-read">{label}</span>
    {Array.from(
      { length: lines },
      (_, i) => <span key={i} class="skeleton" aria-hidden="true" style={{ width: `${[92, 78, 85, 64][i % 4]}%` }} />,
    )}
  </div>
);
