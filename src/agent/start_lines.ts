/**
 * Lines of a run that the agent itself writes while it gets ready to start it: how far a pull is.
 *
 * Their keys are `<attempt>:p<timestamp>:<ordinal>`. They go out in the background, so that a slow API holds up no start.
 *
 * @module
 */

import { LOG_LEVELS, type LogCreate } from "../domain/logs.ts";
import type { Lease } from "../domain/agents.ts";
import { formatInstant } from "../support/clock.ts";
import { messageOf } from "../support/errors.ts";
import { harmless } from "../support/text.ts";
import { batchSize, deliver, type DeliverOptions } from "./deliver.ts";

/** The logger's name in the records. */
const NAME = "flowctl.Agent";
/** A pull writes a line every two seconds at most; so many wait only while the API is away for long. */
const MOST_WAITING = 1000;

/** See the module's comment. */
export class StartLines {
  readonly #options: DeliverOptions & { lease: Lease };
  readonly #waiting: LogCreate[] = [];
  #count = 0;
  #isRefused = false;
  #sending?: Promise<void>;

  constructor(options: DeliverOptions & { lease: Lease }) {
    this.#options = options;
  }

  /** Writes a line. */
  tell(line: string): void {
    if (this.#isRefused || this.#waiting.length >= MOST_WAITING) return;
    const { clock, lease } = this.#options;
    const timestamp = formatInstant(clock.now());
    this.#waiting.push({
      name: NAME,
      level: LOG_LEVELS.INFO,
      message: harmless(line),
      timestamp,
      flow_run_id: lease.flow_run_id,
      key: `${lease.attempt}:p${timestamp}:${this.#count++}`,
    });
    this.#sending ??= this.#send();
  }

  /** Resolves when the API has all lines, will not take them, or the agent is to stop. */
  async delivered(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
  }

  async #send(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.splice(0, batchSize(this.#waiting, (record) => record));
        if (await deliver(batch, this.#options) === "delivered") continue;
        this.#isRefused = true;
        this.#waiting.length = 0;
      }
    } catch (error) {
      this.#options.log.warning(messageOf(error));
    } finally {
      this.#sending = undefined;
    }
  }
}
