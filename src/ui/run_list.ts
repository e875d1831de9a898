/**
 * What the list of runs computes: which rows are on screen, what a duration's bar shows, what is selected, how results are told.
 *
 * @module
 */

import type { BulkResult, ListedRun } from "../domain/flow_run_pages.ts";
import type { FlowRunSort } from "../domain/filters.ts";
import { count, duration, plural } from "./format.ts";
import type { RunFilters } from "./filters.ts";

/** The orders that people choose from; the first is that of an address which says none. */
export const SORTS: readonly (readonly [FlowRunSort, string])[] = [
  ["EXPECTED_START_TIME_DESC", "Newest first"],
  ["EXPECTED_START_TIME_ASC", "Oldest first"],
  ["START_TIME_DESC", "Last started first"],
  ["END_TIME_DESC", "Last ended first"],
  ["NAME_ASC", "Name, A to Z"],
  ["NAME_DESC", "Name, Z to A"],
];

/** The order that an address asks for. */
export const sortOf = (search: string): FlowRunSort =>
  SORTS.find(([sort]) => sort === new URLSearchParams(search).get("sort"))?.[0] ?? SORTS[0][0];

/** Whether runs that are expected later are shown: when the address says so, or a filter may be about them. */
export const showsUpcoming = (search: string, { states, time }: RunFilters): boolean =>
  new URLSearchParams(search).has("upcoming") || states.length > 0 || time !== undefined;

/** A row, with the moment its answer came. */
export type Row = ListedRun & { received: number };

/** How long a run ran, in seconds. That of a running one grows from what the server said: clocks need not agree. */
export const secondsOf = ({ state_type, estimated_run_time, received }: Row, now: number): number =>
  state_type === "RUNNING" ? estimated_run_time + Math.max(0, now - received) / 1000 : estimated_run_time;

/** What a bar shows: parts of its length, and words. */
export interface Bar {
  fill: number;
  /** Where the usual duration is; undefined without one. It is the same in all rows, so that they can be compared. */
  mark: number | undefined;
  /** The bar is longer than its place. */
  beyond: boolean;
  /** Much longer than usual. */
  slow: boolean;
  /** E.g. `usually 40 s`; empty without a usual duration. */
  words: string;
}

/** The usual duration is in the middle of a bar. */
const MARK = 0.5;
/** What takes so many times the usual duration is slow. */
const SLOW = 1.5;

/** A duration against the usual one. @param usual Seconds; null when nobody knows. */
export function barOf(seconds: number, usual: number | null): Bar {
  if (usual === null || usual <= 0) {
    return { fill: 0, mark: undefined, beyond: false, slow: false, words: "" };
  }
  const part = MARK * seconds / usual;
  return {
    fill: Math.min(1, part),
    mark: MARK,
    beyond: part > 1,
    // A few seconds more are no news.
    slow: seconds > SLOW * usual && seconds - usual > 2,
    words: `usually ${duration(usual)}`,
  };
}

/** The rows that are drawn: those on screen, and some around them. */
export interface Window {
  first: number;
  /** The one after the last. */
  end: number;
}

/**
 * Which rows to draw.
 *
 * @param above How far the first row is above the screen's upper edge, in pixels; negative when it is below.
 */
export function windowOf(
  { rows, rowHeight, above, screen, more }: {
    rows: number;
    rowHeight: number;
    above: number;
    screen: number;
    /** So many rows on either side. */
    more: number;
  },
): Window {
  const clamp = (row: number) => Math.min(rows, Math.max(0, row));
  const first = clamp(Math.floor(above / rowHeight) - more);
  return { first, end: clamp(Math.max(first, Math.ceil((above + screen) / rowHeight) + more)) };
}

/** Puts rows that have come before the first there; those that are there already stay where they are, and are replaced. */
export function withNew(rows: readonly Row[], fresh: readonly Row[]): Row[] {
  const ids = new Set(rows.map(({ id }) => id));
  return [...fresh.filter(({ id }) => !ids.has(id)), ...replaced(rows, fresh)];
}

/** Puts the next page at the end. */
export function withNext(rows: readonly Row[], page: readonly Row[]): Row[] {
  const ids = new Set(rows.map(({ id }) => id));
  return [...rows, ...page.filter(({ id }) => !ids.has(id))];
}

/** Replaces rows by what is known of them now. */
export function replaced(rows: readonly Row[], known: readonly Row[]): Row[] {
  const byId = new Map(known.map((row) => [row.id, row]));
  return rows.map((row) => byId.get(row.id) ?? row);
}

/** Whether a run still has one of the states that the list is filtered by. */
export function hasState(
  { state_type, state_name }: Pick<ListedRun, "state_type" | "state_name">,
  states: readonly string[],
) {
  return states.length === 0 || states.includes(state_type?.toLowerCase() ?? "") ||
    (states.includes("late") && state_name === "Late");
}

/**
 * What is selected after a press on a row's box.
 *
 * @param anchor The row pressed before, with Shift held: all between get the state that the pressed one gets.
 */
export function selected(
  selection: ReadonlySet<string>,
  rows: readonly { id: string }[],
  id: string,
  anchor?: string,
): Set<string> {
  const next = new Set(selection);
  const on = !selection.has(id);
  const at = rows.findIndex((row) => row.id === id);
  const from = anchor === undefined ? -1 : rows.findIndex((row) => row.id === anchor);
  const ids = from === -1 || at === -1
    ? [id]
    : rows.slice(Math.min(at, from), Math.max(at, from) + 1).map(({ id }) => id);
  for (const one of ids) on ? next.add(one) : next.delete(one);
  return next;
}

/** What is done to many. */
export type BulkAction = "cancel" | "delete";

/** What became of them, without where to go on. */
export type Outcome = Omit<BulkResult, "next">;

/** Nothing yet. */
export const NO_OUTCOME: Outcome = { done: 0, stopping: 0, over: 0, missing: 0, refused: [] };

/** Both together. */
export const sumOf = (a: Outcome, b: Outcome): Outcome => ({
  done: a.done + b.done,
  stopping: a.stopping + b.stopping,
  over: a.over + b.over,
  missing: a.missing + b.missing,
  refused: [...a.refused, ...b.refused],
});

/** How many were dealt with. */
export const handled = ({ done, stopping, over, missing, refused }: Outcome): number =>
  done + stopping + over + missing + refused.length;

/** Says what became of them: `3 cancelled, 1 was over already`. */
export function outcomeText(action: BulkAction, { done, stopping, over, missing, refused }: Outcome): string {
  const were = (value: number, text: string) => `${count(value)} ${value === 1 ? "was" : "were"} ${text}`;
  const parts = [
    done > 0 || stopping + over + missing + refused.length === 0
      ? `${count(done)} ${action === "cancel" ? "cancelled" : "deleted"}`
      : "",
    stopping > 0 ? `${count(stopping)} ${stopping === 1 ? "is" : "are"} told to stop` : "",
    over > 0 ? were(over, "over already") : "",
    missing > 0 ? were(missing, "deleted already") : "",
    refused.length > 0 ? `${plural(refused.length, "run")} refused: ${refused[0].reason}` : "",
  ];
  return parts.filter(Boolean).join(", ");
}
