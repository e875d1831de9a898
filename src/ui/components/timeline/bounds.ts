/**
 * When a timeline begins and ends, and what is said of a task's times. Pure.
 *
 * @module
 */

import { isFinal } from "../../../domain/state_types.ts";
import { duration, plural } from "../../format.ts";
import type { TaskRow } from "./model.ts";
import { LEAST_SPAN, type Span } from "./scale.ts";

/** What is known of all tasks' times. */
export interface Extent extends Span {
  /** Whether some task runs or may begin at any moment, so that the end is the present. */
  isOpen: boolean;
}

/** From the first moment to the last one that is known; undefined when no task has a time. */
export function extentOf(tasks: Iterable<TaskRow>): Extent | undefined {
  let [from, to, isOpen] = [Infinity, -Infinity, false];
  for (const { type, expected, start, end } of tasks) {
    if (end === null && (type === "PENDING" || (start !== null && !isFinal(type)))) isOpen = true;
    from = Math.min(from, expected ?? Infinity, start ?? Infinity);
    // What is to begin in an hour must not make all the rest small.
    to = Math.max(to, end ?? -Infinity, start ?? -Infinity);
  }
  return from === Infinity ? undefined : { from, to: Math.max(from, to), isOpen };
}

/** The whole of a time axis, with a little room at its end. */
export function boundsOf(extent: Extent, now: number): Span {
  const to = extent.isOpen ? Math.max(extent.to, now) : extent.to;
  return { from: extent.from, to: to + Math.max(LEAST_SPAN, (to - extent.from) * 0.02) };
}

/** When a task's bar ends. */
export const endOf = ({ type, start, end }: TaskRow, now: number): number =>
  end ?? (isFinal(type) ? start ?? now : Math.max(now, start ?? now));

/** What is said of a task's times, by name. */
export function factsOf(task: TaskRow, now: number): [name: string, value: string][] {
  const { expected, start, type, runCount, upstream, stateName } = task;
  const facts: [string, string][] = [];
  if (start === null) {
    if (!isFinal(type) && expected !== null) {
      facts.push(
        expected > now
          ? ["Begins in", duration((expected - now) / 1000)]
          : ["Waits since", duration((now - expected) / 1000)],
      );
    }
  } else {
    facts.push([isFinal(type) ? "Took" : "Runs since", duration((endOf(task, now) - start) / 1000)]);
    if (expected !== null && start > expected) facts.push(["Waited before", duration((start - expected) / 1000)]);
  }
  if (stateName === "Cached") facts.push(["Result", "from the cache"]);
  if (runCount > 1) facts.push(["Retries", String(runCount - 1)]);
  if (upstream.length > 0) facts.push(["Took results of", plural(upstream.length, "task run")]);
  return facts;
}

/** The same as one text, for screen readers. */
export const saidOf = (task: TaskRow, now: number): string =>
  [task.stateName ?? "No state", ...factsOf(task, now).map(([name, value]) => `${name.toLowerCase()} ${value}`)].join(
    ", ",
  );
