/**
 * The lines that an attempt prints: shown in the agent's terminal, and shipped as log records when the flow did not do so itself.
 *
 * A line of the SDK bears a mark with its record's number, for the SDK sends that record itself. Lines without one (other
 * programs, a crash before the SDK loads) are shipped under `<attempt>:c<timestamp>:<ordinal>`; marked ones under the SDK's own
 * key, at once when the mark says that they were not sent, else only after an abrupt end. The API ignores keys that it has, so
 * sending twice is safe.
 *
 * @module
 */

import type { LogCreate } from "../domain/logs.ts";
import type { PrintedLine } from "../runners/runner.ts";
import type { Clock } from "../support/clock.ts";
import { readMark } from "../support/log_marks.ts";
import { BATCH_RECORDS, batchSize, deliver, type DeliverOptions } from "./deliver.ts";
import { type LineSource, markedRecords, rawRecords, RecordJoiner, textBeforeRecord } from "./records.ts";
import type { ShownLine } from "./shown_runs.ts";

/** The first line goes at once; those of the next moments go together. */
const GATHER_MS = 100;
/** While the API is away so much waits here; then reading stops, and the engine keeps the rest. */
const WAITING_RECORDS = 10_000;
const WAITING_CHARACTERS = 8_000_000;

/** See {@link shipLines}. */
export interface ShipOptions extends DeliverOptions, LineSource {
  /** Shows a line; undefined when nobody wants to see it. */
  print?: (line: ShownLine) => void;
  /** Everything up to this time has been delivered. */
  onDelivered?: (timestamp: string) => void;
  clock: Clock;
}

/** What became of the lines: `abandoned` when the signal was aborted before all had been delivered. */
export type Shipped = "delivered" | "refused" | "abandoned";

/** Reads the lines to their end; resolves when all have been delivered, or can't be. */
export async function shipLines(lines: AsyncIterable<PrintedLine>, options: ShipOptions): Promise<Shipped> {
  const { print, onDelivered = () => {}, clock, signal } = options;
  const waiting: { record: LogCreate; timestamp: string }[] = [];
  const joiner = new RecordJoiner();
  /** The record that goes on in the next line. */
  let open: number | undefined;
  let characters = 0;
  let shipping: Promise<void> | undefined;
  const ending = new AbortController();
  const hurry = AbortSignal.any([signal, ending.signal]);
  let outcome = "delivered" as Shipped;

  async function ship(): Promise<void> {
    while (waiting.length > 0 && outcome === "delivered") {
      const batch = waiting.slice(0, batchSize(waiting, ({ record }) => record));
      outcome = await deliver(batch.map(({ record }) => record), options);
      // What was given up is not delivered: whoever comes next reads it again.
      if (outcome === "abandoned") return;
      waiting.splice(0, batch.length);
      for (const { record } of batch) characters -= record.message.length;
      onDelivered(batch.at(-1)!.timestamp);
      if (waiting.length < BATCH_RECORDS) await clock.sleep(GATHER_MS, hurry);
    }
    shipping = undefined;
  }
  async function take(records: LogCreate[], timestamp: string): Promise<void> {
    if (outcome !== "delivered") return;
    for (const record of records) {
      waiting.push({ record, timestamp });
      characters += record.message.length;
    }
    if (waiting.length > 0) shipping ??= ship();
    if (waiting.length >= WAITING_RECORDS || characters >= WAITING_CHARACTERS) await shipping;
  }

  for await (const line of lines) {
    const { text, mark } = readMark(line.text);
    print?.({ text, stream: line.stream, timestamp: line.timestamp, isRecord: mark !== undefined });
    const isFirst = mark === undefined || mark.sequence !== open;
    if (mark !== undefined) open = mark.continues ? mark.sequence : undefined;
    const unmarked = mark === undefined ? text : isFirst ? textBeforeRecord(text) : undefined;
    if (unmarked !== undefined) await take(rawRecords(line, unmarked, options), line.timestamp);
    if (mark?.isUnsent) {
      const whole = joiner.add(line, text.slice(unmarked?.length), mark);
      if (whole !== undefined) await take(markedRecords([whole], options), line.timestamp);
    } else if (waiting.length === 0 && joiner.isEmpty && outcome !== "abandoned") onDelivered(line.timestamp);
  }
  for (const whole of joiner.end()) await take(markedRecords([whole], options), whole.timestamp);
  ending.abort();
  await shipping;
  return outcome;
}

/** Ships marked lines under the keys of the records that they copy: those that the API lacks arrive, the others are ignored. */
export async function shipMarked(lines: readonly PrintedLine[], options: ShipOptions): Promise<void> {
  const joiner = new RecordJoiner();
  const whole = lines.flatMap((line) => {
    const { text, mark } = readMark(line.text);
    if (mark === undefined) return [];
    const before = joiner.isBegun(mark) ? undefined : textBeforeRecord(text);
    return [joiner.add(line, text.slice(before?.length), mark)].filter((one) => one !== undefined);
  });
  const records = markedRecords([...whole, ...joiner.end()], options);
  while (records.length > 0 && !options.signal.aborted) {
    const batch = records.splice(0, batchSize(records, (record) => record));
    if (await deliver(batch, options) !== "delivered") return;
  }
}
