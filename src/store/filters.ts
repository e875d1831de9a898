/**
 * The filter grammar of `src/domain/filters.ts` as conditions of SQL; Prefect 2.20's meaning, exactly.
 *
 * Conditions name the tables `flow`, `flow_run`, `task_run`, `deployment` and `log` by their own names, so the query that takes
 * one must not give them aliases.
 *
 * @module
 */

import { sql, type SqlBool } from "kysely";
import type {
  DeploymentFilter,
  Filters,
  FlowFilter,
  FlowRunFilter,
  LogFilter,
  TaskRunFilter,
} from "../domain/filters.ts";
import {
  type Condition,
  exists,
  hasAll,
  isAnyOf,
  isBetween,
  isEmptyList,
  isFlag,
  isLike,
  isNoneOf,
  isNull,
  joined,
} from "./conditions.ts";

/** What list functions take of their query. */
type Given = { [K in keyof Filters]?: Filters[K] };

/** Each sub-filter that is there becomes a condition; one without keys is true, also beside an `or_` (Prefect). */
const when = <T>(filter: T | undefined, make: (filter: T) => Condition): Condition | undefined =>
  filter === undefined ? undefined : make(filter);

const names = (column: string) => (filter: { any_?: string[]; like_?: string }) =>
  joined([isAnyOf(column, filter.any_), isLike(column, filter.like_)]);

const tags = (column: string) => (filter: NonNullable<FlowFilter["tags"]>) =>
  joined([hasAll(column, filter.all_), isEmptyList(column, filter.is_null_)], filter.operator);

const state = (table: string) => (filter: NonNullable<FlowRunFilter["state"]>) =>
  joined([
    when(filter.type, ({ any_ }) => joined([isAnyOf(`${table}.state_type`, any_)])),
    when(filter.name, ({ any_ }) => joined([isAnyOf(`${table}.state_name`, any_)])),
  ], filter.operator);

const times = (column: string) => (filter: { before_?: string; after_?: string; is_null_?: boolean }) =>
  joined([isBetween(column, filter.after_, filter.before_), isNull(column, filter.is_null_)]);

const anyOf = (column: string) => (filter: { any_?: string[] }) => joined([isAnyOf(column, filter.any_)]);

const anyOrNoneOf = (column: string) => (filter: { any_?: string[]; not_any_?: string[] }) =>
  joined([isAnyOf(column, filter.any_), isNoneOf(column, filter.not_any_)]);

const anyOrNull = (column: string) => (filter: { any_?: string[]; is_null_?: boolean; operator?: "and_" | "or_" }) =>
  joined([isAnyOf(column, filter.any_), isNull(column, filter.is_null_)], filter.operator);

const ownFlow = (filter: FlowFilter): Condition =>
  joined([
    when(filter.id, anyOf("flow.id")),
    when(filter.name, names("flow.name")),
    when(filter.tags, tags("flow.tags")),
    when(filter.deployment, ({ is_null_ }) => {
      if (is_null_ === undefined) return joined([]);
      const has = exists(sql`deployment AS d`, [sql<SqlBool>`d.flow_id = flow.id`]);
      return is_null_ ? sql<SqlBool>`NOT ${has}` : has;
    }),
    when(filter.project, anyOf("flow.project")),
  ], filter.operator);

const ownFlowRun = (filter: FlowRunFilter): Condition =>
  joined([
    when(filter.id, anyOrNoneOf("flow_run.id")),
    when(filter.name, names("flow_run.name")),
    when(filter.tags, tags("flow_run.tags")),
    when(filter.labels, tags("flow_run.labels")),
    when(filter.deployment_id, anyOrNull("flow_run.deployment_id")),
    when(filter.work_queue_name, anyOrNull("flow_run.work_queue_name")),
    when(filter.state, state("flow_run")),
    when(filter.flow_version, anyOf("flow_run.flow_version")),
    when(filter.start_time, times("flow_run.start_time")),
    when(filter.expected_start_time, times("flow_run.expected_start_time")),
    when(filter.next_scheduled_start_time, times("flow_run.next_scheduled_start_time")),
    when(filter.parent_flow_run_id, ({ any_ }) =>
      any_ === undefined ? joined([]) : sql<SqlBool>`flow_run.parent_task_run_id IN
        (SELECT parent.id FROM task_run AS parent WHERE ${isAnyOf("parent.flow_run_id", any_)})`),
    when(filter.parent_task_run_id, anyOrNull("flow_run.parent_task_run_id")),
    when(filter.idempotency_key, anyOrNoneOf("flow_run.idempotency_key")),
  ], filter.operator);

