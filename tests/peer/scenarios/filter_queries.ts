/**
 * Filters to ask with.
 *
 * @module
 */

import type { Target } from "../lib/target.ts";
import type { World } from "./filters.ts";

type Filter = Record<string, unknown>;

const NOBODY = "11111111-1111-4111-8111-111111111111";

const text = (values: string[], pattern: string): Filter[] => [
  { any_: values },
  { any_: [] },
  { any_: ["nobody"] },
  { any_: null },
  { like_: pattern },
  { like_: pattern.toUpperCase() },
  { like_: "" },
  { like_: "%" },
  { like_: "_" },
  { any_: values, like_: pattern },
  { bogus: 1 },
  { not_any_: [] },
  {},
];

const ids = (some: string[]): Filter[] => [
  { any_: some },
  { any_: [...some, ...some, NOBODY] },
  { any_: [] },
  { any_: null },
  { any_: ["nonsense"] },
  { any_: some[0] },
  { not_any_: some },
  { not_any_: [] },
  { is_null_: true },
  { is_null_: false },
  {},
];

const tags = (): Filter[] => [
  { all_: ["x"] },
  { all_: ["x", "y"] },
  { all_: ["y", "x", "x"] },
  { all_: [] },
  { all_: ["é"] },
  { all_: ['q"'] },
  { all_: ["nobody"] },
  { is_null_: true },
  { is_null_: false },
  { all_: ["x"], is_null_: true },
  { operator: "or_", all_: ["x"], is_null_: true },
  { operator: "or_" },
  { operator: "and_", all_: ["x"] },
  { operator: "xor_" },
  { any_: ["x"] },
  {},
];

const times = (t: Target): Filter[] => [
  { before_: t.at(100) },
  { after_: t.at(100) },
  { before_: t.at(-50) },
  { after_: t.at(-50), before_: t.at(100) },
  { before_: "2020-01-01" },
  { after_: "2020-01-01T00:00:00" },
  { after_: "2020-01-01T00:00:00+05:00" },
  { after_: 1577836800 },
  { after_: "nonsense" },
  { is_null_: true },
  { is_null_: false },
  { before_: null, after_: null },
  {},
];

const states = (): Filter[] => [
  { type: { any_: ["RUNNING"] } },
  { type: { any_: ["RUNNING", "SCHEDULED"] } },
  { type: { any_: [] } },
  { type: { any_: ["BOGUS"] } },
  { type: { any_: ["running"] } },
  { name: { any_: ["Late", "Running"] } },
  { name: { any_: [] } },
  { type: { any_: ["SCHEDULED"] }, name: { any_: ["Late", "Running"] } },
  { operator: "or_", type: { any_: ["SCHEDULED"] }, name: { any_: ["Running"] } },
  { type: { not_any_: ["RUNNING"] } },
  { name: { not_any_: ["Running"] } },
  { name: { like_: "late" } },
  { type: null, name: null },
  {},
];

/** The sub-filters of each noun; also those that it does not have. */
function ownFilters(noun: string, world: World, t: Target): [string, Filter][] {
  const list: [string, Filter[]][] = [];
  const values = (group: Record<string, { id: string }>) => Object.values(group).slice(0, 2).map(({ id }) => id);
  if (noun === "flows") {
    list.push(["id", ids(values(world.flows))], ["name", text(["f a", "F_c"], "f a")], ["tags", tags()]);
    list.push(["deployment", [{ is_null_: true }, { is_null_: false }, { operator: "or_", is_null_: true }, {}]]);
  } else if (noun === "flow_runs") {
    list.push(["id", ids(values(world.runs))], ["name", text(["r 1", "R_3"], "r_")], ["tags", tags()]);
    list.push(["state", states()], ["flow_version", text(["v1"], "v")]);
    list.push(["deployment_id", [...ids([world.deployments.d.id]), {
      operator: "or_",
      any_: [world.deployments.d.id],
      is_null_: true,
    }]]);
    list.push(["work_queue_name", [...text(["q"], "q"), { is_null_: true }, { is_null_: false }]]);
    list.push(["start_time", times(t)], ["expected_start_time", times(t)], ["next_scheduled_start_time", times(t)]);
    list.push(["parent_flow_run_id", ids([world.runs["r 1"].id])], [
      "parent_task_run_id",
      ids([world.tasks["t 1"].id]),
    ]);
    list.push(["idempotency_key", [...text(["k1", "k2"], "k"), { not_any_: ["k1"] }, {
      any_: ["k1", "k2"],
      not_any_: ["k1"],
    }]]);
    list.push(["end_time", times(t).slice(0, 1)]);
  } else if (noun === "task_runs") {
    list.push(["id", ids(values(world.tasks))], ["name", text(["t 1", "T_3"], "t_")], ["tags", tags()]);
    list.push(["state", states()], ["start_time", times(t)], ["expected_start_time", times(t)]);
    list.push(["flow_run_id", ids([world.runs["r 1"].id])]);
    list.push(["subflow_runs", [{ exists_: true }, { exists_: false }, { exists_: null }, {}]]);
  } else {
    list.push(["id", ids([world.deployments.d.id])], ["name", text(["dep d"], "P D")], ["tags", tags()]);
    list.push(["paused", [{ eq_: true }, { eq_: false }, { eq_: null }, {}]]);
    list.push(["is_schedule_active", [{ eq_: true }, { eq_: false }]]);
    list.push(["work_queue_name", text(["q"], "q")]);
  }
  list.push(["bogus", [{ any_: [] }]]);
  return list.flatMap(([key, all]) =>
    all.map((filter): [string, Filter] => [`${key} ${JSON.stringify(filter)}`, { [noun]: { [key]: filter } }])
  );
}

