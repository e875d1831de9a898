import assert from "node:assert/strict";
import fc from "fast-check";
import { type FlowRunSort, FlowRunSort as Sorts } from "../../src/domain/filters.ts";
import { FlowRunPageQuery, type Place } from "../../src/domain/flow_run_pages.ts";
import type { FlowRun } from "../../src/domain/flow_runs.ts";
import { walk } from "../../src/store/run_pages.ts";
import { test } from "../testing/test.ts";
import { BEGINNING, startTestServer, type TestServer } from "../testing/test_server.ts";

const NOW = Temporal.Instant.from(BEGINNING);
const id = (kind: number, n: number) => `0000000${kind}-0000-4000-8000-${String(n).padStart(12, "0")}`;
const at = (second: number) => `2026-11-21T22:33:${String(second).padStart(2, "0")}.000000+00:00`;

/** Few values, so that there are many ties and NULLs. */
const second = fc.option(fc.constantFrom<number[]>(50, 51, 52, 53));
const run = fc.record({
  name: fc.constantFrom("a", "b", "c", "ä", "😀"),
  flow: fc.constantFrom(0, 1, 2),
  deployment: fc.option(fc.constantFrom(0, 1)),
  state: fc.constantFrom("FAILED", "COMPLETED", "SCHEDULED", "CRASHED"),
  late: fc.boolean(),
  tags: fc.subarray(["x", "y"]),
  expected: second,
  start: second,
  end: second,
  next: second,
});
type Made = typeof run extends fc.Arbitrary<infer T> ? T : never;

let made = 0;

async function insert({ store }: TestServer, runs: readonly Made[]): Promise<void> {
  await store.write(async (tx) => {
    for (const one of runs) {
      await tx.insertInto("flow_run").values({
        // Ids in no order of their making.
        id: id(4, (made++ * 7919) % 1_000_003),
        created: at(0),
        updated: at(0),
        name: one.name,
        flow_id: id(1, one.flow),
        deployment_id: one.deployment === null ? null : id(2, one.deployment),
        state_type: one.state,
        state_name: one.state === "SCHEDULED" && one.late ? "Late" : one.state,
        tags: JSON.stringify(one.tags),
        empirical_policy: "{}",
        expected_start_time: one.expected === null ? null : at(one.expected),
        start_time: one.start === null ? null : at(one.start),
        end_time: one.end === null ? null : at(one.end),
        next_scheduled_start_time: one.next === null ? null : at(one.next),
      } as never).execute();
    }
  });
}

async function begin(server: TestServer): Promise<void> {
  await server.store.write(async (tx) => {
    for (const n of [0, 1, 2]) {
      const row = { id: id(1, n), created: at(0), updated: at(0), name: `flow-${n}`, project: "default", tags: "[]" };
      await tx.insertInto("flow").values(row).execute();
    }
  });
}

const clear = ({ store }: TestServer) => store.write((tx) => tx.deleteFrom("flow_run").execute());

/** All that Prefect's route lists with the same filter and order. */
async function listed({ client }: TestServer, filter: object, sort: FlowRunSort): Promise<string[]> {
  const runs: FlowRun[] = [];
  for (let offset = 0;; offset += 200) {
    const page = await client.flowRuns.list({ ...filter, sort, limit: 200, offset });
    runs.push(...page);
    if (page.length < 200) return runs.map(({ id }) => id);
  }
}

