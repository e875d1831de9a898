/**
 * The filter grammar evaluated in memory, as naively as can be: what the store's SQL is compared with.
 *
 * @module
 */

import type { Filters } from "../../src/domain/filters.ts";
import type { StateType } from "../../src/domain/states.ts";

/** A small world of rows. */
export interface World {
  flows: { id: string; name: string; project: string; tags: string[] }[];
  deployments: {
    id: string;
    flow_id: string;
    name: string;
    tags: string[];
    paused: boolean;
    is_schedule_active: boolean;
    work_queue_name: string | null;
  }[];
  flow_runs: {
    id: string;
    flow_id: string;
    deployment_id: string | null;
    name: string;
    tags: string[];
    labels: string[];
    work_queue_name: string | null;
    state_type: StateType | null;
    state_name: string | null;
    flow_version: string | null;
    start_time: string | null;
    expected_start_time: string | null;
    next_scheduled_start_time: string | null;
    parent_task_run_id: string | null;
    idempotency_key: string | null;
  }[];
  task_runs: {
    id: string;
    flow_run_id: string | null;
    name: string;
    tags: string[];
    state_type: StateType | null;
    state_name: string | null;
    start_time: string | null;
    expected_start_time: string | null;
  }[];
}

type Operator = "and_" | "or_" | undefined;
type Row<K extends keyof World> = World[K][number];

/** Of none, both are true. */
const joined = (parts: (boolean | undefined)[], operator?: Operator): boolean => {
  const given = parts.filter((part) => part !== undefined);
  if (given.length === 0) return true;
  return operator === "or_" ? given.some(Boolean) : given.every(Boolean);
};
const when = <T>(filter: T | undefined, f: (filter: T) => boolean) => filter === undefined ? undefined : f(filter);

const anyOf = (value: string | null) => (list: string[]) => value !== null && list.includes(value);
const noneOf = (value: string | null) => (list: string[]) =>
  list.length === 0 || (value !== null && !list.includes(value));
const isNull = (value: string | null) => (wanted: boolean) => (value === null) === wanted;
const like = (value: string) => (pattern: string) => {
  const source = [...`%${pattern}%`].map((c) => c === "%" ? ".*" : c === "_" ? "." : c.replace(/\W/, "\\$&")).join("");
  return new RegExp(`^${source}$`, "is").test(value);
};
const names = (value: string) => (f: { any_?: string[]; like_?: string }) =>
  joined([when(f.any_, anyOf(value)), when(f.like_, like(value))]);
const tags = (value: string[]) => (f: { operator?: Operator; all_?: string[]; is_null_?: boolean }) =>
  joined([
    when(f.all_, (all) => all.every((tag) => value.includes(tag))),
    when(f.is_null_, (wanted) => (value.length === 0) === wanted),
  ], f.operator);
const times = (value: string | null) => (f: { before_?: string; after_?: string; is_null_?: boolean }) =>
  joined([
    when(f.before_, (time) => value !== null && value <= time),
    when(f.after_, (time) => value !== null && value >= time),
    when(f.is_null_, isNull(value)),
  ]);
const anyOrNull = (value: string | null) => (f: { operator?: Operator; any_?: string[]; is_null_?: boolean }) =>
  joined([when(f.any_, anyOf(value)), when(f.is_null_, isNull(value))], f.operator);
const state = (row: { state_type: StateType | null; state_name: string | null }) =>
(
  f: { operator?: Operator; type?: { any_?: StateType[] }; name?: { any_?: string[] } },
) =>
  joined([
    when(f.type, ({ any_ }) => joined([when(any_, anyOf(row.state_type))])),
    when(f.name, ({ any_ }) => joined([when(any_, anyOf(row.state_name))])),
  ], f.operator);

const ownFlow = (world: World, row: Row<"flows">) => (f: NonNullable<Filters["flows"]>) =>
  joined([
    when(f.id, ({ any_ }) => joined([when(any_, anyOf(row.id))])),
    when(f.name, names(row.name)),
    when(f.tags, tags(row.tags)),
    when(f.deployment, ({ is_null_ }) =>
      joined([when(is_null_, (wanted) =>
        !world.deployments.some((d) => d.flow_id === row.id) === wanted)])),
    when(f.project, ({ any_ }) =>
      joined([when(any_, anyOf(row.project))])),
  ], f.operator);

