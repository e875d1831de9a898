import assert from "node:assert/strict";
import fc from "fast-check";
import { bundleHash } from "../../src/domain/bundles.ts";
import { DeploymentScheduleCreate, DeploymentUpdate } from "../../src/domain/deployments.ts";
import { DeploymentFlowRunCreate } from "../../src/domain/flow_runs.ts";
import { nextDates, Schedule } from "../../src/domain/schedules/mod.ts";
import { createDeploymentRun } from "../../src/orchestration/create_deployment_run.ts";
import {
  createDeploymentSchedules,
  deleteDeploymentSchedule,
  updateDeploymentSchedule,
} from "../../src/orchestration/deployment_schedules.ts";
import { setDeploymentPaused, updateDeployment } from "../../src/orchestration/deployments.ts";
import { scheduleRuns } from "../../src/orchestration/schedule_runs.ts";
import { putBundle } from "../../src/store/bundles.ts";
import { findDeploymentVersion, readDeployment } from "../../src/store/deployments.ts";
import { listFlowRuns } from "../../src/store/run_lists.ts";
import { formatInstant } from "../../src/support/clock.ts";
import { test } from "../testing/test.ts";
import { type TestStore, testStore } from "../store/support.ts";

const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
const hourly = { schedule: { interval: 3600, anchor_date: "2026-01-01T00:00:00Z", timezone: "UTC" } };
const runsOf = async (
  t: TestStore,
) => (await listFlowRuns(t.store.read, { sort: "EXPECTED_START_TIME_ASC" }, t.given().now));
const timesOf = async (t: TestStore) => (await runsOf(t)).map((run) => run.next_scheduled_start_time);
const schedule = (t: TestStore, id: string, bounds = {}) =>
  t.store.write((tx) => scheduleRuns(tx, id, t.given(), bounds));
const create = (t: TestStore, id: string, body: object = {}) =>
  t.store.write((tx) => createDeploymentRun(tx, id, DeploymentFlowRunCreate.parse(body), t.given()));
const hour = (n: number) => `2026-11-21T${n}:00:00.000000+00:00`;

test("deploying again replaces the deployment by flow and name, and keeps its id", async () => {
  await using t = await testStore();
  const one = await t.aDeployment({ parameters: { a: 1 }, tags: ["x"], description: "old" });
  t.pass(1);
  const two = await t.aDeployment({ parameters: { b: 2 } });
  assert.deepEqual([two.id, two.created, two.parameters, two.tags, two.description], [
    one.id,
    one.created,
    { b: 2 },
    [],
    null,
  ]);
  assert.ok(two.updated > one.updated);
});

test("what is run makes the version: the same again is the same version, anything else a new one", async () => {
  await using t = await testStore();
  const text = "export {}";
  await t.store.write((tx) => putBundle(tx, bundleHash(text), text, t.given().now));
  const runner = (image: string) => ({ type: "docker" as const, config: { env: { A: "1", B: "2" }, image } });
  const first = await t.aDeployment({ flow_runner: runner("a") });
  const versions = [first.version_number];
  for (
    const change of [
      {},
      { parameters: { a: 1 }, tags: ["x"], labels: ["l"], version: "2" },
      { flow_runner: runner("b") },
      { flow_runner: { type: "docker" as const, config: { image: "b", env: { B: "2", A: "1" } } } },
      { flow_runner: runner("b"), bundle_hash: bundleHash(text) },
      { flow_runner: runner("b"), bundle_hash: bundleHash(text), parameter_openapi_schema: schema },
      { flow_runner: runner("b"), bundle_hash: bundleHash(text), parameter_openapi_schema: schema, entrypoint: "f" },
    ]
  ) versions.push((await t.aDeployment({ flow_runner: runner("a"), ...change })).version_number);
  assert.deepEqual(versions, [1, 1, 1, 2, 2, 3, 4, 5]);
});

test("a run is pinned to the version that it was made of", async () => {
  await using t = await testStore();
  const one = await t.aDeployment({
    entrypoint: "one",
    labels: ["b", "a"],
    tags: ["x"],
    parameters: { a: 1, b: { c: 1 } },
  });
  const { run } = await create(t, one.id, { parameters: { b: 2 }, tags: ["y", "x"], name: "n" });
  const two = await t.aDeployment({ entrypoint: "two" });
  assert.notEqual(two.version_id, one.version_id);
  assert.deepEqual([run.state_type, run.state_name, run.name], ["SCHEDULED", "Scheduled", "n"]);
  assert.deepEqual([run.parameters, run.tags, run.labels], [{ a: 1, b: 2 }, ["x", "y"], ["a", "b"]]);
  assert.equal(run.next_scheduled_start_time, formatInstant(t.given().now));
  const pinned = await findDeploymentVersion(t.store.read, run.deployment_id!, run.deployment_version_id!);
  assert.deepEqual([pinned?.entrypoint, pinned?.version_id, pinned?.version_number], ["one", one.version_id, 1]);
});

