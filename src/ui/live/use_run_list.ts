/**
 * A long list of runs, kept true: pages are loaded as they are wanted, a change leads to a question about the changed rows that are on
 * screen and about what has come before the first, and nothing is asked for at intervals.
 *
 * @module
 */

import { useEffect, useReducer, useRef } from "preact/hooks";
import type { Change } from "../../domain/changes.ts";
import type { FlowRunPageQuery, ListedRun } from "../../domain/flow_run_pages.ts";
import { api } from "../api.ts";
import { replaced, type Row, withNew, withNext } from "../run_list.ts";
import { onChanges } from "./stream.ts";

/** The least time between two questions, in milliseconds. */
const REST_MS = 300;
/** Rows of a page. */
const PAGE = 100;
/** The most rows that are kept; then the list begins anew from there on. */
export const MOST_ROWS = 20_000;
/** Lists that are come back to. */
const MOST_LISTS = 3;

/** A list as it is. */
class RunList {
  rows: Row[] = [];
  /** The changed ones that were not asked for yet. */
  stale = new Set<string>();
  /** New rows that are not shown yet, because somebody reads further down. */
  fresh: Row[] = [];
  /** There are more new ones than those. */
  freshMore = false;
  next: string | null = null;
  previous: string | null = null;
  error: Error | undefined;
  /** Whether the first page is there. */
  begun = false;
  /** Whether a page is on its way. */
  loading = false;
  /** Whether something may have come before the first row. */
  above = false;
  scrolled = 0;
}

const lists = new Map<string, RunList>();

function listOf(key: string): RunList {
  const list = lists.get(key) ?? new RunList();
  lists.delete(key);
  lists.set(key, list);
  if (lists.size > MOST_LISTS) lists.delete(lists.keys().next().value!);
  return list;
}

/** What {@link useRunList} answers. */
export interface LiveRuns {
  rows: readonly Row[];
  /** How many new ones wait to be shown. */
  fresh: number;
  freshMore: boolean;
  error: Error | undefined;
  /** Whether the first page is there. */
  begun: boolean;
  loading: boolean;
  /** The cursor where the list goes on; null at its end. */
  next: string | null;
  /** How far down the list was left, in pixels, when it is come back to. */
  scrolled: number;
  /** Loads the next page, unless one is on its way. */
  more: () => void;
  /** Says what is on screen. */
  see: (first: number, end: number) => void;
  /** Shows the new ones. */
  showFresh: () => void;
  /** Asks anew from the beginning. */
  reload: () => void;
  /** Remembers how far down the list is left. */
  leave: (scrolled: number) => void;
}

/**
 * See the module's comment.
 *
 * @param key Names the list; another one is another list.
 * @param query What is asked for, without pages. Called for each question: a time that counts from now moves on.
 */
