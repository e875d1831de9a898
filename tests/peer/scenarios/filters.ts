/**
 * The filter grammar: every key and operator, on its own noun and through related ones; orders and pages.
 *
 * @module
 */

import type { Answered, Scenario, Target } from "../lib/target.ts";
import { queries } from "./filter_queries.ts";

/** Things to look for; names are unique, so that an order by name is an order. */
export interface World {
  flows: Record<"a" | "b" | "c", Answered>;
  runs: Record<string, Answered>;
  tasks: Record<string, Answered>;
  deployments: Record<"d" | "e", Answered>;
}

async function build(t: Target): Promise<World> {
  const flows = { a: await t.flow("f a", ["x", "y"]), b: await t.flow("f b", ["x"]), c: await t.flow("F_c") };
  const d = await t.deployment(flows.a.id, { name: "dep d", tags: ["x", "z"] });
  const e = await t.deployment(flows.b.id, { name: "dep e", paused: true, schedule: { interval: 3600 } });
  const runs: Record<string, Answered> = {}, tasks: Record<string, Answered> = {};
  const run = async (name: string, flow: Answered, body: Record<string, unknown>) => {
    runs[name] = await t.flowRun(flow.id, { name, ...body });
  };
  const task = async (name: string, flowRun: string | null, body: Record<string, unknown>) => {
    tasks[name] = await t.taskRun(flowRun, { name, ...body });
  };
  const state = (type: string, name?: string, seconds?: number) => ({
    state: { type, name, ...(seconds === undefined ? {} : { state_details: { scheduled_time: t.at(seconds) } }) },
  });
  await run("r 1", flows.a, { ...state("RUNNING"), tags: ["x", "y"], flow_version: "v1", idempotency_key: "k1" });
  await run("r 2", flows.a, { ...state("COMPLETED"), tags: ["x"], flow_version: "v2", idempotency_key: "k2" });
  await run("R_3", flows.a, { ...state("SCHEDULED", "Late", -100), idempotency_key: "k3" });
  await run("r%4", flows.b, { ...state("SCHEDULED", "Scheduled", 500), tags: ["é", 'q"'] });
  await run("r 5", flows.b, { ...state("RUNNING") });
  await t.state("r 5 ends", "flow_runs", runs["r 5"].id, "FAILED");
  await run("r 6", flows.b, {});
  runs["r 7"] = await t.post("r 7", `/deployments/${d.id}/create_flow_run`, { name: "r 7", ...state("PENDING") }, {
    quiet: true,
  });
  runs["r 8"] = await t.post("r 8", `/deployments/${e.id}/create_flow_run`, {
    name: "r 8",
    ...state("SCHEDULED", undefined, 50),
  }, { quiet: true });
  await task("t 1", runs["r 1"].id, { ...state("RUNNING"), tags: ["x", "y"] });
  await task("t 2", runs["r 1"].id, { ...state("COMPLETED"), tags: ["x"] });
  await task("T_3", runs["r 2"].id, {});
  await task("t%4", runs["r 5"].id, { ...state("SCHEDULED", "AwaitingRetry", 200) });
  await task("t 5", null, { ...state("PENDING"), task_key: "lone" });
  await run("r 9", flows.c, { parent_task_run_id: tasks["t 1"].id, ...state("RUNNING") });
  return { flows, runs, tasks, deployments: { d, e } };
}

/** See the module's comment. */
export const filters: Scenario = {
  name: "filters",
  async run(t) {
    const world = await build(t);
    const names = (list: Answered[]) => list.map(({ name }) => name);
    const byName = (list: Answered[]) => names(list).sort();
    for (const noun of ["flows", "flow_runs", "task_runs", "deployments"] as const) {
      for (const [what, filter] of queries(noun, world, t)) {
        await t.post(`${noun} ${what}`, `/${noun}/filter`, { ...filter, sort: "NAME_ASC" }, { as: byName });
        await t.post(`${noun} count ${what}`, `/${noun}/count`, filter);
      }
      for (const sort of SORTS) {
        // Ids are random: what is sorted by them has no common order.
        const as = sort === "ID_DESC"
          ? byName
          : sort === "END_TIME_DESC"
          ? (list: Answered[]) => names(list).slice(0, 1)
          : names;
        const only = sort === "END_TIME_DESC" ? { flow_runs: { name: { any_: ["r 5"] } } } : {};
        await t.post(`${noun} ${sort}`, `/${noun}/filter`, { sort, ...only }, { as });
      }
      for (
        const page of [
          { limit: 2 },
          { limit: 2, offset: 1 },
          { limit: 0 },
          { limit: 200 },
          { offset: 100 },
          { limit: 201 },
          { limit: -1 },
          { offset: -1 },
          { limit: "2" },
          { limit: 1.5 },
          { limit: "x" },
          { limit: null, offset: null, sort: null },
        ]
      ) {
        const body = { sort: "NAME_ASC", ...page };
        await t.post(`${noun} page ${JSON.stringify(page)}`, `/${noun}/filter`, body, {
          as: body.sort === null ? byName : names,
        });
      }
      await t.post(`${noun} with an empty body`, `/${noun}/filter`, undefined, { as: byName });
      await t.post(`${noun} count with an empty body`, `/${noun}/count`);
      await t.post(`${noun} with null`, `/${noun}/filter`, null, { as: byName });
      await t.post(`${noun} with unknown top keys`, `/${noun}/filter`, { bogus: 1, work_queues: null }, { as: byName });
      await t.post(`${noun} with a list`, `/${noun}/filter`, []);
      await t.post(`${noun} with null filters`, `/${noun}/filter`, {
        flows: null,
        flow_runs: null,
        task_runs: null,
        deployments: null,
        work_pools: null,
        work_pool_queues: null,
        sort: null,
      }, { as: byName });
    }
  },
};

const SORTS = [
  "ID_DESC",
  "NAME_ASC",
  "NAME_DESC",
  "CREATED_DESC",
  "UPDATED_DESC",
  "START_TIME_ASC",
  "START_TIME_DESC",
  "EXPECTED_START_TIME_ASC",
  "EXPECTED_START_TIME_DESC",
  "NEXT_SCHEDULED_START_TIME_ASC",
  "END_TIME_DESC",
  "BOGUS",
  "name_asc",
];
