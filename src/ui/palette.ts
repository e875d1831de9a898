/**
 * What the command palette offers for a text: which of its own lines fit, where hits lead, which line the arrows choose. Pure.
 *
 * @module
 */

import type { SearchHit, SearchKind } from "../domain/search.ts";

/** One line of the palette. */
export interface PaletteItem {
  id: string;
  /** Under which heading it stands. */
  group: string;
  label: string;
  icon: string;
  /** What it belongs to, beside it. */
  note?: string;
  /** Keys that do the same. */
  keys?: readonly string[];
  state?: { type: string | null; name: string | null };
  /** Other words that find it. */
  words?: string;
  href?: string;
  run?: () => void | Promise<unknown>;
}

/** How well a line fits a text: the less the better; undefined when it does not. Every word must be in it, in whatever order. */
export function fit({ label, words = "" }: Pick<PaletteItem, "label" | "words">, text: string): number | undefined {
  const [name, all] = [label.toLowerCase(), `${label} ${words}`.toLowerCase()];
  const asked = text.toLowerCase().trim();
  if (asked === "") return 0;
  if (!asked.split(/\s+/).every((word) => all.includes(word))) return undefined;
  if (name.startsWith(asked)) return 0;
  return ` ${all}`.includes(` ${asked}`) ? 1 : 2;
}

/** The lines that fit a text, the best first, otherwise in their order. */
export const fitting = (items: readonly PaletteItem[], text: string): PaletteItem[] =>
  items.map((item) => ({ item, value: fit(item, text) }))
    .filter(({ value }) => value !== undefined)
    .sort((a, b) => a.value! - b.value!)
    .map(({ item }) => item);

const KINDS: Record<SearchKind, { group: string; icon: string; path: string }> = {
  flow: { group: "Flows", icon: "flows", path: "/flows" },
  deployment: { group: "Deployments", icon: "deployments", path: "/deployments" },
  flow_run: { group: "Runs", icon: "runs", path: "/flow-runs" },
  task_run: { group: "Task runs", icon: "tasks", path: "/task-runs" },
  agent: { group: "Agents", icon: "agents", path: "/agents" },
  project: { group: "Projects", icon: "projects", path: "/projects" },
};

/** A hit as a line. */
export function itemOf({ kind, id, name, of, state_type, state_name }: SearchHit): PaletteItem {
  const { group, icon, path } = KINDS[kind];
  return {
    id: `${kind}-${id}`,
    group,
    label: name,
    icon,
    href: `${path}/${encodeURIComponent(id)}`,
    ...of === null ? {} : { note: of },
    ...kind.endsWith("run") ? { state: { type: state_type, name: state_name } } : {},
  };
}

/** Which line is chosen after a key; from the last on to the first and back. Undefined for keys that choose none. */
export function chosenAfter(key: string, chosen: number, length: number): number | undefined {
  const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, PageDown: chosen + 5, PageUp: chosen - 5 }[key];
  if (to === undefined || length === 0) return undefined;
  if (key.startsWith("Page")) return Math.min(length - 1, Math.max(0, to));
  return (to + length) % length;
}

/** Lines under their headings, in the order in which these first come. */
export function grouped(items: readonly PaletteItem[]): { group: string; items: PaletteItem[] }[] {
  const groups = new Map<string, PaletteItem[]>();
  for (const item of items) groups.set(item.group, [...groups.get(item.group) ?? [], item]);
  return [...groups].map(([group, items]) => ({ group, items }));
}