/** Filters that reach other nouns, and how several go together. */
function related(world: World): [string, Filter][] {
  const list: Record<string, Filter> = {
    "of a flow by id": { flows: { id: { any_: [world.flows.a.id] } } },
    "of a flow by name": { flows: { name: { like_: "f " } } },
    "of a flow by tags": { flows: { tags: { all_: ["x"] } } },
    "of no flow": { flows: { id: { any_: [] } } },
    "of flows or": { flows: { operator: "or_", name: { any_: ["f b"] }, tags: { all_: ["y"] } } },
    "of a run by id": { flow_runs: { id: { any_: [world.runs["r 1"].id] } } },
    "of a run by state": { flow_runs: { state: { type: { any_: ["RUNNING"] } } } },
    "of no run": { flow_runs: { id: { any_: [] } } },
    "of runs or": { flow_runs: { operator: "or_", name: { any_: ["r 1"] }, state: { name: { any_: ["Late"] } } } },
    "of a task": { task_runs: { name: { any_: ["t 1"] } } },
    "of tasks by state": { task_runs: { state: { type: { any_: ["COMPLETED", "PENDING"] } } } },
    "of no task": { task_runs: { id: { any_: [] } } },
    "of a deployment": { deployments: { name: { any_: ["dep d"] } } },
    "of paused deployments": { deployments: { paused: { eq_: true } } },
    "of no deployment": { deployments: { id: { any_: [] } } },
    "of flow and run": { flows: { name: { any_: ["f a"] } }, flow_runs: { state: { type: { any_: ["RUNNING"] } } } },
    "of run and task": { flow_runs: { name: { any_: ["r 1", "r 2"] } }, task_runs: { name: { any_: ["T_3"] } } },
    "of run and task of different runs": {
      flow_runs: { name: { any_: ["r 1"] } },
      task_runs: { name: { any_: ["T_3"] } },
    },
    "of all four": { flows: { tags: { all_: ["x"] } }, flow_runs: {}, task_runs: {}, deployments: {} },
    "of flow and deployment": { flows: { name: { any_: ["f b"] } }, deployments: { name: { any_: ["dep d"] } } },
    "of empty filters": { flows: {}, flow_runs: {} },
    "of operator only": { flows: { operator: "or_" }, flow_runs: { operator: "or_" } },
    "of empty sub-filters in or": { flow_runs: { operator: "or_", name: {}, state: { type: { any_: ["RUNNING"] } } } },
    "of null sub-filters in or": { flow_runs: { operator: "or_", name: null, state: { type: { any_: ["RUNNING"] } } } },
    "of any nothing in or": {
      flow_runs: { operator: "or_", id: { any_: [] }, state: { type: { any_: ["RUNNING"] } } },
    },
    "of an unknown noun": { bogus: { id: { any_: [] } } },
    "of an unknown key in a related one": { flows: { bogus: 1 } },
    "of a filter that is a text": { flow_runs: "x" },
    "of a filter that is a list": { flow_runs: [] },
    "of work pools by null": { work_pools: null, work_pool_queues: null },
    "of an operator in lower case": { flow_runs: { operator: "OR_" } },
    "of an operator null": { flow_runs: { operator: null } },
  };
  return Object.entries(list);
}

/** Each filter with what it is about. */
export const queries = (noun: string, world: World, t: Target): [string, Filter][] => [
  ...ownFilters(noun, world, t),
  ...related(world),
];