const filter = fc.constantFrom<object>(
  {},
  { flow_runs: { state: { type: { any_: ["FAILED"] } } } },
  { flow_runs: { state: { type: { any_: ["FAILED", "CRASHED", "SCHEDULED"] } } } },
  { flow_runs: { state: { name: { any_: ["Late"] } } } },
  { flow_runs: { state: { operator: "or_", type: { any_: ["FAILED"] }, name: { any_: ["Late"] } } } },
  { flow_runs: { state: { operator: "or_", type: { any_: ["SCHEDULED"] }, name: { any_: ["Late"] } } } },
  { flow_runs: { state: { type: { any_: ["FAILED"] }, name: { any_: ["Late", "FAILED"] } } } },
  { flow_runs: { state: { type: { any_: [] } } } },
  { flow_runs: { operator: "or_", state: { type: { any_: ["FAILED"] } }, tags: { all_: ["x"] } } },
  { flow_runs: { tags: { all_: ["x"] }, state: { type: { any_: ["COMPLETED", "FAILED"] } } } },
  { flow_runs: { expected_start_time: { after_: at(51), before_: at(52) } } },
  { flow_runs: { operator: "or_", expected_start_time: { after_: at(53) }, name: { any_: ["a"] } } },
  { flow_runs: { deployment_id: { any_: [id(2, 0)] } } },
  { flow_runs: { deployment_id: { operator: "or_", any_: [id(2, 0)], is_null_: true } } },
  { flows: { id: { any_: [id(1, 0)] } } },
  { flows: { id: { any_: [id(1, 0), id(1, 2)] } }, flow_runs: { tags: { all_: ["y"] } } },
  { flows: { operator: "or_", id: { any_: [id(1, 0)] }, name: { any_: ["flow-1"] } } },
  { flows: { project: { any_: ["default"] } }, flow_runs: { name: { like_: "a" } } },
);

test("pages hold every run once and in order, whatever the filter, the order, and how many they hold", async () => {
  await using server = await startTestServer();
  await begin(server);
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(run, { minLength: 15, maxLength: 40, size: "max" }),
      fc.array(fc.record({ filter, sort: fc.constantFrom(...Sorts.options), limit: fc.nat(9), budget: fc.nat(12) }), {
        minLength: 10,
        maxLength: 10,
      }),
      async (runs, questions) => {
        await clear(server);
        await insert(server, runs);
        for (const { filter, sort, limit, budget } of questions) {
          const expected = await listed(server, filter, sort);
          seen += expected.length;
          const byRoute: string[] = [];
          let after: string | undefined;
          do {
            const page = await server.client.flowRuns.page({ ...filter, sort, limit: limit + 1, after });
            byRoute.push(...page.results.map(({ id }) => id));
            after = page.next ?? undefined;
          } while (after !== undefined);
          assert.deepEqual(byRoute, expected);
          // The same where each page looks at a few runs only, forwards and then back from the end.
          const choice = FlowRunPageQuery.parse(filter);
          for (const backwards of [false, true]) {
            const walked: string[] = [];
            let from: Place | undefined;
            for (;;) {
              const asked = { choice, sort, limit: limit + 1, from, backwards, now: NOW, budget: budget + 1 };
              const { found, next } = await walk(server.store.read, asked);
              walked.push(...found.map(({ id }) => id));
              assert.ok(found.length <= limit + 1);
              if (next === undefined) break;
              assert.notDeepEqual(next, from);
              from = next;
            }
            assert.deepEqual(walked, backwards ? expected.toReversed() : expected);
          }
        }
      },
    ),
    { numRuns: 12, endOnFailure: true },
  );
  assert.ok(seen > 500, "the filters match too rarely to prove anything");
});

