/**
 * The filter grammar of list and count routes; Prefect 2.20's, exactly.
 *
 * Absent or null means no restriction; sub-filters are joined by AND unless `operator` is `or_`; `any_: []` matches nothing,
 * `all_: []` and `not_any_: []` match all; `before_` is ≤, `after_` is ≥. Unknown keys inside a filter are refused: a misspelt
 * filter must not match everything. A filter on another noun means "has a related one that matches".
 *
 * @module
 */

import { z } from "zod";
import { Id, optional, Page, Timestamp } from "./common.ts";
import { StateType } from "./states.ts";

const operator = optional(z.enum(["and_", "or_"]));
const ids = optional(z.array(Id));
const texts = optional(z.array(z.string()));
const flag = optional(z.boolean());
const sub = <S extends z.ZodRawShape>(shape: S) => optional(z.strictObject(shape));

const IdFilter = sub({ any_: ids });
const IdNotFilter = sub({ any_: ids, not_any_: ids });
const NameFilter = sub({ any_: texts, like_: optional(z.string()) });
const TagsFilter = sub({ operator, all_: texts, is_null_: flag });
const TimeFilter = sub({ before_: optional(Timestamp), after_: optional(Timestamp) });
const StartTimeFilter = sub({ before_: optional(Timestamp), after_: optional(Timestamp), is_null_: flag });
const StateFilter = sub({
  operator,
  type: sub({ any_: optional(z.array(StateType)) }),
  name: sub({ any_: texts }),
});

/** Which flows. `project` is ours. */
export const FlowFilter = z.strictObject({
  operator,
  id: IdFilter,
  name: NameFilter,
  tags: TagsFilter,
  deployment: sub({ operator, is_null_: flag }),
  project: sub({ any_: texts }),
});
/** See {@link FlowFilter}. */
export type FlowFilter = z.output<typeof FlowFilter>;

/** Which flow runs. `labels` is ours. */
export const FlowRunFilter = z.strictObject({
  operator,
  id: IdNotFilter,
  name: NameFilter,
  tags: TagsFilter,
  labels: TagsFilter,
  deployment_id: sub({ operator, any_: ids, is_null_: flag }),
  work_queue_name: sub({ operator, any_: texts, is_null_: flag }),
  state: StateFilter,
  flow_version: sub({ any_: texts }),
  start_time: StartTimeFilter,
  expected_start_time: TimeFilter,
  next_scheduled_start_time: TimeFilter,
  parent_flow_run_id: sub({ operator, any_: ids }),
  parent_task_run_id: sub({ operator, any_: ids, is_null_: flag }),
  idempotency_key: sub({ any_: texts, not_any_: texts }),
});
/** See {@link FlowRunFilter}. */
export type FlowRunFilter = z.output<typeof FlowRunFilter>;

/** Which task runs. */
export const TaskRunFilter = z.strictObject({
  operator,
  id: IdFilter,
  name: NameFilter,
  tags: TagsFilter,
  state: StateFilter,
  start_time: StartTimeFilter,
  expected_start_time: TimeFilter,
  subflow_runs: sub({ exists_: flag }),
  flow_run_id: sub({ operator, any_: ids, is_null_: flag }),
});
/** See {@link TaskRunFilter}. */
export type TaskRunFilter = z.output<typeof TaskRunFilter>;

/** Which deployments. */
export const DeploymentFilter = z.strictObject({
  operator,
  id: IdFilter,
  name: NameFilter,
  paused: sub({ eq_: flag }),
  is_schedule_active: sub({ eq_: flag }),
  tags: TagsFilter,
  work_queue_name: sub({ any_: texts }),
});
/** See {@link DeploymentFilter}. */
export type DeploymentFilter = z.output<typeof DeploymentFilter>;

/** Which logs. */
export const LogFilter = z.strictObject({
  operator,
  level: sub({ ge_: optional(z.int()), le_: optional(z.int()) }),
  timestamp: TimeFilter,
  flow_run_id: sub({ any_: ids }),
  task_run_id: sub({ any_: ids }),
});
/** See {@link LogFilter}. */
export type LogFilter = z.output<typeof LogFilter>;

/** Orders of flow runs; `START_TIME_*` sorts by `coalesce(start_time, expected_start_time)`. */
export const FlowRunSort = z.enum([
  "ID_DESC",
  "START_TIME_ASC",
  "START_TIME_DESC",
  "EXPECTED_START_TIME_ASC",
  "EXPECTED_START_TIME_DESC",
  "NAME_ASC",
  "NAME_DESC",
  "NEXT_SCHEDULED_START_TIME_ASC",
  "END_TIME_DESC",
]);
/** See {@link FlowRunSort}. */
export type FlowRunSort = z.infer<typeof FlowRunSort>;

/** Orders of task runs. */
export const TaskRunSort = FlowRunSort.exclude(["START_TIME_ASC", "START_TIME_DESC"]);
/** See {@link TaskRunSort}. */
export type TaskRunSort = z.infer<typeof TaskRunSort>;

/** Orders of flows and deployments. */
export const NameSort = z.enum(["CREATED_DESC", "UPDATED_DESC", "NAME_ASC", "NAME_DESC"]);
/** See {@link NameSort}. */
export type NameSort = z.infer<typeof NameSort>;

/** Orders of logs. */
export const LogSort = z.enum(["TIMESTAMP_ASC", "TIMESTAMP_DESC"]);
/** See {@link LogSort}. */
export type LogSort = z.infer<typeof LogSort>;

/** Filters on other nouns that a body may hold. Work pools, queues and the like are Prefect's; any body may name them. */
const related = {
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
};

/** `POST /x/count`, and the filter part of `POST /x/filter`. Unknown *top-level* keys are ignored, as in Prefect. */
export const Filters = z.object(related);
/** See {@link Filters}. */
export type Filters = z.output<typeof Filters>;
/** {@link Filters} before parsing. */
export type FiltersInput = z.input<typeof Filters>;

const query = <S extends z.ZodType>(sort: S) => z.object({ ...related, sort: optional(sort), ...Page.shape });

/** `POST /flows/filter`; default sort NAME_ASC. */
export const FlowQuery = query(NameSort);
/** `POST /flow_runs/filter`; default sort ID_DESC. */
export const FlowRunQuery = query(FlowRunSort);
/** `POST /task_runs/filter`; default sort ID_DESC. */
export const TaskRunQuery = query(TaskRunSort);
/** `POST /deployments/filter`; default sort NAME_ASC. */
export const DeploymentQuery = query(NameSort);
/** `POST /logs/filter`; default sort TIMESTAMP_ASC. */
export const LogQuery = z.object({ logs: optional(LogFilter), sort: optional(LogSort), ...Page.shape });

/** `POST /flow_runs/history`, at most 500 intervals. */
export const HistoryQuery = z.object({
  ...related,
  history_start: Timestamp,
  history_end: Timestamp,
  /** At least 1; `store/run_lists.ts` says so in Prefect's words. */
  history_interval_seconds: z.number(),
});