export function useRunList(key: string, query: () => FlowRunPageQuery): LiveRuns {
  const [, render] = useReducer((n: number) => n + 1, 0);
  const ask = useRef(query);
  ask.current = query;
  const list = listOf(key);
  const shown = useRef(list);
  // What was shown stays until the first page of another list is there.
  if (list.begun || list.error !== undefined || shown.current === list) shown.current = list;
  const seen = useRef({ first: 0, end: 0 });
  const wake = useRef(() => {});

  useEffect(() => {
    const over = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running = false;
    const received = (rows: readonly ListedRun[]): Row[] => {
      const now = Date.now();
      return rows.map((row) => ({ ...row, received: now }));
    };
    const page = async (more: FlowRunPageQuery) => {
      const answer = await api.flowRuns.page(more, over.signal);
      over.signal.throwIfAborted();
      return { ...answer, results: received(answer.results) };
    };

    const begin = async () => {
      const { results, next, previous } = await page({ ...ask.current(), limit: PAGE });
      Object.assign(list, { rows: results, next, previous, fresh: [], freshMore: false, above: false, begun: true });
      list.stale.clear();
    };
    /** Asks for the changed rows that are on screen; the others wait until they are. */
    const renew = async (ids: string[]) => {
      for (const id of ids) list.stale.delete(id);
      const { results } = await page({ flow_runs: { id: { any_: ids } }, limit: 200 });
      const there = new Set(results.map(({ id }) => id));
      const gone = new Set(ids.filter((id) => !there.has(id)));
      list.rows = replaced(list.rows, results).filter(({ id }) => !gone.has(id));
    };
    /** Asks for what has come before the first row. */
    const lookAbove = async () => {
      list.above = false;
      const { results, next, previous } = await page({ ...ask.current(), limit: PAGE, before: list.previous! });
      const known = new Set(list.rows.map(({ id }) => id));
      const fresh = results.filter(({ id }) => !known.has(id));
      list.freshMore = next !== null;
      // Nothing was found so far: the next question goes on from there.
      if (next !== null && results.length === 0) Object.assign(list, { previous: next, above: true });
      if (seen.current.first > 0 || list.freshMore) list.fresh = fresh;
      else Object.assign(list, { rows: withNew(list.rows, results), previous: previous ?? list.previous, fresh: [] });
    };
    const onScreen = () => list.rows.slice(seen.current.first, seen.current.end).map(({ id }) => id);
    const step = async (): Promise<boolean> => {
      if (!list.begun) return await begin().then(() => true);
      const ids = onScreen().filter((id) => list.stale.has(id)).slice(0, 200);
      if (ids.length > 0) await renew(ids);
      // An empty list has no place to look from.
      const above = list.above;
      if (above) await (list.previous === null || list.rows.length === 0 ? begin() : lookAbove());
      return above || ids.length > 0;
    };
    const pump = async () => {
      if (running || over.signal.aborted) return;
      running = true;
      let asked = false;
      try {
        asked = await step();
        if (asked) list.error = undefined;
      } catch (error) {
        if (over.signal.aborted) return;
        list.error = error as Error;
      }
      if (asked || list.error !== undefined) render(0);
      const rest = () => {
        running = false;
        if (list.error === undefined && (!list.begun || list.above || onScreen().some((id) => list.stale.has(id)))) {
          void pump();
        }
      };
      if (asked) timer = setTimeout(rest, REST_MS);
      else running = false;
    };
    wake.current = () => void pump();

    const hear = (changes: readonly Change[]) => {
      let gone: Set<string> | undefined;
      const known = new Set(list.rows.map(({ id }) => id));
      for (const change of changes) {
        if (change.kind === "elsewhere") {
          list.stale = new Set(list.rows.map(({ id }) => id));
          list.above = true;
        } else if (change.kind === "flow_run") {
          if (change.state === null) (gone ??= new Set()).add(change.id);
          // One that is not in the list may be new.
          else if (known.has(change.id)) list.stale.add(change.id);
          else list.above = true;
        }
      }
      if (gone !== undefined) {
        const removed = gone;
        list.rows = list.rows.filter(({ id }) => !removed.has(id));
        list.fresh = list.fresh.filter(({ id }) => !removed.has(id));
        render(0);
      }
      void pump();
    };
    const stop = onChanges(hear);
    if (list.begun) hear([{ kind: "elsewhere" }]);
    else void pump();
    return () => {
      over.abort();
      clearTimeout(timer);
      list.loading = false;
      stop();
    };
  }, [key]);

  const more = async () => {
    if (list.loading || list.next === null || !list.begun || list.rows.length >= MOST_ROWS) return;
    list.loading = true;
    try {
      const { results, next, previous } = await api.flowRuns.page({ ...ask.current(), limit: PAGE, after: list.next });
      const now = Date.now();
      list.rows = withNext(list.rows, results.map((row) => ({ ...row, received: now })));
      list.next = next;
      list.previous ??= previous;
      list.error = undefined;
    } catch (error) {
      list.error = error as Error;
    }
    list.loading = false;
    render(0);
  };
  const { rows, fresh, freshMore, error, begun, loading, next, scrolled } = shown.current;
  return {
    rows,
    fresh: fresh.length,
    freshMore,
    error: list.error ?? error,
    begun,
    loading: loading || shown.current !== list,
    next,
    scrolled,
    more: () => void more(),
    see(first, end) {
      seen.current = { first, end };
      wake.current();
    },
    showFresh() {
      if (list.freshMore) list.begun = false;
      else {
        list.rows = withNew(list.rows, list.fresh);
        list.above = true;
      }
      list.fresh = [];
      list.freshMore = false;
      seen.current = { first: 0, end: 0 };
      render(0);
      wake.current();
    },
    reload() {
      list.begun = false;
      list.error = undefined;
      wake.current();
      render(0);
    },
    leave: (at) => void (list.scrolled = at),
  };
}
