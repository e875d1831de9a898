/**
 * States of flow runs and task runs: nine types, many names, and which of them are final.
 *
 * There is no table of allowed transitions: any is allowed unless a rule of `src/orchestration` forbids it, as in Prefect 2.20.
 *
 * @module
 */

import { z } from "zod";
import { defaulted, Id, Json, optional, Timestamp } from "./common.ts";
import { FINAL_STATES, isFinal, STATE_TYPES } from "./state_types.ts";

/** The nine types, as Prefect 2.20 spells them. */
export const StateType = z.enum(STATE_TYPES);
/** See {@link StateType}. */
export type StateType = z.infer<typeof StateType>;

export { FINAL_STATES, isFinal };

/** What a state carries beside its type; every key is present on the wire, most are null. */
export const StateDetails = z.object({
  flow_run_id: defaulted(Id.nullable(), () => null),
  task_run_id: defaulted(Id.nullable(), () => null),
  child_flow_run_id: defaulted(Id.nullable(), () => null),
  scheduled_time: defaulted(Timestamp.nullable(), () => null),
  cache_key: defaulted(z.string().max(2000).nullable(), () => null),
  cache_expiration: defaulted(Timestamp.nullable(), () => null),
  untrackable_result: defaulted(z.boolean(), () => false),
  pause_timeout: defaulted(Timestamp.nullable(), () => null),
  pause_reschedule: defaulted(z.boolean(), () => false),
  pause_key: defaulted(z.string().nullable(), () => null),
  run_input_keyset: defaulted(z.record(z.string(), z.string()).nullable(), () => null),
  refresh_cache: defaulted(z.boolean().nullable(), () => null),
  retriable: defaulted(z.boolean().nullable(), () => null),
  transition_id: defaulted(Id.nullable(), () => null),
  task_parameters_id: defaulted(Id.nullable(), () => null),
});
/** See {@link StateDetails}. */
export type StateDetails = z.output<typeof StateDetails>;

/** A state as it is stored and answered. */
export const State = z.object({
  id: Id,
  type: StateType,
  name: z.string(),
  timestamp: Timestamp,
  message: z.string().nullable(),
  data: Json.nullable(),
  state_details: StateDetails,
});
/** See {@link State}. */
export type State = z.output<typeof State>;

/** The longest message of a state; longer ones are refused, the SDK cuts them before. */
export const MAX_STATE_MESSAGE = 100_000;

/** A state as a client proposes it. Its `id` and `timestamp` are ignored: the server stamps its own. */
export const StateCreate = z.object({
  type: StateType,
  name: optional(z.string().min(1).max(200)),
  message: optional(z.string().max(MAX_STATE_MESSAGE)),
  data: optional(Json),
  state_details: optional(StateDetails),
});
/** See {@link StateCreate}. */
export type StateCreate = z.input<typeof StateCreate>;

/** A proposal after parsing. */
export type ProposedState = z.output<typeof StateCreate>;

/** The empty details. */
export const emptyStateDetails = (): StateDetails => ({
  flow_run_id: null,
  task_run_id: null,
  child_flow_run_id: null,
  scheduled_time: null,
  cache_key: null,
  cache_expiration: null,
  untrackable_result: false,
  pause_timeout: null,
  pause_reschedule: false,
  pause_key: null,
  run_input_keyset: null,
  refresh_cache: null,
  retriable: null,
  transition_id: null,
  task_parameters_id: null,
});

/** The name of a state that was sent without one: `RUNNING` → `Running`. */
export const defaultStateName = (type: StateType): string => type[0] + type.slice(1).toLowerCase();