test("parameters that do not fit an enforced schema are refused with a sentence for each", async () => {
  await using t = await testStore();
  const one = await t.aDeployment({ parameter_openapi_schema: schema, enforce_parameter_schema: true });
  await assert.rejects(create(t, one.id, { parameters: { n: "x" } }), (error: Error & { code: string }) => {
    assert.equal(error.code, "conflict");
    assert.match(error.message, /^Cannot run deployment "my-flow\/example": Parameter "n" must be integer$/);
    return true;
  });
  await assert.rejects(create(t, one.id), /"n" is required/);
  assert.equal((await create(t, one.id, { parameters: { n: "x" }, enforce_parameter_schema: false })).created, true);
  assert.equal((await create(t, one.id, { parameters: { n: 1 } })).created, true);
  const wrong = t.aDeployment({
    name: "w",
    parameter_openapi_schema: schema,
    enforce_parameter_schema: true,
    parameters: { n: "x" },
  });
  await assert.rejects(wrong, { code: "conflict" });
});

test("what could never run is refused: no flow, no bundle, a work pool, a schedule without a date", async () => {
  await using t = await testStore();
  const nobody = "11111111-1111-4111-8111-111111111111";
  await assert.rejects(t.aDeployment({ flow_id: nobody }), { code: "conflict" });
  await assert.rejects(t.aDeployment({ bundle_hash: "0".repeat(64) }), { code: "conflict" });
  await assert.rejects(t.aDeployment({ work_pool_name: "x" }), {
    code: "not_found",
    message: 'Work pool "x" not found.',
  });
  await assert.rejects(t.aDeployment({ schedule: { cron: "0 0 30 2 *", timezone: "UTC" } }), { code: "invalid" });
  await assert.rejects(t.aDeployment({ infra_overrides: { a: 1 }, job_variables: { a: 2 } }), { code: "invalid" });
  const { rows } = { rows: await t.store.read.selectFrom("deployment").selectAll().execute() };
  assert.equal(rows.length, 0);
});

test("runs are made until there are three and an hour is covered, with Prefect's key, tags and message", async () => {
  await using t = await testStore();
  const { id } = await t.aDeployment({ schedules: [hourly], tags: ["x"], parameters: { a: 1 }, labels: ["l"] });
  assert.equal(await schedule(t, id), 3);
  const runs = await runsOf(t);
  assert.deepEqual(runs.map((run) => run.next_scheduled_start_time), [
    hour(23),
    "2026-11-22T00:00:00.000000+00:00",
    "2026-11-22T01:00:00.000000+00:00",
  ]);
  const [run] = runs;
  assert.equal(run.idempotency_key, `scheduled ${id} 2026-11-21T23:00:00+00:00`);
  assert.deepEqual([run.tags, run.labels, run.parameters, run.auto_scheduled], [["auto-scheduled", "x"], ["l"], {
    a: 1,
  }, true]);
  assert.deepEqual([run.state?.type, run.state?.name, run.state?.message], [
    "SCHEDULED",
    "Scheduled",
    "Flow run scheduled",
  ]);
  assert.equal(await schedule(t, id), 0, "again it makes none");
});

test("a schedule of minutes covers an hour, one of a second stops at a hundred, and a limit of its own holds", async () => {
  await using t = await testStore();
  const every = (interval: number, more = {}) => ({ schedule: { ...hourly.schedule, interval }, ...more });
  for (
    const [schedules, count] of [[[every(600)], 7], [[every(1)], 100], [
      [every(1, { max_scheduled_runs: 5 })],
      5,
    ]] as const
  ) {
    const { id } = await t.aDeployment({ name: String(count), schedules: [...schedules] });
    assert.equal(await schedule(t, id), count);
  }
});

test("two schedules that meet have one run, and an inactive one has none", async () => {
  await using t = await testStore();
  const half = { schedule: { ...hourly.schedule, interval: 1800 } };
  const { id } = await t.aDeployment({
    schedules: [hourly, half, { schedule: { cron: "* * * * *", timezone: null }, active: false }],
  });
  await schedule(t, id);
  const times = await timesOf(t);
  assert.equal(new Set(times).size, times.length);
  assert.ok(times.every((time) => /:[03]0:00\.0/.test(time!)), String(times));
});

