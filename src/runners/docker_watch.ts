/**
 * Whether the engine answers, and which of our containers ended.
 *
 * One event stream is kept open. An engine that is away says nothing about its containers: while it is away nothing is declared
 * dead, and when it is back everybody who follows a container looks for themselves.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import { isEngineUnreachable } from "../docker/errors.ts";
import type { ContainerState, EngineInfo } from "../docker/types.ts";
import { backoff } from "../support/backoff.ts";
import type { Clock } from "../support/clock.ts";
import { FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import { LABELS, type RunnerHost } from "./runner.ts";

/** How long the engine may take for an answer that takes it a millisecond. */
const PING_MS = 5_000;
/** How often an engine that says nothing is asked whether it is there: a connection may die, and an engine hang, without a word. */
export const PING_EVERY_MS = 30_000;

/** How long after the end of a container the engine may tell that it ran out of memory. */
const LATE_OOM_MS = 1_000;

/** Watches one engine. */
export class DockerWatch {
  readonly #docker: Docker;
  readonly #closing = new AbortController();
  readonly #readyListeners = new Set<() => void>();
  /** By container id: whoever wants to know that something happened to it. */
  readonly #followers = new Map<string, Set<() => void>>();
  #info?: EngineInfo;
  #isReady = false;
  #session = AbortSignal.abort(lost("?"));
  #loop: Promise<void> = Promise.resolve();

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  /** Whether the engine answered and its events are being followed. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Aborted as soon as the engine is found to be away: what still waits for it waits in vain. */
  get session(): AbortSignal {
    return this.#session;
  }

  /** What the engine said about itself, when it answered last. */
  get info(): EngineInfo | undefined {
    return this.#info;
  }

  /** Aborted by {@link close}. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Begins. */
  open(host: RunnerHost): void {
    if (this.#docker.isOpenToOthers) {
      host.log.warning(
        `The engine at "${this.#docker.address}" is reached without encryption: whoever is on the way can run anything there. ` +
          "Use TLS (DOCKER_TLS_VERIFY), or an SSH tunnel",
      );
    }
    this.#loop = this.#run(host);
  }

  /** Ends; who waits for {@link whenReady} goes on. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#setReady(false);
    await this.#loop;
  }

  /** Calls back whenever {@link isReady} changes. */
  onReadyChange(listener: () => void): () => void {
    this.#readyListeners.add(listener);
    return () => this.#readyListeners.delete(listener);
  }

  /** Resolves when the engine answers; also when waiting is in vain, because of a signal or {@link close}. */
  async whenReady(signal?: AbortSignal): Promise<void> {
    const ends = signal === undefined ? this.signal : AbortSignal.any([signal, this.signal]);
    if (this.#isReady || ends.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        if (!this.#isReady && !ends.aborted) return;
        this.#readyListeners.delete(done);
        ends.removeEventListener("abort", done);
        resolve();
      };
      this.#readyListeners.add(done);
      ends.addEventListener("abort", done, { once: true });
    });
  }

  /** Calls back when a container ended or was removed, and when the engine is back after it was away. */
  follow(containerId: string, listener: () => void): () => void {
    const listeners = this.#followers.get(containerId) ?? new Set();
    this.#followers.set(containerId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#followers.delete(containerId);
    };
  }

  /**
   * Whether the engine told that a container which has ended ran out of memory. Docker learns of it by another way than of the end;
   * when it learns of it later (seen with 20.10, one in sixty on a busy machine), `OOMKilled` stays false for ever. What runs out of
   * memory before its start is over is never told.
   */
  async toldOutOfMemory(containerId: string, { StartedAt, FinishedAt }: ContainerState): Promise<boolean> {
    const until = Temporal.Instant.from(FinishedAt).add({ milliseconds: LATE_OOM_MS });
    const filters = { type: ["container"], container: [containerId], event: ["oom"] };
    const options = { filters, since: StartedAt, until, signal: this.#session };
    try {
      for await (const _ of this.#docker.getEvents(options)) return true;
    } catch (error) {
      // An engine that does not answer this question has told nothing.
      if (isEngineUnreachable(error)) throw error;
    }
    return false;
  }

  #setReady(isReady: boolean): void {
    if (this.#isReady === isReady) return;
    this.#isReady = isReady;
    for (const listener of [...this.#readyListeners]) listener();
    if (!isReady) return;
    for (const listeners of [...this.#followers.values()]) for (const listener of [...listeners]) listener();
  }

  async #run({ installation, clock, random, log }: RunnerHost): Promise<void> {
    const { signal } = this;
    const delays = backoff({ baseMs: 250, maxMs: 10_000, random });
    let wasWarned = false;
    while (!signal.aborted) {
      const session = new AbortController();
      const present = AbortSignal.any([signal, session.signal]);
      let pings: Promise<void> | undefined;
      try {
        this.#info = await within(PING_MS, clock, signal, (signal) => this.#docker.info({ signal }));
        const events = this.#docker.getEvents({
          filters: {
            type: ["container"],
            event: ["die", "destroy"],
            label: [`${LABELS.installation}=${installation}`],
          },
          signal: present,
          onOpen: () => {
            this.#session = session.signal;
            pings = this.#pings(clock, session);
            delays.reset();
            if (wasWarned) log.info(`The Docker Engine at "${this.#docker.address}" answers: Docker runs are taken`);
            wasWarned = false;
            this.#setReady(true);
          },
        });
        for await (const { Actor } of events) {
          for (const listener of [...this.#followers.get(Actor.ID) ?? []]) listener();
        }
        // An engine that shuts down ends the stream in good order; the next round finds out.
      } catch (error) {
        if (signal.aborted) break;
        // Said once, and only when the engine does not come back by itself at once: a restart breaks the stream too.
        const isGone = isEngineUnreachable(error) && !this.#isReady;
        if (!wasWarned && (isGone || !isEngineUnreachable(error))) {
          wasWarned = true;
          const hint = isFlowctlError(error) && error.hint !== undefined ? ` (${error.hint})` : "";
          log.warning(`${messageOf(error)}${hint}. Taking Docker runs is paused until it answers`);
        }
      } finally {
        session.abort(lost(this.#docker.address));
        await pings;
      }
      this.#setReady(false);
      await clock.sleep(delays.next(), signal);
    }
  }

  /** Ends the session when the engine does not answer any more. */
  async #pings(clock: Clock, session: AbortController): Promise<void> {
    const { signal } = session;
    while (true) {
      await clock.sleep(PING_EVERY_MS, AbortSignal.any([signal, this.signal]));
      if (signal.aborted || this.signal.aborted) return;
      try {
        await within(PING_MS, clock, AbortSignal.any([signal, this.signal]), (signal) => this.#docker.ping({ signal }));
      } catch (error) {
        if (isEngineUnreachable(error)) return session.abort(lost(this.#docker.address));
      }
    }
  }
}

/** What a request ends with that was under way when its engine was found to be away. */
const lost = (address: string) =>
  new FlowctlError("unavailable", `Lost the Docker Engine at "${address}"`, { details: { engine: "unreachable" } });

/** Runs something that has to answer in time. */
async function within<T>(
  ms: number,
  clock: Clock,
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const late = new AbortController();
  const timer = clock.sleep(ms, done.signal).then(() => {
    if (!done.signal.aborted) late.abort(new DOMException("timed out", "TimeoutError"));
  });
  try {
    return await act(AbortSignal.any([signal, late.signal]));
  } finally {
    done.abort();
    await timer;
  }
}
