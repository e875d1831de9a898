/**
 * The filters that the overview and the list of runs share: what an address says ⇄ what people choose ⇄ what the API is asked.
 *
 * An address that makes no sense (an id that is none, a state that there is not) is read as far as it does.
 *
 * @module
 */

import type { FiltersInput } from "../domain/filters.ts";
import { STATE_TYPES, type StateType } from "../domain/state_types.ts";

/** What runs are chosen by. Lists hold each value once, sorted; an empty one does not restrict. */
export interface RunFilters {
  /** Names; any of them. */
  projects: readonly string[];
  /** Ids; any of them. */
  flows: readonly string[];
  /** Ids; any of them. */
  deployments: readonly string[];
  /** All of them. */
  tags: readonly string[];
  /** All of them. */
  labels: readonly string[];
  /** Of {@link STATES}; any of them. */
  states: readonly string[];
  /** One of {@link LASTS}, or a time of which one end may be open. */
  time: { last: Last } | { from?: string; to?: string } | undefined;
  /** A part of the run's name; empty does not restrict. */
  text: string;
}

/** Those of {@link RunFilters} that are lists. */
export type ListName = "projects" | "flows" | "deployments" | "tags" | "labels" | "states";

/** The lists, and what each is called in an address. */
export const LISTS: readonly (readonly [ListName, string])[] = [
  ["projects", "project"],
  ["flows", "flow"],
  ["deployments", "deployment"],
  ["tags", "tag"],
  ["labels", "label"],
  ["states", "state"],
];

/** The states that runs are filtered by, as addresses spell them: the types, and the name `Late`. */
export const STATES: readonly string[] = ["late", ...STATE_TYPES.map((type) => type.toLowerCase())];

/** Lengths of time up to now, with their milliseconds. */
export const LASTS = { "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000, "30d": 2_592_000_000 } as const;
/** See {@link LASTS}. */
export type Last = keyof typeof LASTS;

/** Nothing is restricted. */
export const NO_FILTERS: RunFilters = {
  projects: [],
  flows: [],
  deployments: [],
  tags: [],
  labels: [],
  states: [],
  time: undefined,
  text: "",
};

/** The names that filters have in an address; its other names are the page's. */
const NAMES = [...LISTS.map(([, name]) => name), "last", "from", "to", "text"];

/** A server's clock may be ahead of the browser's; also, what begins in a moment belongs to what is now. */
const SKEW_MS = 60_000;

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

const READ: Record<ListName, (text: string) => string | undefined> = {
  projects: (text) => text,
  flows: (text) => idOf(text),
  deployments: (text) => idOf(text),
  tags: (text) => text,
  labels: (text) => text,
  states: (text) => STATES.includes(text.toLowerCase()) ? text.toLowerCase() : undefined,
};

const idOf = (text: string) => UUID.test(text.toLowerCase()) ? text.toLowerCase() : undefined;

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

/** A moment of an address in its one spelling, `2026-11-21T22:33:58.000Z`; undefined for what is none. */
function momentOf(text: string | null): string | undefined {
  const at = text === null ? NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/**
 * Reads the filters of an address. @param search What follows the `?`, with or without it.
 *
 * @example
 * ```ts
 * import { filtersOf } from "./filters.ts";
 *
 * console.assert(filtersOf("?state=failed&last=24h").states[0] === "failed");
 * ```
 */
export function filtersOf(search: string): RunFilters {
  const query = new URLSearchParams(search);
  const filters: RunFilters = { ...NO_FILTERS, text: query.get("text") ?? "" };
  for (const [list, name] of LISTS) {
    filters[list] = sorted(query.getAll(name).flatMap((value) => READ[list](value) || []));
  }
  const last = query.get("last");
  if (last !== null && Object.hasOwn(LASTS, last)) return { ...filters, time: { last: last as Last } };
  const [from, to] = [momentOf(query.get("from")), momentOf(query.get("to"))];
  if (from === undefined && to === undefined) return filters;
  return { ...filters, time: { ...from === undefined ? {} : { from }, ...to === undefined ? {} : { to } } };
}

/**
 * An address's query with these filters: one spelling for each choice, so that equal choices are equal addresses. What is not a
 * filter's stays.
 *
 * @param search The present one; what it says of filters is replaced.
 * @returns Without `?`; empty when there is nothing to say.
 */
export function withFilters(search: string, filters: RunFilters): string {
  const query = new URLSearchParams();
  for (const [list, name] of LISTS) for (const value of sorted(filters[list])) query.append(name, value);
  const { time, text } = filters;
  if (time !== undefined && "last" in time) query.set("last", time.last);
  else if (time !== undefined) {
    if (time.from !== undefined) query.set("from", time.from);
    if (time.to !== undefined) query.set("to", time.to);
  }
  if (text !== "") query.set("text", text);
  for (const [name, value] of new URLSearchParams(search)) if (!NAMES.includes(name)) query.append(name, value);
  return query.toString();
}

/** The address of a page with filters. @param path E.g. `/runs` */
export function filterHref(path: string, filters: Partial<RunFilters>): string {
  const query = withFilters("", { ...NO_FILTERS, ...filters });
  return query === "" ? path : `${path}?${query}`;
}

/** Whether anything is restricted. */
export const isFiltered = (filters: RunFilters): boolean => withFilters("", filters) !== "";

/** From when to when, in milliseconds; an open end is undefined. @param now The present. */
export function timesOf({ time }: RunFilters, now: number): { from?: number; to?: number } {
  if (time === undefined) return {};
  if ("last" in time) return { from: now - LASTS[time.last], to: now + SKEW_MS };
  return {
    ...time.from === undefined ? {} : { from: Date.parse(time.from) },
    ...time.to === undefined ? {} : { to: Date.parse(time.to) },
  };
}

const wire = (at: number | undefined) => at === undefined ? undefined : new Date(at).toISOString();

/** An object without its undefined values; undefined when nothing is left. */
function given<T extends object>(parts: T): T | undefined {
  const entries = Object.entries(parts).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries) as T;
}

const any = (values: readonly string[]) => values.length === 0 ? undefined : { any_: [...values] };
const all = (values: readonly string[]) => values.length === 0 ? undefined : { all_: [...values] };

/** `Late` is a name of the type SCHEDULED; a run is chosen by either. */
function statesOf(states: readonly string[]) {
  const types = states.filter((state) => state !== "late").map((state) => state.toUpperCase() as StateType);
  const name = states.includes("late") ? { any_: ["Late"] } : undefined;
  if (types.length === 0) return name && { name };
  return { type: { any_: types }, ...name && { name, operator: "or_" as const } };
}

/**
 * What the API's list and count routes are asked with. Times are about when a run was expected to start, which each run has.
 *
 * @param now The present in milliseconds; `last` counts from it.
 */
export function filterBody(filters: RunFilters, now: number): FiltersInput {
  const { from, to } = timesOf(filters, now);
  return given({
    flows: given({ id: any(filters.flows), project: any(filters.projects) }),
    deployments: given({ id: any(filters.deployments) }),
    flow_runs: given({
      name: filters.text === "" ? undefined : { like_: filters.text },
      tags: all(filters.tags),
      labels: all(filters.labels),
      state: statesOf(filters.states),
      // A span holds its beginning and not its end: of two that meet, a run belongs to one. The API's `before_` holds its end.
      expected_start_time: given({
        after_: wire(from),
        before_: wire(to !== undefined && !("last" in filters.time!) ? to - 1 : to),
      }),
    }),
  }) ?? {};
}
