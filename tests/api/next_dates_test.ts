import assert from "node:assert/strict";
import { startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

test("every schedule's next dates are answered, also of those that are off", async () => {
  await using server = await startTestServer();
  const { id, schedules } = await server.aDeployment({
    paused: true,
    schedules: [
      { schedule: { cron: "0 9 * * *", timezone: "Europe/Berlin" } },
      { schedule: { interval: 3600, anchor_date: "2026-11-21T00:00:00Z" }, active: false },
    ],
  });
  const answer = await server.client.deployments.nextDates(id, 3);
  assert.deepEqual(answer, [
    {
      schedule_id: schedules[0].id,
      dates: [22, 23, 24].map((day) => `2026-11-${day}T08:00:00.000000+00:00`),
      problem: null,
    },
    {
      schedule_id: schedules[1].id,
      dates: ["21T23", "22T00", "22T01"].map((hour) => `2026-11-${hour}:00:00.000000+00:00`),
      problem: null,
    },
  ]);
  assert.equal((await server.client.deployments.nextDates(id))[0].dates.length, 10);
});

test("a schedule that is over says so", async () => {
  await using server = await startTestServer();
  const { id } = await server.aDeployment({
    schedules: [{ schedule: { rrule: "DTSTART:20261122T000000\nRRULE:FREQ=DAILY;COUNT=2" } }],
  });
  assert.equal((await server.client.deployments.nextDates(id))[0].dates.length, 2);
  server.clock.advance(7 * 86_400);
  assert.deepEqual((await server.client.deployments.nextDates(id))[0], {
    ...(await server.client.deployments.nextDates(id))[0],
    dates: [],
    problem: "It has no date any more",
  });
});

test("the list of deployments has what runs next and ran last, page by page", async () => {
  await using server = await startTestServer();
  const flow = await server.aFlow({ name: "etl" });
  for (const name of ["a", "b", "c"]) {
    await server.aDeployment({
      flow_id: flow.id,
      name,
      tags: name === "b" ? ["hot"] : [],
      paused: name === "c",
      flow_runner: { type: "docker", config: { image: `image-${name}` } },
    });
  }
  const { page } = server.client.deployments;
  const first = await page({ limit: 2 });
  assert.deepEqual(first.deployments.map(({ name }) => name), ["a", "b"]);
  assert.equal(first.total, 3);
  const [a] = first.deployments;
  assert.deepEqual([a.runner, a.image, a.flow_name, a.next_run, a.last_runs], ["docker", "image-a", "etl", null, []]);
  const second = await page({ limit: 2, after: first.next });
  assert.deepEqual([second.deployments.map(({ name }) => name), second.next], [["c"], null]);
  const names = async (query: Parameters<typeof page>[0]) => (await page(query)).deployments.map(({ name }) => name);
  assert.deepEqual(await names({ tags: ["hot"] }), ["b"]);
  assert.deepEqual(await names({ paused: true }), ["c"]);
  assert.deepEqual(await names({ text: "etl/b" }), ["b"]);
  assert.deepEqual(await names({ project: "nowhere" }), []);

  const made = [];
  for (let n = 0; n < 14; n++) {
    server.clock.advance(1);
    const state = n === 13 ? "RUNNING" : n % 2 === 0 ? "COMPLETED" : "FAILED";
    made.push(await server.client.deployments.createRun(a.id, { state: { type: state } }));
  }
  const waits = await server.client.deployments.createRun(a.id);
  const later = { type: "SCHEDULED", state_details: { scheduled_time: "2027-01-01T00:00:00Z" } } as const;
  await server.client.deployments.createRun(a.id, { state: later });
  const [row] = (await page({ limit: 1 })).deployments;
  assert.equal(row.next_run!.id, waits.id);
  assert.deepEqual(row.last_runs.map(({ id }) => id), made.toReversed().slice(0, 10).map(({ id }) => id));
  assert.equal(row.last_runs[0].state_type, "RUNNING");
});

test("versions say what differs from the one before", async () => {
  await using server = await startTestServer();
  const make = (image: string, schema: object) =>
    server.aDeployment({
      flow_runner: { type: "docker", config: { image } },
      parameter_openapi_schema: schema as never,
      flowctl_version: "1.0.0",
    });
  const { id } = await make("one", { type: "object" });
  await make("two", { type: "object" });
  await make("two", { type: "object", title: "x" });
  const versions = await server.client.deployments.versions(id);
  assert.deepEqual(versions.map(({ number, current, image, changed }) => [number, current, image, changed]), [
    [3, true, "two", ["parameters"]],
    [2, false, "two", ["runner"]],
    [1, false, "one", []],
  ]);
});

test("a change thought of before another one is refused", async () => {
  await using server = await startTestServer();
  const { id, updated } = await server.aDeployment();
  server.clock.advance(1);
  await server.client.deployments.update(id, { description: "mine", expected_updated: updated });
  server.clock.advance(1);
  await assert.rejects(
    server.client.deployments.update(id, { description: "yours", expected_updated: updated }),
    /somebody changed it meanwhile/,
  );
  assert.equal((await server.client.deployments.read(id)).description, "mine");
});
