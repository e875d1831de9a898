/**
 * Sends log records to the API: in batches, in order, and again while the API is away.
 *
 * Every record has a key that is unique in its run, so sending a batch twice stores it once. What waits is bounded by bytes; above
 * that the newest records are not taken, and the agent sends those, which it finds in what was printed.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { LogCreate } from "../domain/logs.ts";
import { backoff } from "../support/backoff.ts";
import type { Clock } from "../support/clock.ts";
import { isFlowctlError } from "../support/errors.ts";

/** What a sender needs. */
export interface LogSenderOptions {
  client: Client;
  clock: Clock;
  /** How long a record may wait for company, in milliseconds. */
  delayMs?: number;
  /** A batch has at most this many records, and is sent at once when it has. */
  batch?: number;
  /** How much may wait while the API is away. */
  maxBytes?: number;
  /** How long the API may be away before the rest is given up, in milliseconds. */
  graceMs?: number;
}

const MAX_BATCH_BYTES = 1_000_000;

/** See the module's comment. */
export class LogSender {
  readonly #options: Required<LogSenderOptions>;
  readonly #queue: LogCreate[] = [];
  #bytes = 0;
  #dropped = 0;
  #isClosed = false;
  #flushes = 0;
  #wake: AbortController | undefined;
  #running: Promise<void> | undefined;

  constructor(options: LogSenderOptions) {
    this.#options = { delayMs: 100, batch: 500, maxBytes: 32 * 1024 * 1024, graceMs: 600_000, ...options };
  }

  /** How many records were given up. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a record, or answers false when it can't be kept. Never waits. */
  add(record: LogCreate): boolean {
    const size = sizeOf(record);
    if (this.#isClosed || this.#bytes + size > this.#options.maxBytes) {
      this.#dropped++;
      return false;
    }
    this.#queue.push(record);
    this.#bytes += size;
    if (this.#running === undefined) this.#running = this.#run();
    else if (this.#queue.length >= this.#options.batch) this.#wake?.abort();
    return true;
  }

  /** Resolves when all records added so far are stored or given up. Never rejects. */
  async flush(): Promise<void> {
    this.#flushes++;
    this.#wake?.abort();
    await this.#running;
    this.#flushes--;
  }

  /** Stores what is left; later records are dropped. */
  async close(): Promise<void> {
    await this.flush();
    this.#isClosed = true;
  }

  /** Gives up: the attempt is not the current one any more. */
  abandon(): void {
    this.#isClosed = true;
    this.#giveUp(this.#queue.length);
    this.#wake?.abort();
  }

  async #run(): Promise<void> {
    const { clock, delayMs, batch } = this.#options;
    while (this.#queue.length > 0) {
      if (this.#queue.length < batch && this.#flushes === 0) {
        this.#wake = new AbortController();
        await clock.sleep(delayMs, this.#wake.signal);
        this.#wake = undefined;
      }
      if (this.#queue.length > 0) await this.#send(this.#next());
    }
    this.#running = undefined;
  }

  #next(): number {
    let bytes = 0;
    let count = 0;
    for (const record of this.#queue) {
      bytes += sizeOf(record);
      if (count > 0 && (count >= this.#options.batch || bytes > MAX_BATCH_BYTES)) break;
      count++;
    }
    return count;
  }

  async #send(count: number): Promise<void> {
    const { client, clock, graceMs } = this.#options;
    const delays = backoff({ baseMs: 100, maxMs: 3000 });
    const until = clock.now().epochMilliseconds + graceMs;
    for (;;) {
      try {
        await client.logs.create(this.#queue.slice(0, count));
        this.#remove(count);
        return;
      } catch (error) {
        // What is neither a no to these records nor to this attempt is the API's own trouble, and passes.
        const isNo = ["invalid", "too_large", "forbidden", "conflict", "not_found", "unauthorized"].some((code) =>
          isFlowctlError(error, code as "invalid")
        );
        if (isFlowctlError(error, "fenced")) return this.abandon();
        if (!isNo && clock.now().epochMilliseconds < until && !this.#isClosed) {
          await clock.sleep(delays.next());
        } else if (isNo && count > 1) {
          // One record that the API does not take must not cost the others.
          count = Math.ceil(count / 2);
        } else {
          return this.#giveUp(count);
        }
      }
    }
  }

  #remove(count: number): void {
    for (const record of this.#queue.splice(0, count)) this.#bytes -= sizeOf(record);
  }

  #giveUp(count: number): void {
    this.#dropped += Math.min(count, this.#queue.length);
    this.#remove(count);
  }
}

/** About what a record takes on the wire. */
const sizeOf = (record: LogCreate): number => record.message.length + 300;
