/**
 * A container of ours that runs, or has ended and is to be read.
 *
 * @module
 */

import type { Container } from "../docker/containers.ts";
import { isEngineUnreachable } from "../docker/errors.ts";
import type { ContainerState } from "../docker/types.ts";
import { MAX_LOG_MESSAGE } from "../domain/logs.ts";
import type { Clock } from "../support/clock.ts";
import { isFlowctlError, messageOf } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import type { DockerWatch } from "./docker_watch.ts";
import { type Exit, LABELS, type PrintedLine, type RunningAttempt } from "./runner.ts";

/** See {@link DockerAttempt}. */
export interface DockerAttemptOptions {
  container: Container;
  name: string;
  labels: Record<string, string>;
  tty: boolean;
  watch: DockerWatch;
  clock: Clock;
  log: Log;
  /** See `AttachContext.since`. */
  since?: string;
}

/** How much is read again after an interruption. Two writers may put their lines down in another order than their times. */
const OVERLAP_MS = 1000;
/** How many keys of lines are remembered, so that what is read again is not told again. */
const REMEMBERED = 10_000;

/** See {@link RunningAttempt}. */
export class DockerAttempt implements RunningAttempt {
  readonly kind = "container";
  readonly name: string;
  readonly infrastructurePid: string;
  readonly streamOutput: boolean;
  readonly hasCommand: boolean;
  readonly lines: AsyncIterable<PrintedLine>;
  readonly exited: Promise<Exit>;
  readonly #options: DockerAttemptOptions;
  readonly #detached = new AbortController();
  readonly #ended = new AbortController();
  readonly #settle: (exit: Exit) => void;
  readonly #unfollow: () => void;
  #isLooking = false;
  #shouldLookAgain = false;

  constructor(options: DockerAttemptOptions) {
    this.#options = options;
    this.name = options.name;
    this.infrastructurePid = `docker://${options.container.id}`;
    this.streamOutput = options.labels[LABELS.streamOutput] !== "false";
    this.hasCommand = options.labels[LABELS.command] === "true";
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.exited = promise;
    this.#settle = resolve;
    this.#unfollow = options.watch.follow(options.container.id, () => void this.#look());
    this.lines = this.#readLines(options.since);
  }

  /** Looks whether it has ended, for one that may have ended before anybody listened. */
  async refresh(): Promise<void> {
    await this.#look();
  }

