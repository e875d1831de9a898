/**
 * Lines on the console, in the shape of Prefect 1: `[2026-11-21 22:33:58+0000] INFO - flowctl.Agent | Started`.
 *
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { harmless } from "./text.ts";

/** From loud to quiet. */
export const CONSOLE_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
/** See {@link CONSOLE_LEVELS}. */
export type ConsoleLevel = typeof CONSOLE_LEVELS[number];

/** Says what the program does. A message is past tense for facts, without a final period. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
  /** The same log under another name, e.g. `flowctl.Agent`. */
  named(name: string): Log;
}

/** What {@link createLog} takes. */
export interface LogOptions {
  /** Without the leading `flowctl.`. */
  name?: string;
  /** Lines below it are dropped; default INFO. */
  level?: ConsoleLevel;
  /** Takes one line without its newline. */
  write: (line: string) => void;
  clock?: Clock;
}

/**
 * One console line.
 *
 * @example
 * ```ts
 * import { formatLogLine } from "./log.ts";
 *
 * const at = Temporal.Instant.from("2026-11-21T22:33:58Z");
 * console.assert(
 *   formatLogLine(at, "INFO", "flowctl.Agent", "Started") === "[2026-11-21 22:33:58+0000] INFO - flowctl.Agent | Started",
 * );
 * ```
 */
export function formatLogLine(at: Temporal.Instant, level: string, name: string, message: string): string {
  const time = at.toString({ fractionalSecondDigits: 0 }).replace("T", " ").replace("Z", "+0000");
  return `[${time}] ${level} - ${name} | ${message}`;
}

/** Makes a {@link Log}. */
export function createLog({ name, level = "INFO", write, clock = systemClock }: LogOptions): Log {
  const from = CONSOLE_LEVELS.indexOf(level);
  const full = name === undefined ? "flowctl" : `flowctl.${name}`;
  const at = (of: ConsoleLevel) => (message: string) => {
    // Messages quote what others wrote: names of runs, words of engines and registries, output of flows.
    if (CONSOLE_LEVELS.indexOf(of) >= from) write(formatLogLine(clock.now(), of, full, harmless(message)));
  };
  return {
    debug: at("DEBUG"),
    info: at("INFO"),
    warning: at("WARNING"),
    error: at("ERROR"),
    named: (other) => createLog({ name: other, level, write, clock }),
  };
}

/** A log that says nothing. */
export const silentLog: Log = createLog({ write: () => {} });
