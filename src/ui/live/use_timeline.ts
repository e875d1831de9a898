/**
 * The timeline of a flow run, kept true: read once, and then what changed of it.
 *
 * `use_live.ts` asks for the whole of what is shown; of ten thousand task runs that would be a megabyte with each change. Nothing is
 * asked for at intervals here either. The parts of a page that show the same run share what is known of it, and one question.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { Change } from "../../domain/changes.ts";
import { api } from "../api.ts";
import { emptyModel, mergeTimeline, type TimelineModel } from "../components/timeline/model.ts";
import { onChanges } from "./stream.ts";

/** The least time between two questions, in milliseconds; more when answers are slow. */
const REST_MS = 300;
/** Whose tasks are remembered, so that going back to a run shows them at once. */
const MOST_REMEMBERED = 3;

class Feed {
  readonly model: TimelineModel;
  error: Error | undefined;
  readonly #listeners = new Set<() => void>();
  #over: AbortController | undefined;
  #isAsking = false;
  #again = false;
  /** Runs that were heard of while a question was under way: its answer may tell that they belong here. */
  #unknown = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop = () => {};

  constructor(id: string) {
    this.model = emptyModel(id);
  }

  get isUsed(): boolean {
    return this.#listeners.size > 0;
  }

  listen(listener: () => void): () => void {
    if (!this.isUsed) this.#begin();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (!this.isUsed) this.#end();
    };
  }

  refresh = (): void => {
    if (this.#isAsking) this.#again = true;
    else void this.#ask();
  };

  #begin(): void {
    this.#over = new AbortController();
    this.#stop = onChanges((changes) => {
      if (changes.some((change) => this.#concerns(change))) this.refresh();
    });
    this.refresh();
  }

  #end(): void {
    this.#over?.abort();
    this.#stop();
    clearTimeout(this.#timer);
    this.#isAsking = false;
  }

  #concerns(change: Change): boolean {
    if (change.kind === "elsewhere") return true;
    const id = change.kind === "task_run" ? change.flow_run_id : change.kind === "flow_run" ? change.id : null;
    if (id === null) return false;
    if (this.#isAsking) this.#unknown.add(id);
    return this.model.flowRuns.has(id);
  }

  async #ask(): Promise<void> {
    const { signal } = this.#over!;
    this.#isAsking = true;
    this.#again = false;
    this.#unknown = new Set();
    const began = performance.now();
    try {
      const answer = await api.timelines.read(this.model.flowRunId, this.model.after, signal);
      if (signal.aborted) return;
      const isTrue = mergeTimeline(this.model, answer);
      this.error = undefined;
      if ([...this.#unknown].some((id) => this.model.flowRuns.has(id))) this.#again = true;
      if (!isTrue) {
        this.model.after = undefined;
        if (!answer.whole) this.#again = true;
      }
    } catch (error) {
      if (signal.aborted) return;
      this.error = error as Error;
    }
    for (const listener of [...this.#listeners]) listener();
    this.#timer = setTimeout(() => {
      this.#isAsking = false;
      if (this.#again) void this.#ask();
    }, Math.max(REST_MS, 3 * (performance.now() - began)));
  }
}

const feeds = new Map<string, Feed>();

function feedOf(id: string): Feed {
  const feed = feeds.get(id) ?? new Feed(id);
  feeds.delete(id);
  feeds.set(id, feed);
  for (const [other, { isUsed }] of feeds) {
    if (feeds.size > MOST_REMEMBERED && !isUsed && other !== id) feeds.delete(other);
  }
  return feed;
}

/** What a part of a page is given. */
export interface LiveTimeline {
  /** Changed in place: what is computed from it depends on its `version`. Nothing is known as long as that is 0. */
  model: TimelineModel;
  error: Error | undefined;
  refresh: () => void;
}

/** See the module's comment. */
export function useTimeline(flowRunId: string): LiveTimeline {
  const [, render] = useState({});
  const feed = feedOf(flowRunId);
  useEffect(() => feed.listen(() => render({})), [feed]);
  return { model: feed.model, error: feed.error, refresh: feed.refresh };
}
