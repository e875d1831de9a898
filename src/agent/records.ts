/**
 * From printed lines to log records. Pure.
 *
 * @module
 */

import { LOG_LEVELS, type LogCreate, type LogLevelName, MAX_LOG_MESSAGE } from "../domain/logs.ts";
import type { PrintedLine } from "../runners/runner.ts";
import type { LogMark } from "../support/log_marks.ts";

/** Whose lines they are. */
export interface LineSource {
  flowRunId: string;
  attempt: number;
  /** The logger's name in the records of unmarked lines: `flowctl.container`. */
  name: string;
}

/** A record put together from its lines. */
export interface WholeRecord {
  text: string;
  mark: LogMark;
  stream: PrintedLine["stream"];
  /** Of its first line. */
  timestamp: string;
}

/** Joins the lines of records that have several. */
export class RecordJoiner {
  readonly #begun = new Map<number, WholeRecord>();

  /** Whether no record waits for its next line. */
  get isEmpty(): boolean {
    return this.#begun.size === 0;
  }

  /** Whether a line with that mark goes on with a record. */
  isBegun({ sequence }: LogMark): boolean {
    return this.#begun.has(sequence);
  }

  /** Takes the next line; answers its record when it is complete. */
  add({ stream, timestamp }: PrintedLine, text: string, mark: LogMark): WholeRecord | undefined {
    const begun = this.#begun.get(mark.sequence);
    const record = begun === undefined
      ? { text, mark, stream, timestamp }
      : { ...begun, text: `${begun.text}\n${text}`.slice(0, 2 * MAX_LOG_MESSAGE) };
    if (mark.continues) {
      this.#begun.set(mark.sequence, record);
      return undefined;
    }
    this.#begun.delete(mark.sequence);
    return record;
  }

  /** What had no end: its process died while it printed. */
  end(): WholeRecord[] {
    const rest = [...this.#begun.values()];
    this.#begun.clear();
    return rest;
  }
}

/** Records of an unmarked line: one, or several when it is longer than a record may be. */
export function rawRecords(
  { stream, timestamp, ordinal }: PrintedLine,
  text: string,
  { flowRunId, attempt, name }: LineSource,
): LogCreate[] {
  const level = stream === "stdout" ? LOG_LEVELS.INFO : LOG_LEVELS.WARNING;
  const key = `${attempt}:c${timestamp}:${ordinal}`;
  return pieces(text).map((message, n) => ({
    name,
    level,
    message,
    timestamp,
    flow_run_id: flowRunId,
    key: n === 0 ? key : `${key}.${n}`,
  }));
}

/** Records under the keys that the SDK gave them. */
export function markedRecords(records: readonly WholeRecord[], { flowRunId, attempt }: LineSource): LogCreate[] {
  return records.map(({ text, mark, timestamp }) => {
    const { level, name, message } = parseConsoleLine(text);
    return {
      name: name.slice(0, 500),
      level,
      message: message.slice(0, MAX_LOG_MESSAGE).toWellFormed(),
      timestamp,
      flow_run_id: mark.flowRunId ?? flowRunId,
      key: `${attempt}:s${mark.sequence}`,
    };
  });
}

/** What a program wrote without a newline stands in front of the next record, in the same line. */
export function textBeforeRecord(text: string): string | undefined {
  const at = text.search(/\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4}\] [A-Z]+ - flowctl/);
  return at > 0 ? text.slice(0, at) : undefined;
}

const CONSOLE_LINE = /^\[[^\]]+\] ([A-Z]+) - (\S+) \| ([\s\S]*)$/;

/** The parts of a line in the shape of the console; a line in another shape is all message. */
export function parseConsoleLine(line: string): { level: number; name: string; message: string } {
  const match = CONSOLE_LINE.exec(line);
  if (match === null) return { level: LOG_LEVELS.INFO, name: "flowctl.FlowRunner", message: line };
  return { level: LOG_LEVELS[match[1] as LogLevelName] ?? LOG_LEVELS.INFO, name: match[2], message: match[3] };
}

/** Cut never inside a surrogate pair. */
function pieces(text: string): string[] {
  if (text.length <= MAX_LOG_MESSAGE) return [text];
  const all: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + MAX_LOG_MESSAGE);
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
    all.push(text.slice(at, end));
    at = end;
  }
  return all;
}