const ownTaskRun = (filter: TaskRunFilter): Condition =>
  joined([
    when(filter.id, anyOf("task_run.id")),
    when(filter.name, names("task_run.name")),
    when(filter.tags, tags("task_run.tags")),
    when(filter.state, state("task_run")),
    when(filter.start_time, times("task_run.start_time")),
    when(filter.expected_start_time, times("task_run.expected_start_time")),
    when(filter.subflow_runs, ({ exists_ }) => {
      if (exists_ === undefined) return joined([]);
      const has = exists(sql`flow_run AS child`, [sql<SqlBool>`child.parent_task_run_id = task_run.id`]);
      return exists_ ? has : sql<SqlBool>`NOT ${has}`;
    }),
    when(filter.flow_run_id, anyOrNull("task_run.flow_run_id")),
  ], filter.operator);

const ownDeployment = (filter: DeploymentFilter): Condition =>
  joined([
    when(filter.id, anyOf("deployment.id")),
    when(filter.name, names("deployment.name")),
    when(filter.paused, ({ eq_ }) => joined([isFlag("deployment.paused", eq_)])),
    when(filter.is_schedule_active, ({ eq_ }) => joined([isFlag("deployment.is_schedule_active", eq_)])),
    when(filter.tags, tags("deployment.tags")),
    when(filter.work_queue_name, anyOf("deployment.work_queue_name")),
  ], filter.operator);

/** A related one's id that is asked for is also the own column's: that lets an index in. */
const impliedBy = (
  filter: { id?: { any_?: string[] }; operator?: "and_" | "or_" } | undefined,
  column: string,
): Condition | undefined => filter?.operator === "or_" ? undefined : isAnyOf(column, filter?.id?.any_);

/** Which rows of `flow`. Filters on runs and their tasks must be met by one and the same run. */
export const flowMatches = (given: Given): Condition =>
  joined([
    when(given.flows, ownFlow),
    when(given.deployments, (filter) =>
      exists(sql`deployment`, [sql<SqlBool>`deployment.flow_id = flow.id`, ownDeployment(filter)])),
    runExists(given, sql<SqlBool>`flow_run.flow_id = flow.id`),
  ]);

/** Which rows of `flow_run`. */
export const flowRunMatches = (given: Given): Condition =>
  joined([
    when(given.flow_runs, ownFlowRun),
    impliedBy(given.flows, "flow_run.flow_id"),
    impliedBy(given.deployments, "flow_run.deployment_id"),
    when(given.flows, (filter) => exists(sql`flow`, [sql<SqlBool>`flow.id = flow_run.flow_id`, ownFlow(filter)])),
    when(given.deployments, (filter) =>
      exists(sql`deployment`, [sql<SqlBool>`deployment.id = flow_run.deployment_id`, ownDeployment(filter)])),
    when(given.task_runs, (filter) =>
      exists(sql`task_run`, [sql<SqlBool>`task_run.flow_run_id = flow_run.id`, ownTaskRun(filter)])),
  ]);

/** Which rows of `task_run`. Filters on flow run, flow and deployment are about its own run. */
export const taskRunMatches = (given: Given): Condition => {
  const { flow_runs, flows, deployments } = given;
  return joined([
    when(given.task_runs, ownTaskRun),
    impliedBy(flow_runs, "task_run.flow_run_id"),
    flow_runs || flows || deployments
      ? exists(sql`flow_run`, [
        sql<SqlBool>`flow_run.id = task_run.flow_run_id`,
        flowRunMatches({ flow_runs, flows, deployments }),
      ])
      : undefined,
  ]);
};

/** Which rows of `deployment`. Filters on runs and their tasks must be met by one and the same run. */
export const deploymentMatches = (given: Given): Condition =>
  joined([
    when(given.deployments, ownDeployment),
    impliedBy(given.flows, "deployment.flow_id"),
    when(given.flows, (filter) => exists(sql`flow`, [sql<SqlBool>`flow.id = deployment.flow_id`, ownFlow(filter)])),
    runExists(given, sql<SqlBool>`flow_run.deployment_id = deployment.id`),
  ]);

const runExists = ({ flow_runs, task_runs }: Given, link: Condition): Condition | undefined =>
  flow_runs || task_runs ? exists(sql`flow_run`, [link, flowRunMatches({ flow_runs, task_runs })]) : undefined;

/** Which rows of `log`. */
export const logMatches = (filter: LogFilter | undefined): Condition =>
  joined(
    filter
      ? [
        when(filter.level, ({ ge_, le_ }) => isBetween("log.level", ge_, le_)),
        when(filter.timestamp, times("log.timestamp")),
        when(filter.flow_run_id, anyOf("log.flow_run_id")),
        when(filter.task_run_id, anyOf("log.task_run_id")),
      ]
      : [],
    filter?.operator,
  );
