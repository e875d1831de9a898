import assert from "node:assert/strict";
import fc from "fast-check";
import { Filters } from "../../src/domain/filters.ts";
import { StateType } from "../../src/domain/states.ts";
import { openStore, type Store } from "../../src/store/database.ts";
import { countDeployments, listDeployments } from "../../src/store/deployments.ts";
import { countFlows, listFlows } from "../../src/store/flows.ts";
import { countFlowRuns, countTaskRuns, listFlowRuns, listTaskRuns } from "../../src/store/run_lists.ts";
import { systemClock } from "../../src/support/clock.ts";
import { test } from "../testing/test.ts";
import { matching, type World } from "./naive_filters.ts";

const id = (kind: number, n: number) => `00000000-0000-4000-8000-0000000${kind}000${n}`;
const ids = (kind: number, count: number) => Array.from({ length: count }, (_, n) => id(kind, n));
const [FLOWS, DEPLOYMENTS, RUNS, TASKS] = [ids(1, 3), ids(2, 4), ids(3, 8), ids(4, 8)];
const TIMES = [1, 2, 3, 4].map((day) => `2026-11-0${day}T00:00:00.000000+00:00`);
const NAMES = ["alpha", "Alpha", "be_ta", "be%ta", "bexta", "gamma-1"];
const TAGS = ["a", "b", "c"];
const QUEUES = ["q1", "q2"];

const name = fc.constantFrom(...NAMES);
const tagList = fc.subarray(TAGS);
const maybe = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values));
const stateType = maybe(StateType.options);
const stateName = maybe(["Running", "Late", "Completed"]);

const world: fc.Arbitrary<World> = fc.record({
  flows: fc.tuple(...FLOWS.map((id, n) =>
    fc.record({
      id: fc.constant(id),
      name: fc.constant(NAMES[n]),
      project: fc.constantFrom("default", "p"),
      tags: tagList,
    })
  )),
  deployments: fc.tuple(...DEPLOYMENTS.map((id, n) =>
    fc.record({
      id: fc.constant(id),
      flow_id: fc.constantFrom(...FLOWS),
      name: fc.constant(NAMES[n]),
      tags: tagList,
      paused: fc.boolean(),
      is_schedule_active: fc.boolean(),
      work_queue_name: maybe(QUEUES),
    })
  )),
  flow_runs: fc.tuple(...RUNS.map((id, n) =>
    fc.record({
      id: fc.constant(id),
      flow_id: fc.constantFrom(...FLOWS),
      // One of them dangles, as those of deleted deployments do.
      deployment_id: maybe([...DEPLOYMENTS, "00000000-0000-4000-8000-000000009999"]),
      name,
      tags: tagList,
      labels: tagList,
      work_queue_name: maybe(QUEUES),
      state_type: stateType,
      state_name: stateName,
      flow_version: maybe(["1", "2"]),
      start_time: maybe(TIMES),
      expected_start_time: maybe(TIMES),
      next_scheduled_start_time: maybe(TIMES),
      parent_task_run_id: maybe(TASKS),
      idempotency_key: maybe([`k${n}`]),
    })
  )),
  task_runs: fc.tuple(...TASKS.map((id) =>
    fc.record({
      id: fc.constant(id),
      flow_run_id: maybe(RUNS),
      name,
      tags: tagList,
      state_type: stateType,
      state_name: stateName,
      start_time: maybe(TIMES),
      expected_start_time: maybe(TIMES),
    })
  )),
});

/** An object some of whose keys are there; often few, so that something matches. */
const some = <T extends Record<string, fc.Arbitrary<unknown>>>(shape: T) => fc.record(shape, { requiredKeys: [] });
const few = <T extends Record<string, fc.Arbitrary<unknown>>>(shape: T) =>
  fc.subarray(Object.keys(shape), { maxLength: 3 }).chain((keys) =>
    fc.record(Object.fromEntries(keys.map((key) => [key, shape[key]])))
  );
