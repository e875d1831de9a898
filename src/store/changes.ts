/**
 * What was committed, told to whoever waits for it: long polls, claims, the scheduler.
 *
 * @module
 */

import { type FSWatcher, watch } from "node:fs";
import type { Change } from "../domain/changes.ts";

export type { Change };

/** Hears of changes. It must not throw and must not wait. */
export type ChangeListener = (change: Change) => void;

/** See the module's comment. */
export interface Changes {
  /** Hears of every change after its commit, in the order of commits. Returns what ends the subscription. */
  subscribe(listener: ChangeListener): () => void;
}

/**
 * Another process's commits are looked for whenever the write-ahead log was touched, and, where the system does not tell of that
 * (network file systems), this often, in milliseconds. Looking every 30 ms instead costs an idle server 0.6 % of a core.
 */
const POLL_MS = 1000;

/** At most this often: own commits touch the log, too. */
const REST_MS = 5;

/** {@link Changes} that the store feeds. */
export class ChangeFeed implements Changes {
  readonly #listeners = new Set<ChangeListener>();
  readonly #dataVersion: () => number;
  readonly #log: string;
  #seen = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #watcher: FSWatcher | undefined;

  /**
   * @param dataVersion `PRAGMA data_version` of the writing connection: own commits do not change it.
   * @param log Path of the write-ahead log, which every commit touches.
   */
  constructor(dataVersion: () => number, log: string) {
    this.#dataVersion = dataVersion;
    this.#log = log;
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
    try {
      this.#watcher = watch(this.#log, { persistent: false }, () => {
        // Deno tells of what happened before the watcher was closed also afterwards.
        if (this.#timer === undefined) return;
        this.#rest ??= setTimeout(() => {
          this.#rest = undefined;
          this.#look();
        }, REST_MS);
      });
      // The timer looks instead when watching ends, for example because the system has no watches left.
      this.#watcher.on("error", () => {});
    } catch {
      // No file system tells of everything; the timer does.
    }
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
    clearTimeout(this.#rest);
    this.#watcher?.close();
    this.#timer = this.#rest = this.#watcher = undefined;
  }
}
