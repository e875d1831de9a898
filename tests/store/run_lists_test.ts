import assert from "node:assert/strict";
import { FlowRunQuery, HistoryQuery, TaskRunQuery } from "../../src/domain/filters.ts";
import { queryAll } from "../../src/store/connection.ts";
import type { Db } from "../../src/store/database.ts";
import {
  flowRunHistory,
  flowRunLateness,
  flowRunsQuery,
  listFlowRuns,
  taskRunsQuery,
} from "../../src/store/run_lists.ts";
import { test } from "../testing/test.ts";
import { BEGINNING, testStore } from "./support.ts";

const id = "01a1fe48-2d44-757e-b2aa-ae4dbb105729";

const planOf = async (db: Db, query: ReturnType<typeof flowRunsQuery> | ReturnType<typeof taskRunsQuery>) => {
  const { sql, parameters } = query.compile(db);
  const rows = await queryAll<{ detail: string }>(db, `EXPLAIN QUERY PLAN ${sql}`, parameters as string[]);
  const details = rows.map(({ detail }) => detail);
  // What comes after the page is chosen is about its few rows only.
  return details.slice(0, details.indexOf("SCAN page"));
};

for (
  const [what, query] of Object.entries({
    "the newest runs": {},
    "runs by the time they began or will begin": { sort: "START_TIME_DESC" },
    "runs by expected start": { sort: "EXPECTED_START_TIME_DESC" },
    "coming runs": { sort: "NEXT_SCHEDULED_START_TIME_ASC" },
    "runs by end": { sort: "END_TIME_DESC" },
    "runs by name": { sort: "NAME_ASC" },
    "runs of one state": { flow_runs: { state: { type: { any_: ["FAILED"] } } } },
    "late runs": { flow_runs: { state: { name: { any_: ["Late"] } } } },
    "runs of one flow": { flows: { id: { any_: [id] } } },
  })
) {
  test(`${what} are listed through an index that has their order`, async () => {
    await using t = await testStore();
    const plan = await planOf(t.store.read, flowRunsQuery(FlowRunQuery.parse(query)));
    assert.ok(plan.every((step) => !/TEMP B-TREE|SCAN flow_run$/.test(step)), plan.join("\n"));
    assert.ok(plan.some((step) => /flow_run USING (COVERING )?INDEX/.test(step)), plan.join("\n"));
  });
}

for (
  const [what, query] of Object.entries({
    "the sub-flow runs of a task run": { flow_runs: { parent_task_run_id: { any_: [id] } } },
    "the sub-flow runs of a flow run": { flow_runs: { parent_flow_run_id: { any_: [id] } } },
    "the runs of a deployment": { flow_runs: { deployment_id: { any_: [id] } } },
  })
) {
  test(`${what} are found through an index`, async () => {
    await using t = await testStore();
    const plan = await planOf(t.store.read, flowRunsQuery(FlowRunQuery.parse(query)));
    assert.ok(
      plan.some((step) => /^SEARCH flow_run USING .*INDEX flow_run_by_(parent|deployment)/.test(step)),
      plan.join(),
    );
  });
}

test("the task runs of a flow run are listed through an index, also when they are asked for by a filter on flow runs", async () => {
  await using t = await testStore();
  const plan = await planOf(t.store.read, taskRunsQuery(TaskRunQuery.parse({ flow_runs: { id: { any_: [id] } } })));
  assert.match(plan.join("\n"), /SEARCH task_run USING COVERING INDEX task_run_by_flow_run/);
  assert.doesNotMatch(plan.join("\n"), /TEMP B-TREE/);
});

test("pages do not overlap when many runs have the same value", async () => {
  await using t = await testStore();
  for (let i = 0; i < 7; i++) await t.aFlowRun({ name: "same" });
  const page = async (offset: number) =>
    (await listFlowRuns(t.store.read, FlowRunQuery.parse({ sort: "NAME_ASC", limit: 3, offset }), t.given().now))
      .map((run) => run.id);
  const all = [...await page(0), ...await page(3), ...await page(6)];
  assert.equal(new Set(all).size, 7);
});

test("a page has at most 200 rows, and a limit out of range is refused in Prefect's words", async () => {
  await using t = await testStore();
  const list = (limit: number) => listFlowRuns(t.store.read, { limit }, t.given().now);
  assert.deepEqual(await list(0), []);
  await assert.rejects(list(201), { message: "Invalid limit: must be less than or equal to 200." });
  await assert.rejects(list(-1), { message: "Invalid limit: must be greater than or equal to 0." });
});

test("estimates are of the moment of reading", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun({
    state: { type: "SCHEDULED", state_details: { scheduled_time: "2026-11-21T22:34:00Z" } },
  });
  assert.equal((await t.run(id)).estimated_start_time_delta, 0, "it is not due yet");
  t.pass(11.5);
  assert.equal((await t.run(id)).estimated_start_time_delta, 10);
  assert.equal(await flowRunLateness(t.store.read, {} as never, t.given().now), 10);
  await t.move(id, "RUNNING");
  t.pass(2.25);
  const running = await t.run(id);
  assert.deepEqual([running.total_run_time, running.estimated_run_time], [0, 2.25]);
  assert.equal(running.estimated_start_time_delta, 10, "it began ten seconds late, and stays so");
  await t.move(id, "COMPLETED");
  t.pass(60);
  const over = await t.run(id);
  assert.deepEqual([over.total_run_time, over.estimated_run_time], [2.25, 2.25]);
});

test("the lateness of no runs is null", async () => {
  await using t = await testStore();
  assert.equal(await flowRunLateness(t.store.read, {} as never, t.given().now), null);
});

test("a history counts runs by interval and state, lists empty intervals, and has at most 500", async () => {
  await using t = await testStore();
  const at = (time: string) => t.aFlowRun({ state: { type: "SCHEDULED", state_details: { scheduled_time: time } } });
  await at("2026-11-22T00:00:00Z");
  await at("2026-11-22T00:59:59.999999Z");
  await at("2026-11-22T02:00:00Z");
  const ask = (seconds: number) =>
    flowRunHistory(
      t.store.read,
      HistoryQuery.parse({
        history_start: "2026-11-22T00:00:00Z",
        history_end: "2026-11-22T03:00:00Z",
        history_interval_seconds: seconds,
      }),
      Temporal.Instant.from(BEGINNING),
    );
  const state = {
    state_type: "SCHEDULED",
    state_name: "Scheduled",
    sum_estimated_run_time: 0,
    sum_estimated_lateness: 0,
  };
  const hour = (n: number) => `2026-11-22T0${n}:00:00.000000+00:00`;
  assert.deepEqual(await ask(3600), [
    { interval_start: hour(0), interval_end: hour(1), states: [{ ...state, count_runs: 2 }] },
    { interval_start: hour(1), interval_end: hour(2), states: [] },
    { interval_start: hour(2), interval_end: hour(3), states: [{ ...state, count_runs: 1 }] },
  ]);
  assert.equal((await ask(1)).length, 500);
});