test("pausing takes the automatic runs away and leaves those that were asked for", async () => {
  await using t = await testStore();
  const { id } = await t.aDeployment({ schedules: [hourly] });
  await schedule(t, id);
  const { run } = await create(t, id);
  await t.store.write((tx) => setDeploymentPaused(tx, id, true, t.given()));
  assert.deepEqual((await runsOf(t)).map(({ id }) => id), [run.id]);
  const paused = await readDeployment(t.store.read, id);
  assert.deepEqual([paused.paused, paused.is_schedule_active], [true, false]);
  assert.equal(await schedule(t, id), 0);
  assert.equal((await t.aDeployment({ schedules: [hourly] })).paused, true, "deploying again does not resume it");
  await t.store.write((tx) => setDeploymentPaused(tx, id, false, t.given()));
  assert.equal((await readDeployment(t.store.read, id)).is_schedule_active, true);
  assert.equal(await schedule(t, id), 3);
});

test("paused and is_schedule_active are opposite, whichever is said", async () => {
  await using t = await testStore();
  const flags = async (body: object) => {
    const { paused, is_schedule_active } = await t.aDeployment({
      name: JSON.stringify(body).replaceAll(/\W/g, "-"),
      ...body,
    });
    return [paused, is_schedule_active];
  };
  assert.deepEqual(await flags({}), [false, true]);
  assert.deepEqual(await flags({ paused: true }), [true, false]);
  assert.deepEqual(await flags({ is_schedule_active: false }), [true, false]);
  assert.deepEqual(await flags({ paused: false, is_schedule_active: false }), [false, true]);
});

test("an update leaves what it does not say, and drops the automatic runs of before", async () => {
  await using t = await testStore();
  const one = await t.aDeployment({ schedules: [hourly], description: "d", tags: ["x"] });
  await schedule(t, one.id);
  await t.store.write((tx) =>
    updateDeployment(tx, one.id, DeploymentUpdate.parse({ parameters: { a: 1 } }), t.given())
  );
  const two = await readDeployment(t.store.read, one.id);
  assert.deepEqual([two.parameters, two.description, two.tags, two.version_id], [{ a: 1 }, "d", ["x"], one.version_id]);
  assert.deepEqual(two.schedules, one.schedules);
  assert.deepEqual(await runsOf(t), []);
  const cron = { cron: "0 12 * * *" };
  await t.store.write((tx) => updateDeployment(tx, one.id, DeploymentUpdate.parse({ schedule: cron }), t.given()));
  assert.equal((await readDeployment(t.store.read, one.id)).schedules.length, 1);
});

test("single schedules are added, changed and deleted, in the order in which they came", async () => {
  await using t = await testStore();
  const { id } = await t.aDeployment({ schedules: [hourly] });
  const cron = DeploymentScheduleCreate.parse({ schedule: { cron: "0 12 * * *" } });
  const [added] = await t.store.write((tx) => createDeploymentSchedules(tx, id, [cron], t.given()));
  const crons = async () =>
    (await readDeployment(t.store.read, id)).schedules.map((
      { schedule, active },
    ) => [Object.keys(schedule)[0], active]);
  assert.deepEqual(await crons(), [["interval", true], ["cron", true]]);
  await schedule(t, id);
  await t.store.write((tx) => updateDeploymentSchedule(tx, id, added.id, { active: false }, t.given()));
  assert.deepEqual(await crons(), [["interval", true], ["cron", false]]);
  assert.deepEqual(await runsOf(t), [], "what was made by the old schedules goes");
  await t.store.write((tx) => deleteDeploymentSchedule(tx, id, added.id, t.given()));
  assert.deepEqual(await crons(), [["interval", true]]);
  const gone = t.store.write((tx) => deleteDeploymentSchedule(tx, id, added.id, t.given()));
  await assert.rejects(gone, { code: "not_found" });
});

test("however often and whenever it is asked, every due time has exactly one run", async () => {
  await using t = await testStore();
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 1200 }), { minLength: 1, maxLength: 8 }),
      fc.uniqueArray(fc.constantFrom(300, 420, 600, 3600), { minLength: 1, maxLength: 2 }),
      async (steps, intervals) => {
        const schedules = intervals.map((interval) => ({ schedule: { ...hourly.schedule, interval } }));
        const { id } = await t.aDeployment({ name: `d${n++}`, schedules });
        const start = t.given().now;
        await schedule(t, id);
        for (const step of steps) {
          t.pass(step);
          await schedule(t, id);
        }
        const rows = await t.store.read.selectFrom("flow_run").where("deployment_id", "=", id)
          .select("expected_start_time as time").execute();
        const made = rows.map(({ time }) => time!).sort();
        const until = t.given().now.add({ seconds: 3600 });
        const due = new Set(
          intervals.flatMap((interval) =>
            nextDates(Schedule.parse({ ...hourly.schedule, interval }), { from: start, until, limit: 10_000 }).map(
              formatInstant,
            )
          ),
        );
        assert.equal(new Set(made).size, made.length, "no time has two");
        assert.deepEqual(made.filter((time) => time <= formatInstant(until)), [...due].sort());
      },
    ),
    { numRuns: 15 },
  );
});
