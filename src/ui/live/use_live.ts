/**
 * What a page shows of the API, kept true: asked for once, and again when a change concerns it.
 *
 * Nothing is asked for at intervals. While an answer is under way further changes wait and lead to one more question; what is shown
 * stays until the new answer is there.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Change } from "../../domain/changes.ts";
import { onChanges } from "./stream.ts";

/** What is known. */
export interface Live<T> {
  /** The last answer; undefined before the first one. */
  data: T | undefined;
  /** Why the last question had no answer. */
  error: Error | undefined;
  /** Whether no answer has come yet. */
  loading: boolean;
  /** Asks now. */
  refresh: () => void;
}

/** The least time between two questions, in milliseconds. */
const REST_MS = 300;

/** The last answers, so that a page which is come back to shows them at once. */
const answers = new Map<string, unknown>();
const MOST_ANSWERS = 200;

function keep(key: string, answer: unknown): void {
  answers.delete(key);
  answers.set(key, answer);
  if (answers.size > MOST_ANSWERS) answers.delete(answers.keys().next().value!);
}

/**
 * Asks, and keeps the answer true.
 *
 * @param key Names what is asked for; another key is another question. Undefined: nothing is asked.
 * @param ask Asks. The signal stops a question that nobody waits for any more.
 * @param concerns Whether a change may make the answer another one. `elsewhere` always does.
 *
 * @example
 * ```tsx ignore
 * const { data } = useLive(`flow ${id}`, () => api.flows.read(id), (change) => change.kind === "flow" && change.id === id);
 * ```
 */
export function useLive<T>(
  key: string | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
  concerns: (change: Change) => boolean,
): Live<T> {
  const [, render] = useState({});
  const latest = useRef({ ask, concerns });
  latest.current = { ask, concerns };
  const state = useRef<{ key?: string; data?: T; error?: Error; refresh: () => void }>({ refresh: () => {} });
  if (state.current.key !== key) {
    state.current = { key, data: key === undefined ? undefined : answers.get(key) as T | undefined, refresh: () => {} };
  }
  useEffect(() => {
    if (key === undefined) return;
    const over = new AbortController();
    let running = false;
    let again = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const question = async () => {
      running = true;
      again = false;
      try {
        const data = await latest.current.ask(over.signal);
        if (over.signal.aborted) return;
        keep(key, data);
        state.current = { ...state.current, data, error: undefined };
      } catch (error) {
        if (over.signal.aborted) return;
        state.current = { ...state.current, error: error as Error };
      }
      render({});
      timer = setTimeout(() => {
        running = false;
        if (again) void question();
      }, REST_MS);
    };
    const refresh = () => {
      if (running) again = true;
      else void question();
    };
    state.current.refresh = refresh;
    const stop = onChanges((changes) => {
      if (changes.some((change) => change.kind === "elsewhere" || latest.current.concerns(change))) refresh();
    });
    void question();
    return () => {
      over.abort();
      clearTimeout(timer);
      stop();
    };
  }, [key]);
  const { data, error } = state.current;
  return { data, error, loading: data === undefined && error === undefined, refresh: () => state.current.refresh() };
}