  async stop(graceMs: number): Promise<void> {
    const { container, watch } = this.#options;
    // Not bound to any signal: whoever cancels a run is not the one who cancels its end.
    while (!this.#ended.signal.aborted && !watch.signal.aborted) {
      try {
        await container.stop({ t: Math.ceil(graceMs / 1000) });
        return await this.#look();
      } catch (error) {
        if (isFlowctlError(error, "not_found")) return await this.#look();
        if (!isEngineUnreachable(error)) throw error;
        await watch.whenReady(this.#ended.signal);
        await this.#pause(100);
      }
    }
  }

  async lastLines(count: number): Promise<PrintedLine[]> {
    const { container, tty } = this.#options;
    const lines: PrintedLine[] = [];
    const number = ordinals();
    try {
      const options = { timestamps: true, tail: count, tty, maxLineBytes: MAX_LOG_MESSAGE };
      for await (const { stream, line, timestamp = "" } of container.logs(options)) {
        lines.push({ stream, text: line, timestamp, ordinal: number(timestamp) });
      }
    } catch (error) {
      // Removed, or the engine went away: what there is is told.
      this.#options.log.debug(messageOf(error));
    }
    return lines;
  }

  detach(): void {
    this.#detached.abort();
    this.#unfollow();
  }

  async cleanUp(): Promise<void> {
    this.detach();
    const { container, labels, watch, clock } = this.#options;
    if (labels[LABELS.autoRemove] !== "true") return;
    while (!watch.signal.aborted) {
      try {
        return await container.remove({ v: true });
      } catch (error) {
        // Somebody else was faster, or is at it.
        if (isFlowctlError(error, "not_found") || isFlowctlError(error, "conflict")) return;
        if (!isEngineUnreachable(error)) throw error;
        await watch.whenReady();
        await clock.sleep(100, watch.signal);
      }
    }
  }

  /** A wait that the end of the container ends too. */
  async #pause(ms: number): Promise<void> {
    const signals = [this.#detached.signal, this.#ended.signal, this.#options.watch.signal];
    await this.#options.clock.sleep(ms, AbortSignal.any(signals));
  }

  /** One look at a time; what happens meanwhile asks for another one. */
  async #look(): Promise<void> {
    this.#shouldLookAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#shouldLookAgain && !this.#ended.signal.aborted && !this.#detached.signal.aborted) {
        this.#shouldLookAgain = false;
        const exit = await this.#inspect();
        if (exit !== undefined) this.#end(exit);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #inspect(): Promise<Exit | undefined> {
    try {
      return exitOf((await this.#options.container.inspect()).State);
    } catch (error) {
      if (isFlowctlError(error, "not_found")) {
        return { code: null, oomKilled: false, gone: true, reason: "it was removed" };
      }
      // Away: the watch calls again when it is back. Anything else is the engine's own trouble and may pass.
      if (!isEngineUnreachable(error)) {
        this.#options.log.warning(messageOf(error));
        await this.#pause(1000);
        this.#shouldLookAgain = true;
      }
      return undefined;
    }
  }

  #end(exit: Exit): void {
    this.#ended.abort();
    this.#unfollow();
    this.#settle(exit);
  }

  async *#readLines(since: string | undefined): AsyncGenerator<PrintedLine, void, undefined> {
    const { container, tty, watch, clock } = this.#options;
    const seen = new Set<string>();
    const stopped = AbortSignal.any([this.#detached.signal, watch.signal]);
    let isSecond = false;
    while (!stopped.aborted) {
      const hadEnded = this.#ended.signal.aborted;
      try {
        const number = ordinals();
        const options = { follow: true, timestamps: true, tty, maxLineBytes: MAX_LOG_MESSAGE, signal: stopped };
        const from = since === undefined ? undefined : before(since, OVERLAP_MS);
        for await (const { stream, line, timestamp = "" } of container.logs({ ...options, since: from })) {
          const ordinal = number(timestamp);
          const key = `${timestamp} ${ordinal}`;
          if (timestamp !== "") since = timestamp;
          if (isSecond && seen.has(key)) continue;
          seen.add(key);
          if (seen.size > REMEMBERED) seen.delete(seen.values().next().value!);
          yield { stream, text: line, timestamp, ordinal };
        }
        // Whole only if the container had ended before the reading began: an engine that shuts down ends the stream too.
        if (hadEnded) return;
      } catch (error) {
        if (stopped.aborted || isFlowctlError(error, "not_found")) return;
        if (!isEngineUnreachable(error)) this.#options.log.warning(messageOf(error));
        await clock.sleep(100, stopped);
        await watch.whenReady(stopped);
      }
      isSecond = true;
      if (hadEnded) continue;
      await this.#look();
      if (!this.#ended.signal.aborted) await this.#pause(100);
    }
  }
}

/** How a container ended, when it has. One that was created and never started has not begun. */
export function exitOf({ Status, Running, ExitCode, OOMKilled, Error }: ContainerState): Exit | undefined {
  if (Running || !["exited", "dead", "stopped"].includes(Status)) return undefined;
  return { code: ExitCode, oomKilled: OOMKilled, gone: false, ...Error === "" ? {} : { reason: Error } };
}

/** How many times are kept in mind for {@link ordinals}; equal ones stand close together. */
const TIMES = 1000;

/** Numbers lines of equal times, in the order in which the engine keeps them. */
function ordinals(): (timestamp: string) => number {
  const counts = new Map<string, number>();
  return (timestamp) => {
    const n = counts.get(timestamp) ?? 0;
    counts.set(timestamp, n + 1);
    if (counts.size > TIMES) counts.delete(counts.keys().next().value!);
    return n;
  };
}

function before(timestamp: string, ms: number): string {
  return Temporal.Instant.from(timestamp).subtract({ milliseconds: ms }).toString();
}
