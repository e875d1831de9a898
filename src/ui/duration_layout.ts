/**
 * Where the bars of runs' durations stand, and what is said of them to who does not see them. Pure.
 *
 * @module
 */

import { median } from "../support/median.ts";
import { isFinal, type StateType } from "../domain/state_types.ts";
import { duration, plural } from "./format.ts";

/** What of a run decides about its bar. */
export interface TimedRun {
  id: string;
  name: string;
  state_type: StateType | null;
  state_name: string | null;
  start_time: string | null;
  end_time: string | null;
  /** In seconds. */
  total_run_time: number;
}

/** One bar; numbers are parts of the width and the height, from the left and the bottom. */
export interface DurationBar<R> {
  run: R;
  x: number;
  width: number;
  height: number;
  /** In seconds. */
  seconds: number;
}

/** See {@link durationBars}. */
export interface DurationBars<R> {
  /** Oldest first. */
  bars: DurationBar<R>[];
  /** Of those that completed, in seconds; undefined when none did. */
  median: number | undefined;
  /** The seconds that the whole height stands for. */
  longest: number;
}

/** The least height of a bar, so that the shortest run is seen, too. */
const LEAST = 0.06;
/** The space between bars, as a part of what one takes. */
const GAP = 0.2;

/** How long a run took, or takes by now. @param now In milliseconds. */
export function secondsOf({ state_type, start_time, total_run_time, end_time }: TimedRun, now: number): number {
  if (total_run_time > 0 && state_type !== "RUNNING") return total_run_time;
  if (start_time === null) return 0;
  const end = end_time === null ? (isFinal(state_type) ? Date.parse(start_time) : now) : Date.parse(end_time);
  return Math.max(0, (end - Date.parse(start_time)) / 1000);
}

/** @param runs Newest first. @param places How many bars there is room for; fewer stand at the right. */
export function durationBars<R extends TimedRun>(runs: readonly R[], places: number, now: number): DurationBars<R> {
  const shown = runs.slice(0, places).reverse();
  const seconds = shown.map((run) => secondsOf(run, now));
  const longest = Math.max(...seconds, 0.001);
  const step = 1 / places;
  const completed = shown.flatMap((run, i) => run.state_type === "COMPLETED" ? [seconds[i]] : []);
  return {
    bars: shown.map((run, i) => ({
      run,
      x: (places - shown.length + i) * step,
      width: step * (1 - GAP),
      height: Math.max(LEAST, seconds[i] / longest),
      seconds: seconds[i],
    })),
    median: median(completed) ?? undefined,
    longest,
  };
}

/** E.g. `3 runs: 2 completed, 1 failed; 3.2 s as a rule`. */
export function durationsInWords<R extends TimedRun>({ bars, median }: DurationBars<R>): string {
  if (bars.length === 0) return "No run yet";
  const counts = new Map<string, number>();
  for (const { run } of bars) {
    const word = (run.state_type ?? "without state").toLowerCase();
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const states = [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
  return `${plural(bars.length, "run")}: ${states}${median === undefined ? "" : `; ${duration(median)} as a rule`}`;
}