test("runs that come and go between two pages make no other run appear twice or never", async () => {
  await using server = await startTestServer();
  await begin(server);
  const row = (expected: number): Made => ({
    name: "a",
    flow: 0,
    deployment: null,
    state: "FAILED",
    late: false,
    tags: [],
    expected,
    start: null,
    end: null,
    next: null,
  });
  await insert(server, Array.from({ length: 20 }, (_, n) => row(10 + (n >> 1))));
  for (const sort of ["EXPECTED_START_TIME_DESC", "EXPECTED_START_TIME_ASC", "START_TIME_DESC", "ID_DESC"] as const) {
    const before = await listed(server, {}, sort);
    const first = await server.client.flowRuns.page({ sort, limit: 7 });
    // Some before the first page, some of it gone, one beyond it gone.
    await insert(server, [row(40), row(5), row(15)]);
    const between = await listed(server, {}, sort);
    const gone = [first.results[0].id, first.results[6].id, before[9]];
    for (const id of gone) await server.client.flowRuns.delete(id);
    const second = await server.client.flowRuns.page({ sort, limit: 200, after: first.next! });
    const both = [...first.results, ...second.results].map(({ id }) => id);
    assert.equal(new Set(both).size, both.length);
    for (const id of before) if (id !== before[9]) assert.ok(both.includes(id));
    // What has come before the first is asked for from its place, also when it is gone itself.
    const above = await server.client.flowRuns.page({ sort, before: first.previous! });
    assert.deepEqual(above.results.map(({ id }) => id), between.slice(0, between.indexOf(gone[0])));
    assert.equal(above.next, null);
  }
});

test("a listed run has the names of what it belongs to, its usual run time, and whether it is late", async () => {
  await using server = await startTestServer();
  const deployment = await server.aDeployment({ labels: ["gpu"] });
  const flow_id = deployment.flow_id;
  const ran = async (seconds: number, deployment_id?: string) => {
    const { id } = await server.client.flowRuns.create({ flow_id, deployment_id, state: { type: "RUNNING" } });
    server.clock.advance(seconds);
    await server.client.flowRuns.setState(id, { type: "COMPLETED" });
  };
  for (const seconds of [10, 20, 90]) await ran(seconds, deployment.id);
  for (const seconds of [300, 300, 300]) await ran(seconds);
  const scheduled = await server.client.deployments.createRun(deployment.id, {});
  const [listed] = (await server.client.flowRuns.page({ limit: 1 })).results;
  assert.equal(listed.id, scheduled.id);
  assert.deepEqual(
    [listed.flow_name, listed.deployment_name, listed.project, listed.labels, listed.usual_run_time, listed.late],
    ["my-flow", "example", "default", ["gpu"], 20, false],
  );
  server.clock.advance(16);
  assert.equal((await server.client.flowRuns.page({ limit: 1 })).results[0].late, true);
  const running = await server.client.flowRuns.create({ flow_id, state: { type: "RUNNING" } });
  server.clock.advance(2);
  const [own] = (await server.client.flowRuns.page({ flow_runs: { id: { any_: [running.id] } } })).results;
  assert.deepEqual([own.usual_run_time, own.estimated_run_time, own.deployment_name, own.late], [195, 2, null, false]);
  // A deployment without completed runs: those of its flow say.
  const other = await server.client.deployments.create({ name: "new", flow_id });
  const { id } = await server.client.deployments.createRun(other.id, {});
  assert.equal(
    (await server.client.flowRuns.page({ flow_runs: { id: { any_: [id] } } })).results[0].usual_run_time,
    195,
  );
});

test("upcoming runs are left out on request", async () => {
  await using server = await startTestServer();
  const inSeconds = (seconds: number) => ({
    type: "SCHEDULED" as const,
    state_details: { scheduled_time: NOW.add({ seconds }).toString() },
  });
  await server.aFlowRun({ name: "now", state: inSeconds(30) });
  await server.aFlowRun({ name: "later", state: inSeconds(3600) });
  for (const sort of [undefined, "NAME_ASC"] as const) {
    const names = async (upcoming?: boolean) =>
      (await server.client.flowRuns.page({ sort, upcoming })).results.map(({ name }) => name).sort();
    assert.deepEqual([await names(), await names(false)], [["later", "now"], ["now"]]);
  }
  assert.equal((await server.client.flowRuns.facets({ upcoming: false })).states[0].count, 1);
});

