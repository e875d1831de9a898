/**
 * A container of ours that runs, or has ended and is to be read.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import type { Container } from "../docker/containers.ts";
import { isEngineUnreachable } from "../docker/errors.ts";
import type { ContainerState } from "../docker/types.ts";
import type { Holder } from "../domain/attempts.ts";
import { backoff } from "../support/backoff.ts";
import type { Clock } from "../support/clock.ts";
import { isFlowctlError, messageOf } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import type { DockerWatch } from "./docker_watch.ts";
import { type Exit, LABELS, LastLines, LONGEST_LINE_BYTES, type PrintedLine, type RunningAttempt } from "./runner.ts";

/** See {@link DockerAttempt}. */
export interface DockerAttemptOptions {
  /** Tells what registries call its image. */
  docker?: Pick<Docker, "getImage">;
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
/** The exit code of what SIGKILL ended. */
const KILLED = 137;
/** From so many lines on, those that can't be read again are forgotten. */
const REMEMBERED = 10_000;

/** See {@link RunningAttempt}. */
export class DockerAttempt implements RunningAttempt {
  readonly kind = "container";
  readonly name: string;
  readonly infrastructurePid: string;
  readonly streamOutput: boolean;
  readonly hasCommand: boolean;
  readonly holder: Holder;
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
    this.holder = { kind: "container", name: options.name, container_id: options.container.id };
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

  async describe(): Promise<Holder | undefined> {
    const { docker, container, watch, log } = this.#options;
    const signal = watch.session;
    try {
      const { Created, Image, Config, State, NetworkSettings } = await container.inspect({ signal });
      const image = await docker?.getImage(Image).inspect({ signal }).catch(() => undefined);
      return {
        ...this.holder,
        image: Config.Image,
        image_id: Image,
        digest: digestOf(Config.Image, image?.RepoDigests ?? []),
        networks: Object.keys(NetworkSettings?.Networks ?? {}),
        engine_id: watch.info?.ID || undefined,
        host: watch.info?.Name || undefined,
        created: Created,
        // Null of Go's times: it was not started yet.
        started: State.StartedAt?.startsWith("0001-") ? undefined : State.StartedAt,
      };
    } catch (error) {
      log.debug(messageOf(error));
      return undefined;
    }
  }

