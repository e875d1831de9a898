/**
 * What was committed, as it is told to long polls, claims, services, and to browsers by the event stream.
 *
 * @module
 */

import type { Id } from "./common.ts";
import type { StateType } from "./state_types.ts";

/** One committed change. */
export type Change =
  /** A run has another state; null when it was deleted. */
  | { kind: "flow_run"; id: Id; state: StateType | null }
  /** A task run was made or has another state. */
  | { kind: "task_run"; id: Id; flow_run_id: Id | null; state: StateType | null }
  | { kind: "logs"; flow_run_id: Id }
  /** One of these was made, changed or deleted. Of an agent also: that it is alive, away, or dead since now. */
  | { kind: "deployment" | "flow" | "agent" | "token"; id: Id }
  /** A project or a secret was made, changed or deleted. */
  | { kind: "project" | "secret"; name: string }
  /** Another process committed, or too much changed to be told; what, is not known. */
  | { kind: "elsewhere" };

/** What one change replaces when both wait to be told: the same thing changed again. */
export function changeKey(change: Change): string {
  switch (change.kind) {
    case "elsewhere":
      return change.kind;
    case "logs":
      return `logs ${change.flow_run_id}`;
    case "project":
    case "secret":
      return `${change.kind} ${change.name}`;
    default:
      return `${change.kind} ${change.id}`;
  }
}
