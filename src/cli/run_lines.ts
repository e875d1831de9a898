/**
 * What `flowctl run` prints of a run while it goes on, in the shape of Prefect 1: `└── 14:02:12 | INFO    | text`, in local time.
 *
 * @module
 */

import type { FlowRun } from "../domain/flow_runs.ts";
import { type Log, logLevelName } from "../domain/logs.ts";
import { harmless, harmlessLine } from "../support/text.ts";
import type { Colors } from "./output.ts";

/** One line; text of several lines is indented below it. */
export function branch(at: Temporal.Instant, level: string, text: string): string {
  const time = at.toZonedDateTimeISO(Temporal.Now.timeZoneId()).toPlainTime().toString({ smallestUnit: "second" });
  return `└── ${time} | ${level.padEnd(7)} | ${harmless(text).replaceAll("\n", "\n    ")}`;
}

/** A record. */
export const logBranch = (log: Log): string =>
  branch(Temporal.Instant.from(log.timestamp), logLevelName(log.level), log.message);

/** A state that was entered. */
export const stateBranch = ({ state }: Pick<FlowRun, "state">): string =>
  state === null ? "" : branch(
    Temporal.Instant.from(state.timestamp),
    "INFO",
    `Entered state <${state.name}>: ${harmlessLine(state.message ?? "")}`.replace(/: $/, ""),
  );

const LINE = /^\[(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\+0000\] (\w+) - .*? \| (.*)$/;

/** A line as a run's own console prints it, in this shape; other lines are what a flow printed by itself. */
export function consoleBranch(line: string): string {
  const [, day, time, level, text] = LINE.exec(line) ?? [];
  return text === undefined ? `    ${harmless(line)}` : branch(Temporal.Instant.from(`${day}T${time}Z`), level, text);
}

/** The last line, and the exit code: 0 for success. */
export function sayEnd(
  say: (text: string) => void,
  colors: Colors,
  { state_type: type, state_name: name }: Pick<FlowRun, "state_type" | "state_name">,
  quiet: boolean,
): number {
  if (quiet) return type === "COMPLETED" ? 0 : 1;
  if (type === "COMPLETED") say(colors.green("Flow run succeeded!"));
  else if (type === "FAILED" || type === "CRASHED") say(colors.red("Flow run failed!"));
  else say(colors.yellow(`Flow run ended: ${harmlessLine(name ?? "no state")}`));
  return type === "COMPLETED" ? 0 : 1;
}
