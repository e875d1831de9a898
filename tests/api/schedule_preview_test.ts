import assert from "node:assert/strict";
import { startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

test("a schedule is previewed as it would be stored, and nothing is", async () => {
  await using server = await startTestServer();
  const { previewSchedule } = server.client.deployments;
  assert.deepEqual(await previewSchedule({ cron: "0 9 * * mon", timezone: "europe/berlin" }, 2), {
    valid: true,
    schedule: { cron: "0 9 * * mon", timezone: "Europe/Berlin", day_or: true },
    dates: ["2026-11-23T08:00:00.000000+00:00", "2026-11-30T08:00:00.000000+00:00"],
    problem: null,
    hint: null,
  });
  const interval = await previewSchedule({ interval: "1h30m" }, 1);
  assert.deepEqual(interval.dates, ["2026-11-21T22:33:58.000000+00:00"]);
  assert.equal((await previewSchedule({ rrule: "FREQ=DAILY;BYHOUR=9" })).dates.length, 10);
});

test("dates are those of the schedule's zone across a change of clocks", async () => {
  await using server = await startTestServer();
  // 27 March 2027; Berlin's clocks go forward on the 28th, New York's did on the 14th.
  server.clock.advance(126 * 86_400);
  const of = async (timezone: string) => {
    const { dates } = await server.client.deployments.previewSchedule({ cron: "30 2 * * *", timezone }, 3);
    return dates.map((date) => date.slice(5, 16));
  };
  assert.deepEqual(await of("Europe/Berlin"), ["03-28T01:30", "03-29T00:30", "03-30T00:30"]);
  assert.deepEqual(await of("America/New_York"), ["03-28T06:30", "03-29T06:30", "03-30T06:30"]);
});

for (
  const [schedule, problem] of [
    [{ cron: "61 * * * *" }, /minute "61" is out of range/],
    [{ cron: "* * *" }, /it has 3 fields/],
    [{ cron: "0 9 * * *", timezone: "Mars/Base" }, /Unknown time zone "Mars\/Base"/],
    [{ cron: "0 0 30 2 *" }, /has no date after now/],
    [{ interval: 0 }, /at least 1 second/],
    [{ interval: "soon" }, /not a length of time/],
    [{ rrule: "FREQ=SOMETIMES" }, /Cannot read rrule/],
    [{}, /one of the keys/],
  ] as const
) {
  test(`what is wrong with ${JSON.stringify(schedule)} is a sentence`, async () => {
    await using server = await startTestServer();
    const answer = await server.client.deployments.previewSchedule(schedule);
    assert.equal(answer.valid, false);
    assert.deepEqual(answer.dates, []);
    assert.match(answer.problem!, problem);
  });
}