  async stop(graceMs: number): Promise<void> {
    const { container, watch, log, clock } = this.#options;
    const delays = backoff({ baseMs: 500, maxMs: 10_000 });
    // Not bound to any signal: whoever cancels a run is not the one who cancels its end.
    while (!this.#ended.signal.aborted && !watch.signal.aborted) {
      try {
        await container.stop({ t: Math.ceil(graceMs / 1000) });
        return await this.#look();
      } catch (error) {
        if (isFlowctlError(error, "not_found")) return await this.#look();
        // An engine may fail at this for a while: a process that is stuck in the kernel, a runtime that is busy.
        if (!isEngineUnreachable(error)) log.warning(messageOf(error));
        await watch.whenReady(this.#ended.signal);
        await clock.sleep(delays.next(), AbortSignal.any([this.#ended.signal, watch.signal]));
      }
    }
  }

  async lastLines(count: number): Promise<PrintedLine[]> {
    const { container, tty } = this.#options;
    const lines = new LastLines(count);
    const number = ordinals();
    try {
      const options = { timestamps: true, tail: count, tty, maxLineBytes: LONGEST_LINE_BYTES };
      for await (const { stream, line, timestamp = "" } of container.logs(options)) {
        lines.add({ stream, text: line, timestamp, ordinal: number(timestamp) });
      }
    } catch (error) {
      // Removed, or the engine went away: what there is is told.
      this.#options.log.debug(messageOf(error));
    }
    return lines.last(count);
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

  /** A wait that the end of the container ends too; once it has ended, the whole time: who tries again must not spin. */
  async #pause(ms: number): Promise<void> {
    const signals = [this.#detached.signal, this.#options.watch.signal];
    if (!this.#ended.signal.aborted) signals.push(this.#ended.signal);
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
    // A question that went into a connection that is dead by now is never answered; the watch calls again when there is another.
    const signal = this.#options.watch.session;
    try {
      const { State, HostConfig } = await this.#options.container.inspect({ signal });
      const exit = exitOf(State);
      const mayBeOutOfMemory = exit?.code === KILLED && !exit.oomKilled && (HostConfig.Memory ?? 0) > 0;
      if (!mayBeOutOfMemory) return exit;
      const oomKilled = await this.#options.watch.toldOutOfMemory(this.#options.container.id, State);
      // Cut short when the engine went away: it is asked again when it is back.
      return signal.aborted ? undefined : { ...exit, oomKilled };
    } catch (error) {
      if (signal.aborted) return undefined;
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
    const { container, tty, watch, log } = this.#options;
    const told = new ToldLines();
    const stopped = AbortSignal.any([this.#detached.signal, watch.signal]);
    const delays = backoff({ baseMs: 200, maxMs: 10_000 });
    let isWarned = false;
    while (true) {
      await watch.whenReady(stopped);
      if (stopped.aborted) return;
      const { session } = watch;
      const hadEnded = this.#ended.signal.aborted;
      try {
        const number = ordinals();
        const from = since === undefined ? undefined : before(since, OVERLAP_MS);
        const signal = AbortSignal.any([stopped, session]);
        const options = { follow: true, timestamps: true, tty, maxLineBytes: LONGEST_LINE_BYTES, signal, since: from };
        for await (const { stream, line, timestamp = "" } of container.logs(options)) {
          const ordinal = number(timestamp);
          if (timestamp !== "") since = timestamp;
          if (!told.isNew(timestamp, ordinal)) continue;
          delays.reset();
          yield { stream, text: line, timestamp, ordinal };
        }
        // Whole only if the container had ended before the reading began: an engine that shuts down ends the stream too.
        if (hadEnded && !session.aborted) return;
      } catch (error) {
        if (stopped.aborted || isFlowctlError(error, "not_found")) return;
        if (!isEngineUnreachable(error)) {
          // Usually a log driver that can't be read; asking again helps only when the engine itself is in trouble.
          if (hadEnded) return;
          if (!isWarned) log.warning(messageOf(error));
          isWarned = true;
        }
        await this.#pause(delays.next());
      }
      if (this.#ended.signal.aborted) continue;
      await this.#look();
      if (!this.#ended.signal.aborted) await this.#pause(100);
    }
  }
}

/** Which lines were told already, so that what is read again is not told again. */
export class ToldLines {
  /** By time, how many of the lines of that time. */
  readonly #counts = new Map<string, number>();

  /** How many times are remembered. */
  get size(): number {
    return this.#counts.size;
  }

  /** Whether a line was not told before; it counts as told from now on. Lines of one time come in their order. */
  isNew(timestamp: string, ordinal: number): boolean {
    if (ordinal < (this.#counts.get(timestamp) ?? 0)) return false;
    this.#counts.set(timestamp, ordinal + 1);
    if (this.#counts.size >= REMEMBERED && this.#counts.size % REMEMBERED === 0) this.#forget(timestamp);
    return true;
  }

  /** Reading again begins {@link OVERLAP_MS} before the last line, so what is twice as old does not come again. */
  #forget(timestamp: string): void {
    if (timestamp === "") return;
    const oldest = Temporal.Instant.from(before(timestamp, 2 * OVERLAP_MS));
    for (const known of this.#counts.keys()) {
      if (known !== "" && Temporal.Instant.compare(known, oldest) < 0) this.#counts.delete(known);
    }
  }
}

/** How a container ended, when it has. One that was created and never started has not begun. */
export function exitOf({ Status, Running, ExitCode, OOMKilled, Error, FinishedAt }: ContainerState): Exit | undefined {
  if (Running || !["exited", "dead", "stopped"].includes(Status)) return undefined;
  return {
    code: ExitCode,
    oomKilled: OOMKilled,
    gone: false,
    ...Error === "" ? {} : { reason: Error },
    ...!FinishedAt || FinishedAt.startsWith("0001-") ? {} : { endedAt: FinishedAt },
  };
}

/** What registries call an image: that of the repository that was asked for, else the first one. */
export function digestOf(image: string, digests: readonly string[]): string | undefined {
  const repository = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  return digests.find((digest) => digest.startsWith(`${repository}@`)) ?? digests[0];
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
