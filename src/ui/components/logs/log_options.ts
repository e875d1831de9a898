/**
 * What the viewer remembers in the browser, and what is typed into its search.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { TIME_STYLES } from "./line_times.ts";
import type { LogOptions } from "./log_toolbar.tsx";

const KEY = "flowctl.logs";
/** Somebody who types does not ask with every letter, in milliseconds. */
const TYPING_MS = 250;

/** As they were left; wrapped and in local time at the first visit. */
export function viewerOptions(): LogOptions {
  const options: LogOptions = { wrap: true, times: "local" };
  try {
    const { wrap, times } = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (typeof wrap === "boolean") options.wrap = wrap;
    if (TIME_STYLES.some(([style]) => style === times)) options.times = times;
  } catch {
    // A browser may refuse to keep things.
  }
  return options;
}

/** Keeps them, and answers them. */
export function keepOptions(options: LogOptions): LogOptions {
  try {
    localStorage.setItem(KEY, JSON.stringify(options));
  } catch {
    // As above.
  }
  return options;
}

/** A text that is typed, told when typing rests; another one from elsewhere replaces it. */
export function useTyped(value: string, tell: (value: string) => void): [draft: string, set: (draft: string) => void] {
  const [draft, setDraft] = useState(value);
  const told = useRef(value);
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setDraft(value);
  }, [value]);
  useEffect(() => {
    if (draft === told.current) return;
    const timer = setTimeout(() => {
      told.current = draft;
      latest.current(draft);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  return [draft, setDraft];
}