const operator = fc.constantFrom("and_", "or_");
const any = (values: readonly string[]) => fc.subarray([...values]);
const flag = fc.boolean();
const names = some({ any_: any(NAMES), like_: fc.constantFrom("A", "e_t", "e%a", "", "zzz", "1", "\\") });
const tags = some({ operator, all_: any(TAGS), is_null_: flag });
const time = fc.constantFrom(...TIMES);
const times = some({ before_: time, after_: time });
const startTimes = some({ before_: time, after_: time, is_null_: flag });
const state = some({
  operator,
  type: some({ any_: fc.subarray([...StateType.options]) }),
  name: some({ any_: any(["Running", "Late"]) }),
});
const anyOf = (values: readonly string[]) => some({ any_: any(values) });
const anyOrNull = (values: readonly string[]) => some({ operator, any_: any(values), is_null_: flag });
const anyOrNot = (values: readonly string[]) => some({ any_: any(values), not_any_: any(values) });
const filters = some({
  flows: few({
    operator,
    id: anyOf(FLOWS),
    name: names,
    tags,
    deployment: some({ is_null_: flag }),
    project: anyOf(["default", "p"]),
  }),
  flow_runs: few({
    operator,
    id: anyOrNot(RUNS),
    name: names,
    tags,
    labels: tags,
    deployment_id: anyOrNull(DEPLOYMENTS),
    work_queue_name: anyOrNull(QUEUES),
    state,
    flow_version: anyOf(["1", "2"]),
    start_time: startTimes,
    expected_start_time: times,
    next_scheduled_start_time: times,
    parent_flow_run_id: anyOf(RUNS),
    parent_task_run_id: anyOrNull(TASKS),
    idempotency_key: anyOrNot(["k1", "k2", "k3"]),
  }),
  task_runs: few({
    operator,
    id: anyOf(TASKS),
    name: names,
    tags,
    state,
    start_time: startTimes,
    expected_start_time: times,
    subflow_runs: some({ exists_: flag }),
    flow_run_id: anyOrNull(RUNS),
  }),
  deployments: few({
    operator,
    id: anyOf(DEPLOYMENTS),
    name: names,
    paused: some({ eq_: flag }),
    is_schedule_active: some({ eq_: flag }),
    tags,
    work_queue_name: anyOf(QUEUES),
  }),
});

async function fill(store: Store, { flows, deployments, flow_runs, task_runs }: World): Promise<void> {
  const stamps = { created: TIMES[0], updated: TIMES[0] };
  await store.write(async (tx) => {
    for (const table of ["flow_run", "task_run", "deployment", "flow"] as const) await tx.deleteFrom(table).execute();
    await tx.insertInto("project").values({ name: "p", created: TIMES[0] }).onConflict((c) => c.doNothing()).execute();
    for (const row of flows) {
      await tx.insertInto("flow").values({ ...row, ...stamps, tags: JSON.stringify(row.tags) }).execute();
    }
    for (const row of deployments) {
      const version_id = row.id.replace("-4000-", "-4001-");
      await tx.insertInto("deployment").values(
        {
          ...row,
          ...stamps,
          tags: JSON.stringify(row.tags),
          paused: Number(row.paused),
          is_schedule_active: Number(row.is_schedule_active),
          version_id,
        } as never,
      ).execute();
      await tx.insertInto("deployment_version").values(
        { id: version_id, created: TIMES[0], deployment_id: row.id, number: 1 } as never,
      ).execute();
    }
    const empirical_policy = "{}";
    for (const { parent_task_run_id: _, ...row } of flow_runs) {
      const lists = { tags: JSON.stringify(row.tags), labels: JSON.stringify(row.labels) };
      const made = { ...row, ...stamps, ...lists, empirical_policy };
      await tx.insertInto("flow_run").values(made as never).execute();
    }
    for (const row of task_runs) {
      const keys = { task_key: row.id, dynamic_key: "0", empirical_policy };
      await tx.insertInto("task_run").values({ ...row, ...stamps, ...keys, tags: JSON.stringify(row.tags) } as never)
        .execute();
    }
    for (const { id, parent_task_run_id } of flow_runs) {
      await tx.updateTable("flow_run").set({ parent_task_run_id }).where("id", "=", id).execute();
    }
  });
}

test("every filter on every list answers what a naive evaluation of the grammar does", async () => {
  const store = await openStore({ path: ":memory:", clock: systemClock });
  const now = systemClock.now();
  let matched = 0;
  const sorted = (rows: { id: string }[]) => rows.map(({ id }) => id).sort();
  await fc.assert(
    fc.asyncProperty(world, fc.array(filters, { minLength: 8, maxLength: 8 }), async (world, many) => {
      await fill(store, world);
      for (const given of many) {
        const parsed = Filters.parse(given);
        const expected = matching(world, parsed);
        matched += Object.values(expected).flat().length;
        assert.deepEqual({
          flows: sorted(await listFlows(store.read, parsed)),
          flow_runs: sorted(await listFlowRuns(store.read, parsed, now)),
          task_runs: sorted(await listTaskRuns(store.read, parsed, now)),
          deployments: sorted(await listDeployments(store.read, parsed)),
        }, expected);
        assert.deepEqual([
          await countFlows(store.read, parsed),
          await countFlowRuns(store.read, parsed),
          await countTaskRuns(store.read, parsed),
          await countDeployments(store.read, parsed),
        ], [expected.flows, expected.flow_runs, expected.task_runs, expected.deployments].map((ids) => ids.length));
      }
    }),
    { numRuns: 30, endOnFailure: false },
  );
  assert.ok(matched > 300, "the filters match too rarely to prove anything");
  await store.close();
});

test("a pattern too long for SQLite matches nothing instead of failing", async () => {
  const store = await openStore({ path: ":memory:", clock: systemClock });
  const filter = Filters.parse({ flows: { name: { like_: "x".repeat(60_000) } } });
  assert.deepEqual(await listFlows(store.read, filter), []);
  await store.close();
});
