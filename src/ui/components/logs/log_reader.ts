/**
 * Reads a run's lines for a viewer: the first page, more at either end, and what arrives.
 *
 * One question for each purpose is under way at a time. Nothing is asked for at intervals: arrivals are asked for when the server
 * says that the run has new lines, at most every 300 ms.
 *
 * @module
 */

import type { LogPageInput } from "../../../client/flow_run_logs.ts";
import type { LogPage } from "../../../domain/log_pages.ts";
import { LineWindow } from "./line_window.ts";

/** Lines of one page. */
export const PAGE = 500;
/** Lines of one answer about arrivals. */
const MOST_ARRIVALS = 1_000;
/** The most lines that a viewer holds. */
export const MOST_HELD = 100_000;
/** The least time between two questions about arrivals, in milliseconds. */
const REST_MS = 300;

/** Where reading begins. */
export type Beginning = "end" | "start" | { line: string };

/** See {@link LogReader}. */
export interface LogReaderOptions {
  ask: (query: LogPageInput, signal: AbortSignal) => Promise<LogPage>;
  /** Something is another than before. */
  onChange: () => void;
  restMs?: number;
  page?: number;
  mostHeld?: number;
}

/** See the module's comment. */
export class LogReader {
  /** Undefined until the first page is there. */
  window: LineWindow | undefined;
  /** Why the last question had no answer. */
  error: Error | undefined;
  /** The line that was to be shown and is not there. */
  missing: string | undefined;
  /** The reader is at the end: when more comes than can be read, the middle is left for later. */
  following = false;
  /** How many lines the last arrival brought. */
  lastBatch = 0;
  /** Grows whenever reading begins anew. */
  generation = 0;
  /** What is under way. */
  opening = false;
  older = false;
  newer = false;
  readonly #options: LogReaderOptions;
  #over = new AbortController();
  #asking = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #beginning: Beginning = "end";
  /** The beginning had no answer. */
  #failed = false;

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  /** Begins anew. What is shown stays until the answer is there. */
  async open(beginning: Beginning): Promise<void> {
    this.#over.abort();
    const over = this.#over = new AbortController();
    clearTimeout(this.#timer);
    this.#asking =
      this.#again =
      this.older =
      this.newer =
        false;
    this.#beginning = beginning;
    this.opening = true;
    this.#failed = false;
    const limit = this.#options.page ?? PAGE;
    const query: LogPageInput = beginning === "end"
      ? { limit }
      : beginning === "start"
      ? { after: "start", limit }
      : { around: beginning.line, limit };
    try {
      const page = await this.#options.ask(query, over.signal);
      if (over.signal.aborted) return;
      this.opening = this.#failed = false;
      this.window = new LineWindow(page);
      this.error = undefined;
      this.generation++;
      if (typeof beginning === "object") this.missing = undefined;
      this.#options.onChange();
      // Lines may have come while nobody listened for them.
      this.arrive();
    } catch (error) {
      if (over.signal.aborted) return;
      this.opening = false;
      if (typeof beginning === "object" && (error as { code?: string }).code === "not_found") {
        this.missing = beginning.line;
        return await this.open("end");
      }
      this.#failed = true;
      this.error = error as Error;
      this.#options.onChange();
    }
  }

  /** Asks again for what had no answer. */
  retry(): void {
    this.error = undefined;
    this.arrive();
    this.#options.onChange();
  }

  /** Makes the window longer at one end; nothing happens when that is the run's, or when it is asked for already. */
  async more(end: "older" | "newer"): Promise<void> {
    const window = this.window;
    const cursor = window?.[end];
    if (window === undefined || cursor == null || this[end] || this.error !== undefined) return;
    const { signal } = this.#over;
    this[end] = true;
    this.#options.onChange();
    try {
      const limit = this.#options.page ?? PAGE;
      const query = end === "older" ? { before: cursor, limit } : { after: cursor, limit };
      const page = await this.#options.ask(query, signal);
      if (signal.aborted) return;
      const before = window.arrived;
      if (end === "older") window.takeOlder(cursor, page);
      else window.takeNewer(cursor, page);
      window.trim(end === "older" ? "newer" : "older", this.#options.mostHeld ?? MOST_HELD);
      this.error = undefined;
      // The page was read before an arrival that was answered earlier.
      if (window.arrived < before) this.arrive();
    } catch (error) {
      if (signal.aborted) return;
      this.error = error as Error;
    }
    this[end] = false;
    this.#options.onChange();
  }

  /** The run has new lines. */
  arrive(): void {
    // What is held may be of another filter than the one whose beginning had no answer.
    if (this.#failed) return void this.open(this.#beginning);
    if (this.window === undefined || this.opening) return;
    if (this.#asking) this.#again = true;
    else void this.#arrivals();
  }

  async #arrivals(): Promise<void> {
    const window = this.window!;
    const { signal } = this.#over;
    const since = window.arrived;
    this.#asking = true;
    this.#again = false;
    try {
      const page = await this.#options.ask({ since, limit: MOST_ARRIVALS }, signal);
      if (signal.aborted) return;
      const isFull = page.records.length === MOST_ARRIVALS;
      // Somebody who looks at the end wants the end: the rest is read when it is scrolled to.
      if (isFull && this.following) return await this.open("end");
      if (isFull) this.#again = true;
      this.lastBatch = window.takeArrived(since, page);
      if (window.arrived < page.arrived) this.#again = true;
      if (this.following) window.trim("older", this.#options.mostHeld ?? MOST_HELD);
      const isNews = page.records.length > 0 || this.error !== undefined;
      this.error = undefined;
      if (isNews) this.#options.onChange();
    } catch (error) {
      if (signal.aborted) return;
      this.error = error as Error;
      this.#options.onChange();
    }
    this.#timer = setTimeout(() => {
      this.#asking = false;
      if (this.#again) void this.#arrivals();
    }, this.#options.restMs ?? REST_MS);
  }

  /** Stops everything. */
  close(): void {
    this.#over.abort();
    clearTimeout(this.#timer);
  }
}
