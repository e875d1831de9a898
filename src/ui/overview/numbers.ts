/**
 * The numbers of the overview: from counts of runs by state to what is drawn and said. Pure.
 *
 * @module
 */

import type { Overview, StateCounts } from "../../domain/overview.ts";
import type { StateType } from "../../domain/state_types.ts";
import { count, plural } from "../format.ts";

/** The layers of a bar from the ground up: what is over, then what is under way, then what waits. */
export const LAYERS: readonly StateType[] = [
  "COMPLETED",
  "FAILED",
  "CRASHED",
  "CANCELLED",
  "CANCELLING",
  "RUNNING",
  "PAUSED",
  "PENDING",
  "SCHEDULED",
];

/** The counts of the states that are chosen. @param chosen As addresses spell states (`late` is some of `scheduled`); none chooses all. */
export function chosenCounts(counts: StateCounts, chosen: readonly string[]): Partial<Record<StateType, number>> {
  const { LATE: late = 0, ...types } = counts;
  if (chosen.length === 0) return types;
  const kept = Object.entries(types).filter(([type]) => chosen.includes(type.toLowerCase()));
  const found: Partial<Record<StateType, number>> = Object.fromEntries(kept);
  if (chosen.includes("late") && !chosen.includes("scheduled") && late > 0) found.SCHEDULED = late;
  return found;
}

/** The sum of several counts. */
export function sum(all: readonly StateCounts[]): StateCounts {
  const total: StateCounts = {};
  for (const counts of all) {
    for (const [type, number] of Object.entries(counts) as [keyof StateCounts, number][]) {
      total[type] = (total[type] ?? 0) + number;
    }
  }
  return total;
}

/** How many runs. */
export const runsOf = (counts: StateCounts): number => LAYERS.reduce((all, type) => all + (counts[type] ?? 0), 0);

/**
 * The part of runs that came to a good end among those that came to an end by themselves: cancelling is somebody's wish, and no
 * failure. Undefined when none did.
 */
export function successRate({ COMPLETED: good = 0, FAILED: failed = 0, CRASHED: crashed = 0 }: StateCounts):
  | number
  | undefined {
  const all = good + failed + crashed;
  return all === 0 ? undefined : good / all;
}

/** `97.3 %`; only when nothing failed `100 %`, and only when all did `0 %`. */
export function percent(part: number): string {
  if (part === 0 || part === 1) return `${part * 100}\u202f%`;
  const shown = Math.min(99.9, Math.max(0.1, part * 100));
  return `${shown.toFixed(1)}\u202f%`;
}

/** How a rate compares with the one before, in words: `2.5 points more than 94.8 % before`. */
export function compared(rate: number | undefined, before: number | undefined): string {
  if (rate === undefined) return before === undefined ? "no run ended" : `no run ended; ${percent(before)} before`;
  if (before === undefined) return "no run ended in the time before";
  const points = Math.round((rate - before) * 1000) / 10;
  if (points === 0) return `as in the time before`;
  return `${Math.abs(points).toFixed(1)} points ${points > 0 ? "more" : "less"} than before (${percent(before)})`;
}

/** One interval in words: `12 runs: 10 completed, 2 failed`. */
export function said(counts: StateCounts): string {
  const parts = LAYERS.filter((type) => (counts[type] ?? 0) > 0).map((type) => `${count(counts[type]!)} ${word(type)}`);
  return parts.length === 0 ? "no runs" : `${plural(runsOf(counts), "run")}: ${parts.join(", ")}`;
}

/** A state as a word within a sentence. */
export const word = (type: string): string => type.toLowerCase();

/** Heights of stacked bars: for each layer, how high it and those below it reach. */
export function stacked(intervals: readonly StateCounts[]): number[][] {
  let below = intervals.map(() => 0);
  return LAYERS.map((type) => below = below.map((height, i) => height + (intervals[i][type] ?? 0)));
}

/** Whether the three steps to a first run are done. */
export const isBegun = ({ begun }: Pick<Overview, "begun">): boolean => begun.run !== null;