const ownFlowRun = (world: World, row: Row<"flow_runs">) => (f: NonNullable<Filters["flow_runs"]>) =>
  joined([
    when(f.id, ({ any_, not_any_ }) => joined([when(any_, anyOf(row.id)), when(not_any_, noneOf(row.id))])),
    when(f.name, names(row.name)),
    when(f.tags, tags(row.tags)),
    when(f.labels, tags(row.labels)),
    when(f.deployment_id, anyOrNull(row.deployment_id)),
    when(f.work_queue_name, anyOrNull(row.work_queue_name)),
    when(f.state, state(row)),
    when(f.flow_version, ({ any_ }) => joined([when(any_, anyOf(row.flow_version))])),
    when(f.start_time, times(row.start_time)),
    when(f.expected_start_time, times(row.expected_start_time)),
    when(f.next_scheduled_start_time, times(row.next_scheduled_start_time)),
    when(f.parent_flow_run_id, ({ any_ }) => {
      const parent = world.task_runs.find((task) => task.id === row.parent_task_run_id);
      return joined([when(any_, anyOf(parent?.flow_run_id ?? null))]);
    }),
    when(f.parent_task_run_id, anyOrNull(row.parent_task_run_id)),
    when(f.idempotency_key, ({ any_, not_any_ }) =>
      joined([when(any_, anyOf(row.idempotency_key)), when(not_any_, noneOf(row.idempotency_key))])),
  ], f.operator);

const ownTaskRun = (world: World, row: Row<"task_runs">) => (f: NonNullable<Filters["task_runs"]>) =>
  joined([
    when(f.id, ({ any_ }) => joined([when(any_, anyOf(row.id))])),
    when(f.name, names(row.name)),
    when(f.tags, tags(row.tags)),
    when(f.state, state(row)),
    when(f.start_time, times(row.start_time)),
    when(f.expected_start_time, times(row.expected_start_time)),
    when(f.subflow_runs, ({ exists_ }) =>
      joined([
        when(exists_, (wanted) => world.flow_runs.some((run) => run.parent_task_run_id === row.id) === wanted),
      ])),
    when(f.flow_run_id, anyOrNull(row.flow_run_id)),
  ], f.operator);

const ownDeployment = (row: Row<"deployments">) => (f: NonNullable<Filters["deployments"]>) =>
  joined([
    when(f.id, ({ any_ }) => joined([when(any_, anyOf(row.id))])),
    when(f.name, names(row.name)),
    when(f.paused, ({ eq_ }) => joined([when(eq_, (wanted) => row.paused === wanted)])),
    when(f.is_schedule_active, ({ eq_ }) => joined([when(eq_, (wanted) => row.is_schedule_active === wanted)])),
    when(f.tags, tags(row.tags)),
    when(f.work_queue_name, ({ any_ }) => joined([when(any_, anyOf(row.work_queue_name))])),
  ], f.operator);

type Given = { [K in keyof Filters]?: Filters[K] };

const oneRun = (world: World, link: (run: Row<"flow_runs">) => boolean, { flow_runs, task_runs }: Given) =>
  flow_runs || task_runs
    ? world.flow_runs.some((run) => link(run) && flowRunMatches(world, run, { flow_runs, task_runs }))
    : undefined;

function flowRunMatches(world: World, run: Row<"flow_runs">, f: Given): boolean {
  return joined([
    when(f.flow_runs, ownFlowRun(world, run)),
    when(f.flows, (own) => world.flows.some((flow) => flow.id === run.flow_id && ownFlow(world, flow)(own))),
    when(f.deployments, (own) => world.deployments.some((d) => d.id === run.deployment_id && ownDeployment(d)(own))),
    when(f.task_runs, (own) => world.task_runs.some((t) => t.flow_run_id === run.id && ownTaskRun(world, t)(own))),
  ]);
}

/** The ids of what matches, by noun. */
export function matching(world: World, f: Given): Record<keyof World, string[]> {
  const ids = (rows: { id: string }[]) => rows.map(({ id }) => id).sort();
  const { flow_runs, flows, deployments } = f;
  return {
    flows: ids(world.flows.filter((flow) =>
      joined([
        when(f.flows, ownFlow(world, flow)),
        when(f.deployments, (own) => world.deployments.some((d) => d.flow_id === flow.id && ownDeployment(d)(own))),
        oneRun(world, (run) => run.flow_id === flow.id, f),
      ])
    )),
    flow_runs: ids(world.flow_runs.filter((run) => flowRunMatches(world, run, f))),
    task_runs: ids(world.task_runs.filter((task) =>
      joined([
        when(f.task_runs, ownTaskRun(world, task)),
        flow_runs || flows || deployments
          ? world.flow_runs.some((run) =>
            run.id === task.flow_run_id && flowRunMatches(world, run, { flow_runs, flows, deployments })
          )
          : undefined,
      ])
    )),
    deployments: ids(world.deployments.filter((deployment) =>
      joined([
        when(f.deployments, ownDeployment(deployment)),
        when(f.flows, (own) => world.flows.some((flow) => flow.id === deployment.flow_id && ownFlow(world, flow)(own))),
        oneRun(world, (run) => run.deployment_id === deployment.id, f),
      ])
    )),
  };
}
