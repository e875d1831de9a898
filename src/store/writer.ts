/**
 * The one writer: closures of one turn of the event loop share a commit, each in a savepoint of its own.
 *
 * With `synchronous=FULL` a commit is an fsync; shared by all who write at the same moment it allows some 100,000 writes a
 * second, and still nobody is answered before their write is on disk.
 *
 * @module
 */

import { FlowctlError, messageOf } from "../support/errors.ts";
import type { Change } from "./changes.ts";
import type { Connection } from "./connection.ts";
import { isBusy, reasonOf } from "./sqlite_errors.ts";

interface Entry {
  work: (announce: (change: Change) => void) => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** How long BEGIN is tried before the write is given up with `unavailable`, in milliseconds. */
const GIVE_UP_MS = 30_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** See the module's comment. */
export class Writer {
  readonly #connection: Connection;
  readonly #publish: (changes: Change[]) => void;
  #queue: Entry[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(connection: Connection, publish: (changes: Change[]) => void) {
    this.#connection = connection;
    this.#publish = publish;
    connection.open = false;
  }

  /** Runs the closure in a savepoint; resolves with its value after the commit, rejects when it threw (nothing is kept then). */
  write<T>(work: Entry["work"] & ((announce: (change: Change) => void) => Promise<T>)): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) return reject(new FlowctlError("unavailable", "Cannot write: the database is closed"));
      this.#queue.push({ work, resolve: resolve as Entry["resolve"], reject });
      this.#running ??= this.#run();
    });
  }

  /** Waits for what was asked for; later writes are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      await this.#commit(this.#queue.splice(0));
    }
    this.#running = undefined;
  }

  async #commit(batch: Entry[]): Promise<void> {
    const connection = this.#connection;
    const answers: (() => void)[] = [];
    const announced: Change[] = [];
    try {
      await this.#begin();
    } catch (error) {
      for (const entry of batch) entry.reject(error);
      return;
    }
    try {
      for (const { work, resolve, reject } of batch) {
        const own: Change[] = [];
        connection.control("SAVEPOINT w");
        try {
          connection.open = true;
          const value = await work((change) => own.push(change)).finally(() => void (connection.open = false));
          connection.control("RELEASE w");
          announced.push(...own);
          answers.push(() => resolve(value));
        } catch (error) {
          connection.control("ROLLBACK TO w");
          connection.control("RELEASE w");
          answers.push(() => reject(error));
        }
      }
      connection.control("COMMIT");
    } catch (error) {
      this.#abandon(batch, error);
      return;
    }
    for (const answer of answers) answer();
    this.#publish(announced);
  }

  /** Nothing of the batch was kept: the disk is full, or broken. Promises that were answered already ignore it. */
  #abandon(batch: Entry[], error: unknown): void {
    try {
      this.#connection.control("ROLLBACK");
    } catch {
      // SQLite rolled back by itself.
    }
    const told = new FlowctlError(
      "unavailable",
      `Cannot write to the database: ${reasonOf(error) ?? messageOf(error)}`,
      {
        cause: error,
      },
    );
    for (const entry of batch) entry.reject(told);
  }

  async #begin(): Promise<void> {
    const started = performance.now();
    for (let tries = 0;; tries++) {
      try {
        return this.#connection.control("BEGIN IMMEDIATE");
      } catch (error) {
        if (!isBusy(error)) throw this.#refusal(error);
        if (performance.now() - started > GIVE_UP_MS) throw this.#refusal(error);
        // busy_timeout is 10 ms, as a longer one stops the event loop; the waiting is done here.
        await pause(1 + Math.random() * Math.min(2 ** tries, 20));
      }
    }
  }

  #refusal(error: unknown): FlowctlError {
    return new FlowctlError("unavailable", `Cannot write to the database: ${reasonOf(error) ?? messageOf(error)}`, {
      hint: "Try again; if it stays so, look for a program that keeps the database open.",
      cause: error,
    });
  }
}
