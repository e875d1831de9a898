/**
 * The lines that a viewer holds: one stretch of a run's lines, in order, without gaps and doubles.
 *
 * Pages make it longer at its ends; what arrives is put in its place when that lies within, and is left to a later page when it lies
 * beyond an end that is not the run's own. Answers may come in any order.
 *
 * @module
 */

import type { LogLine, LogPage } from "../../../domain/log_pages.ts";

/** A place between lines, comparable as text: all timestamps have the same length. */
export const placeOf = ({ timestamp, id }: Pick<LogLine, "timestamp" | "id">): string => `${timestamp}_${id}`;

/** Where a line stands, or would. */
function search(lines: readonly LogLine[], place: string): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placeOf(lines[middle]) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** See the module's comment. */
export class LineWindow {
  /** In order; replaced by another list at every change. */
  lines: readonly LogLine[];
  /** Lines before this place are not held; null: there are none. */
  older: string | null;
  /** Lines after this place are not held; null: there are none. */
  newer: string | null;
  /** What arrived after it has still to be asked for. */
  arrived: number;
  /** How many arrived beyond the end. */
  beyond = 0;

  /** @param page The first one. */
  constructor({ records, older, newer, arrived }: LogPage) {
    this.lines = records;
    this.older = older;
    this.newer = newer;
    this.arrived = arrived;
  }

  /** Takes the page before {@link older}. Answers how many lines came. */
  takeOlder(asked: string, page: LogPage): number {
    // The window began anew, or was cut, while the answer was under way.
    if (this.older !== asked) return 0;
    this.older = page.older;
    this.arrived = Math.min(this.arrived, page.arrived);
    return this.insert(page.records);
  }

  /** Takes the page after {@link newer}. */
  takeNewer(asked: string, page: LogPage): number {
    if (this.newer !== asked) return 0;
    this.newer = page.newer;
    if (page.newer === null) this.beyond = 0;
    this.arrived = Math.min(this.arrived, page.arrived);
    return this.insert(page.records);
  }

  /** Takes what arrived since `since`. Answers how many of it are shown now. */
  takeArrived(since: number, page: LogPage): number {
    const within = page.records.filter((line) => {
      const place = placeOf(line);
      if (this.newer !== null && place > this.newer) {
        this.beyond++;
        return false;
      }
      return this.older === null || place >= this.older;
    });
    // A page that was read earlier than what is known asks for the time between again.
    if (since <= this.arrived) this.arrived = Math.max(this.arrived, page.arrived);
    return this.insert(within);
  }

  /** Lets go of lines at one end when there are more than `most`. Answers how many went. */
  trim(end: "older" | "newer", most: number): number {
    const over = this.lines.length - most;
    if (over <= 0) return 0;
    if (end === "older") {
      this.lines = this.lines.slice(over);
      this.older = placeOf(this.lines[0]);
    } else {
      this.lines = this.lines.slice(0, most);
      this.newer = placeOf(this.lines[most - 1]);
    }
    return over;
  }

  /** Where a line is; -1 when it is not held. */
  indexOf(id: string): number {
    return this.lines.findIndex((line) => line.id === id);
  }

  /** Puts lines where they belong; those that are there already are left out. */
  private insert(fresh: readonly LogLine[]): number {
    if (fresh.length === 0) return 0;
    const sorted = [...fresh].sort((a, b) => placeOf(a) < placeOf(b) ? -1 : 1);
    // Most pages and arrivals belong together: only the stretch they fall into is merged.
    const from = search(this.lines, placeOf(sorted[0]));
    const to = search(this.lines, placeOf(sorted[sorted.length - 1]) + "~");
    const merged: LogLine[] = [];
    let known = from;
    let added = 0;
    for (const line of sorted) {
      const place = placeOf(line);
      while (known < to && placeOf(this.lines[known]) < place) merged.push(this.lines[known++]);
      if (known < to && this.lines[known].id === line.id) continue;
      if (merged[merged.length - 1]?.id === line.id) continue;
      merged.push(line);
      added++;
    }
    if (added === 0) return 0;
    this.lines = this.lines.slice(0, from).concat(merged, this.lines.slice(known));
    return added;
  }
}
