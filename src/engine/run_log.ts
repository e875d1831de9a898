/**
 * Records of runs: numbered, sent to the API, printed in the shape of Prefect 1.
 *
 * @module
 */

import { LOG_LEVELS, type LogLevelName, logLevelName, MAX_LOG_MESSAGE } from "../domain/logs.ts";
import { type Clock, formatInstant } from "../support/clock.ts";
import { formatLogLine } from "../support/log.ts";
import { markLine } from "../support/log_marks.ts";
import { harmless } from "../support/text.ts";
import type { LogSender } from "./log_sender.ts";

/** What a {@link LogBook} needs. */
export interface LogBookOptions {
  sender: LogSender;
  clock: Clock;
  /** Takes one line without its newline. */
  print: (line: string) => void;
  /** The attempt, which begins every record's key. */
  attempt: number;
  /** The attempt's own run; marks name other ones, which are its sub-flows. */
  flowRunId: string;
  /** Takes secrets out of messages. */
  hide?: (text: string) => string;
  /** End printed lines in an invisible mark, so that the agent knows which it need not ship. */
  marks: boolean;
  /** Records below it are dropped. Default: none are. */
  level?: LogLevelName;
}

/** Whose record it is. */
export interface LogSource {
  /** With the leading `flowctl.`. */
  name: string;
  flowRunId: string;
  taskRunId?: string;
}

/** All records of one process, in the order they were made. */
export class LogBook {
  readonly #options: LogBookOptions;
  #sequence = 0;

  constructor(options: LogBookOptions) {
    this.#options = options;
  }

  /** Writes one record. A message that is too long is cut. */
  write(source: LogSource, level: number, message: string): void {
    const { sender, clock, print, attempt, flowRunId, marks, level: least, hide = (text) => text } = this.#options;
    if (least !== undefined && level < LOG_LEVELS[least]) return;
    const sequence = ++this.#sequence;
    const now = clock.now();
    // Before it is cut, so that no part of a secret is left.
    const shown = hide(message);
    const text = (shown.length > MAX_LOG_MESSAGE ? shown.slice(0, MAX_LOG_MESSAGE - 1) + "…" : shown).toWellFormed();
    const isTaken = sender.add({
      name: source.name.slice(0, 500),
      level,
      message: text,
      timestamp: formatInstant(now),
      flow_run_id: source.flowRunId,
      task_run_id: source.taskRunId,
      key: `${attempt}:s${sequence}`,
    });
    const lines = formatLogLine(now, logLevelName(level), harmless(source.name), harmless(text)).split("\n");
    if (!marks) return lines.forEach(print);
    // The mark goes on each line of a record: the agent reads lines, and puts them together when it has to send them.
    const run = source.flowRunId === flowRunId ? {} : { flowRunId: source.flowRunId };
    for (const [n, line] of lines.entries()) {
      print(markLine(line, { sequence, continues: n < lines.length - 1, isUnsent: !isTaken, ...run }));
    }
  }

  /** A function for each level, for one source. */
  for(source: LogSource): Record<Lowercase<LogLevelName>, (message: string) => void> {
    const at = (level: LogLevelName) => (message: string) => this.write(source, LOG_LEVELS[level], message);
    return {
      debug: at("DEBUG"),
      info: at("INFO"),
      warning: at("WARNING"),
      error: at("ERROR"),
      critical: at("CRITICAL"),
    };
  }
}
