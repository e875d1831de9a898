/**
 * Small pieces of text: states, times, lengths, ids, chips, icons.
 *
 * @module
 */

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { duration, exact, relative } from "../format.ts";
import { ICONS } from "./icons.ts";

/** The present in milliseconds; every relative time on a page follows it. */
export const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);

/** A state as a badge: its colour by type, its name as text. */
export const StateBadge = ({ type, name }: { type: string | null; name?: string | null }) => (
  <span class={`state state-${(type ?? "none").toLowerCase()}`}>
    <span class="state-dot" aria-hidden="true" />
    {name ?? type ?? "no state"}
  </span>
);

/** A moment relative to now, the exact one on hover and for screen readers. @param at The wire's text; null shows nothing. */
export function Time({ at }: { at: string | null | undefined }) {
  if (at == null) return <span class="quiet">–</span>;
  const ms = Date.parse(at);
  return <time dateTime={at} title={exact(ms)}>{relative(ms, now.value)}</time>;
}

/** A length of time. @param since The wire's text: counts on from there while it is given. */
export function Duration({ seconds, since }: { seconds?: number | null; since?: string | null }) {
  if (since != null) return <span class="number">{duration((now.value - Date.parse(since)) / 1000)}</span>;
  return <span class="number">{seconds == null ? "–" : duration(seconds)}</span>;
}

/** Labels or tags. */
export const Chips = ({ values, kind = "tag" }: { values: readonly string[]; kind?: "tag" | "label" }) => (
  <span class="chips">{values.map((value) => <span key={value} class={`chip chip-${kind}`}>{value}</span>)}</span>
);

/** An icon of ours; it says nothing to screen readers. */
export const Icon = ({ name, size = 16 }: { name: string; size?: number }) => (
  <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path
      d={ICONS[name] ?? ICONS.dot}
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);

/** Says more on hover and focus. What it holds can be focused. @param end It reaches to the left, for places at the right edge. */
export const Tip = ({ text, end, children }: { text: string; end?: boolean; children: ComponentChildren }) => (
  <span class={end ? "tip tip-end" : "tip"} tabIndex={0} aria-label={text} role="img">
    {children}
    <span class="tip-text" role="tooltip">{text}</span>
  </span>
);

/** Names and values, one under the other. An entry whose value is undefined is left out. */
export const Facts = ({ items }: { items: [name: string, value: ComponentChildren][] }) => (
  <dl class="facts">
    {items.filter(([, value]) => value !== undefined).map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