test("facets count each state of what matches otherwise", async () => {
  await using server = await startTestServer();
  const other = await server.aFlow({ name: "other" });
  for (const state of ["FAILED", "FAILED", "COMPLETED"] as const) await server.aFlowRun({ state, tags: ["x"] });
  const { id } = await server.aFlowRun({ state: { type: "SCHEDULED", name: "Late" } });
  await server.aFlowRun({ flow_id: other.id, state: "FAILED" });
  const facets = async (query: object) => {
    const { states, late } = await server.client.flowRuns.facets(query);
    return [
      states.map(({ state_type, count, more }) => `${state_type} ${count}${more ? "+" : ""}`).join(", "),
      late.count,
    ];
  };
  const failed = { state: { type: { any_: ["FAILED"] } } };
  assert.deepEqual(await facets({}), ["SCHEDULED 1, COMPLETED 1, FAILED 3", 1]);
  assert.deepEqual(await facets({ flow_runs: failed }), ["SCHEDULED 1, COMPLETED 1, FAILED 3", 1]);
  assert.deepEqual(await facets({ flow_runs: { ...failed, tags: { all_: ["x"] } } }), ["COMPLETED 1, FAILED 2", 0]);
  assert.deepEqual(await facets({ flows: { id: { any_: [other.id] } } }), ["FAILED 1", 0]);
  assert.deepEqual(await facets({ flow_runs: { id: { any_: [id] } } }), ["SCHEDULED 1", 1]);
  const past = { expected_start_time: { before_: "2020-01-01" } };
  assert.deepEqual(await facets({ flow_runs: past }), ["", 0]);
});

test("many runs are cancelled as one is, and each says what became of it", async () => {
  await using server = await startTestServer();
  const waiting = await Promise.all([1, 2, 3].map(() => server.aFlowRun({ state: "SCHEDULED" })));
  const running = await server.aFlowRun({ state: "RUNNING" });
  const over = await server.aFlowRun({ state: "COMPLETED" });
  const ids = [...waiting, running, over, over].map(({ id }) => id);
  const result = await server.client.flowRuns.bulkCancel({ ids: [...ids, id(9, 9)] });
  const { state_type } = await server.client.flowRuns.read(running.id);
  assert.deepEqual(result, {
    done: state_type === "CANCELLED" ? 4 : 3,
    stopping: state_type === "CANCELLED" ? 0 : 1,
    over: 1,
    missing: 1,
    refused: [],
    next: null,
  });
  for (const { id } of waiting) assert.equal((await server.client.flowRuns.read(id)).state_type, "CANCELLED");
  assert.equal((await server.client.flowRuns.read(over.id)).state_type, "COMPLETED");
});

test("what matches is deleted part by part", async () => {
  await using server = await startTestServer();
  for (let n = 0; n < 130; n++) await server.aFlowRun({ state: n % 13 === 0 ? "COMPLETED" : "FAILED" });
  const failed = { flow_runs: { state: { type: { any_: ["FAILED" as const] } } } };
  let done = 0, requests = 0;
  let after: string | undefined;
  do {
    const result = await server.client.flowRuns.bulkDelete({ ...failed, limit: 55, after });
    done += result.done;
    requests++;
    after = result.next ?? undefined;
  } while (after !== undefined);
  assert.deepEqual([done, requests, await server.client.flowRuns.count()], [120, 3, 10]);
});

test("a cursor of another order, or none, is refused", async () => {
  await using server = await startTestServer();
  await server.aFlowRun();
  const { previous } = await server.client.flowRuns.page({ sort: "NAME_ASC" });
  for (const body of [{ after: previous, sort: "NAME_DESC" }, { after: "x" }, { before: "WzFd" }]) {
    const answer = await server.send("POST", "/api/flow_runs/page", body);
    assert.equal(answer.status, 422);
    assert.match(answer.text, /Cannot go on in list/);
  }
  const both = await server.send("POST", "/api/flow_runs/page", {
    after: previous,
    before: previous,
    sort: "NAME_ASC",
  });
  assert.equal(both.status, 422);
});
