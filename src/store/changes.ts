/**
 * What was committed, told to whoever waits for it: long polls, claims, the scheduler.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import type { StateType } from "../domain/states.ts";

/** One committed change. */
export type Change =
  /** A run has another state; null when it was deleted. */
  | { kind: "flow_run"; id: Id; state: StateType | null }
  | { kind: "logs"; flow_run_id: Id }
  /** A deployment was made, changed or deleted. */
  | { kind: "deployment"; id: Id }
  /** Another process committed; what, is not known. */
  | { kind: "elsewhere" };

/** Hears of changes. It must not throw and must not wait. */
export type ChangeListener = (change: Change) => void;

/** See the module's comment. */
export interface Changes {
  /** Hears of every change after its commit, in the order of commits. Returns what ends the subscription. */
  subscribe(listener: ChangeListener): () => void;
}

/** How often another process's commits are looked for, in milliseconds; one look costs 3 µs. */
const POLL_MS = 30;

/** {@link Changes} that the store feeds. */
export class ChangeFeed implements Changes {
  readonly #listeners = new Set<ChangeListener>();
  readonly #dataVersion: () => number;
  #seen = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param dataVersion `PRAGMA data_version` of the writing connection: own commits do not change it. */
  constructor(dataVersion: () => number) {
    this.#dataVersion = dataVersion;
  }

  subscribe(listener: ChangeListener): () => void {
    // A wrapper, so that the same function subscribed twice is heard and ended twice.
    const own: ChangeListener = (change) => listener(change);
    if (this.#listeners.size === 0) this.#start();
    this.#listeners.add(own);
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#stop();
    };
  }

  publish(changes: readonly Change[]): void {
    for (const change of changes) {
      for (const listener of [...this.#listeners]) listener(change);
    }
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    this.#seen = this.#dataVersion();
    this.#timer = setInterval(() => this.#look(), POLL_MS);
    (this.#timer as unknown as { unref(): void }).unref();
  }

  #look(): void {
    let version: number;
    try {
      version = this.#dataVersion();
    } catch {
      return; // Busy: the next look sees it.
    }
    if (version === this.#seen) return;
    this.#seen = version;
    this.publish([{ kind: "elsewhere" }]);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
