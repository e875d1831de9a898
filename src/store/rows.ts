/**
 * Rows ⇄ the domain's shapes: JSON text, flags, and the numbers that are computed when a run is read.
 *
 * @module
 */

import type { JsonValue } from "../domain/common.ts";
import { FlowctlError } from "../support/errors.ts";
import { formatInstant } from "../support/clock.ts";
import { isFinal, type State, type StateType } from "../domain/states.ts";
import type { JsonText, StateColumns } from "./tables.ts";

/** Reads JSON that the store wrote. */
export const fromJson = <T>(text: JsonText): T => JSON.parse(text) as T;

/** Reads JSON that may be NULL. */
export const fromJsonOrNull = <T>(text: JsonText | null): T | null => text === null ? null : JSON.parse(text) as T;

/** JSON for a column that may be NULL; undefined and null are NULL. */
export const jsonOrNull = (value: unknown): JsonText | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

/** The columns of a state that is joined to its run: `state_id` is the run's own column. */
export interface JoinedState {
  state_id: string | null;
  s_timestamp: string | null;
  s_type: StateType | null;
  s_name: string | null;
  s_message: string | null;
  s_data: JsonText | null;
  s_details: JsonText | null;
}

/** The SQL for {@link JoinedState}, where the state's table is called `s`. */
export const JOINED_STATE = `s.timestamp AS s_timestamp, s.type AS s_type, s.name AS s_name, s.message AS s_message,
  s.data AS s_data, s.state_details AS s_details`;

/** The state of a run that was read together with it. */
export function joinedState(row: JoinedState): State | null {
  if (row.state_id === null || row.s_type === null) return null;
  return {
    id: row.state_id,
    type: row.s_type,
    name: row.s_name!,
    timestamp: row.s_timestamp!,
    message: row.s_message,
    data: fromJsonOrNull<JsonValue>(row.s_data),
    state_details: fromJson(row.s_details!),
  };
}

/** A state from its own row. */
export const stateOf = (row: StateColumns): State => ({
  id: row.id,
  type: row.type,
  name: row.name,
  timestamp: row.timestamp,
  message: row.message,
  data: fromJsonOrNull<JsonValue>(row.data),
  state_details: fromJson(row.state_details),
});

/** Whether a state's data is kept: results that were not persisted are echoed in the answer and then forgotten, as in Prefect. */
export const isKept = (data: JsonValue | null): boolean =>
  data !== null && !(typeof data === "object" && !Array.isArray(data) && data.type === "unpersisted");

/** Microseconds since 1970 of a stored time. */
const micros = (time: string): number => Date.parse(time.slice(0, 23) + "Z") * 1000 + Number(time.slice(23, 26));

/** Seconds from one stored time to another. */
export const secondsBetween = (from: string, to: string): number => (micros(to) - micros(from)) / 1e6;

/** What the estimates are computed from. */
interface Timed {
  state_type: StateType | null;
  state_timestamp: string | null;
  total_run_time: number;
  start_time: string | null;
  expected_start_time: string | null;
}

/** How long a run ran so far, in seconds: the time since its state began counts while it is RUNNING. */
export function estimatedRunTime(run: Timed, now: string): number {
  if (run.state_type !== "RUNNING" || run.state_timestamp === null) return run.total_run_time;
  return run.total_run_time + Math.max(0, secondsBetween(run.state_timestamp, now));
}

/** How late a run began, or is by now, in seconds; never negative. */
export function estimatedStartTimeDelta(run: Timed, now: string): number {
  const { start_time: start, expected_start_time: expected } = run;
  if (expected === null) return 0;
  if (start !== null) return start > expected ? secondsBetween(expected, start) : 0;
  return !isFinal(run.state_type) && expected < now ? secondsBetween(expected, now) : 0;
}

/** An instant as it is stored. */
export const timeText = formatInstant;

/** The error of `read…` functions; its words are Prefect's (`{"detail":"Flow run not found"}`). */
export const notFound = (noun: string, id: string): FlowctlError =>
  new FlowctlError("not_found", `${noun} not found`, { details: { id } });
