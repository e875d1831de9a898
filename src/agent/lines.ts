/**
 * The lines that an attempt prints: shown in the agent's terminal, and shipped as log records when the flow did not do so itself.
 *
 * A line of the SDK bears a mark with its record's number, for the SDK sends that record itself. Lines without one (other
 * programs, a crash before the SDK loads) are shipped under `<attempt>:c<timestamp>:<ordinal>`, marked ones, only after an abrupt
 * end, under the SDK's own key. The API ignores keys that it has, so sending twice is safe.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { LOG_LEVELS, type LogCreate, type LogLevelName, MAX_LOG_MESSAGE } from "../domain/logs.ts";
import type { PrintedLine } from "../runners/runner.ts";
import { backoff } from "../support/backoff.ts";
import type { Clock } from "../support/clock.ts";
import { isFlowctlError, messageOf } from "../support/errors.ts";
import { readMark } from "../support/log_marks.ts";
import type { Log } from "../support/log.ts";
import { harmless } from "../support/text.ts";

/** What is shipped in one request at most. */
const BATCH_RECORDS = 500;
const BATCH_CHARACTERS = 1_000_000;
/** The first line goes at once; those of the next moments go together. */
const GATHER_MS = 100;
/** While the API is away so many records wait here; then reading stops, and the engine keeps the rest. */
const WAITING_RECORDS = 10_000;

/** See {@link shipLines}. */
export interface ShipOptions {
  /** A client that bears the attempt's lease. */
  client: Client;
  flowRunId: string;
  attempt: number;
  /** The logger's name in the records: `flowctl.container`. */
  name: string;
  /** Shows a line, already harmless; undefined when nobody wants to see it. */
  print?: (line: string) => void;
  /** Everything up to this time has been delivered. */
  onDelivered?: (timestamp: string) => void;
  clock: Clock;
  random: () => number;
  log: Log;
  /** Gives up what has not been delivered. */
  signal: AbortSignal;
}

/** Reads the lines to their end; resolves when all have been delivered, or can't be. */
export async function shipLines(lines: AsyncIterable<PrintedLine>, options: ShipOptions): Promise<void> {
  const { flowRunId, attempt, name, print, onDelivered = () => {}, clock, signal } = options;
  const waiting: { record: LogCreate; timestamp: string }[] = [];
  let shipping: Promise<void> | undefined;
  const ending = new AbortController();
  const hurry = AbortSignal.any([signal, ending.signal]);
  let isRefused = false;

  async function ship(): Promise<void> {
    while (waiting.length > 0 && !signal.aborted && !isRefused) {
      const batch = waiting.slice(0, sizeOf(waiting.map(({ record }) => record)));
      isRefused = await deliver(batch.map(({ record }) => record), options) === "refused";
      waiting.splice(0, batch.length);
      onDelivered(batch.at(-1)!.timestamp);
      if (waiting.length < BATCH_RECORDS) await clock.sleep(GATHER_MS, hurry);
    }
    shipping = undefined;
  }

  for await (const line of lines) {
    const { text, sequence } = readMark(line.text);
    print?.(harmless(text));
    const unsent = sequence === undefined ? text : textBeforeRecord(text);
    if (unsent === undefined || isRefused) {
      if (waiting.length === 0) onDelivered(line.timestamp);
      continue;
    }
    const key = `${attempt}:c${line.timestamp}:${line.ordinal}`;
    waiting.push({ timestamp: line.timestamp, record: recordOf(line, { text: unsent, flowRunId, name, key }) });
    shipping ??= ship();
    if (waiting.length >= WAITING_RECORDS) await shipping;
  }
  ending.abort();
  await shipping;
}

/** Ships marked lines under the keys of the records that they copy: those that the API lacks arrive, the others are ignored. */
export async function shipMarked(lines: readonly PrintedLine[], options: ShipOptions): Promise<void> {
  const { flowRunId, attempt } = options;
  const records = lines.flatMap((line): LogCreate[] => {
    const { text, sequence } = readMark(line.text);
    if (sequence === undefined) return [];
    const { level, name, message } = parseConsoleLine(text);
    return [{ ...recordOf(line, { text: message, flowRunId, name, key: `${attempt}:s${sequence}` }), level }];
  });
  while (records.length > 0 && !options.signal.aborted) {
    const batch = records.splice(0, sizeOf(records));
    if (await deliver(batch, options) === "refused") return;
  }
}

function recordOf(
  { stream, timestamp }: PrintedLine,
  { text, flowRunId, name, key }: { text: string; flowRunId: string; name: string; key: string },
): LogCreate {
  const level = stream === "stdout" ? LOG_LEVELS.INFO : LOG_LEVELS.WARNING;
  return { name, level, message: text.slice(0, MAX_LOG_MESSAGE), timestamp, flow_run_id: flowRunId, key };
}

const CONSOLE_LINE = /^\[[^\]]+\] ([A-Z]+) - (\S+) \| ([\s\S]*)$/;

/** What a program wrote without a newline stands in front of the next record, in the same line. */
function textBeforeRecord(text: string): string | undefined {
  const at = text.search(/\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4}\] [A-Z]+ - flowctl/);
  return at > 0 ? text.slice(0, at) : undefined;
}

/** The parts of a line in the shape of the console; a line in another shape is all message. */
export function parseConsoleLine(line: string): { level: number; name: string; message: string } {
  const match = CONSOLE_LINE.exec(line);
  if (match === null) return { level: LOG_LEVELS.INFO, name: "flowctl.FlowRunner", message: line };
  return { level: LOG_LEVELS[match[1] as LogLevelName] ?? LOG_LEVELS.INFO, name: match[2], message: match[3] };
}

function sizeOf(records: readonly LogCreate[]): number {
  let count = 0, characters = 0;
  for (const { message } of records) {
    characters += message.length;
    if (count > 0 && (count >= BATCH_RECORDS || characters > BATCH_CHARACTERS)) break;
    count++;
  }
  return count;
}

/** Sends records until the API took them, or said that it never will. */
async function deliver(
  records: LogCreate[],
  { client, clock, random, log, signal }: ShipOptions,
): Promise<"delivered" | "refused"> {
  const delays = backoff({ baseMs: 250, maxMs: 10_000, random });
  while (!signal.aborted) {
    try {
      await client.logs.create(records, signal);
      return "delivered";
    } catch (error) {
      if (signal.aborted) break;
      // Another attempt is the current one, or the run was deleted.
      if (["fenced", "conflict", "not_found", "forbidden"].some((code) => isFlowctlError(error, code as "fenced"))) {
        return "refused";
      }
      if (isFlowctlError(error, "invalid") || isFlowctlError(error, "too_large")) {
        log.warning(`Dropped ${records.length} lines that the API refused: ${messageOf(error)}`);
        return "delivered";
      }
      await clock.sleep(delays.next(), signal);
    }
  }
  return "refused";
}
