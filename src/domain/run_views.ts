/**
 * What a page about one run shows, as one answer. Ours.
 *
 * @module
 */

import { z } from "zod";
import { Id } from "./common.ts";
import { FlowRun } from "./flow_runs.ts";
import { State, StateType } from "./states.ts";
import { TaskRun } from "./task_runs.ts";

const Named = z.object({ id: Id, name: z.string() });
const NamedRun = Named.extend({ state_type: StateType.nullable(), state_name: z.string().nullable() });

/** At most so many states, the last ones. */
export const MOST_STATES = 500;

/** A flow run with what it belongs to. */
export const FlowRunView = z.object({
  run: FlowRun,
  flow: Named,
  /** Null for a run without one, and when it was deleted. */
  deployment: Named.extend({ is_current_version: z.boolean() }).nullable(),
  /** Which version of its deployment it is of. */
  version: z.object({ number: z.int(), is_archived: z.boolean() }).nullable(),
  agent: Named.nullable(),
  /** The task run that stands for it in its parent, and the parent. */
  parent: z.object({ task_run: Named, flow_run: NamedRun }).nullable(),
  /** Oldest first; at most the last {@link MOST_STATES}. */
  states: z.array(State),
  /** The middle of the last durations of Completed runs of its deployment (of its flow, when it has none), in seconds. */
  usual: z.object({ seconds: z.number(), runs: z.int() }).nullable(),
  task_runs: z.int(),
});
/** See {@link FlowRunView}. */
export type FlowRunView = z.output<typeof FlowRunView>;

/** A task run with what it belongs to. */
export const TaskRunView = z.object({
  run: TaskRun,
  flow_run: NamedRun.nullable(),
  flow: Named.nullable(),
  /** The run of a sub-flow, when it stands for one. */
  child: NamedRun.nullable(),
  /** Task runs whose results it takes. */
  sources: z.array(NamedRun),
  states: z.array(State),
});
/** See {@link TaskRunView}. */
export type TaskRunView = z.output<typeof TaskRunView>;
