import assert from "node:assert/strict";
import fc from "fast-check";
import { completeSchedule, describeSchedule, nextDates, Schedule } from "../../../src/domain/schedules/mod.ts";
import { isFlowctlError } from "../../../src/support/errors.ts";
import { test } from "../../testing/test.ts";

const instant = (text: string) => Temporal.Instant.from(text);
const texts = (dates: Temporal.Instant[]) => dates.map((date) => date.toString());
const ask = (schedule: unknown, from: string, limit: number, until?: string) =>
  texts(nextDates(Schedule.parse(schedule), { from: instant(from), limit, until: until ? instant(until) : undefined }));

test("a date that falls exactly on the start counts, and so does one on the end", () => {
  for (
    const schedule of [{ cron: "0 9 * * *" }, { rrule: "FREQ=DAILY;BYHOUR=9" }, {
      interval: 86_400,
      anchor_date: "2026-01-01T09:00:00Z",
    }]
  ) {
    assert.deepEqual(
      ask(schedule, "2026-05-01T09:00:00Z", 10, "2026-05-02T09:00:00Z"),
      ["2026-05-01T09:00:00Z", "2026-05-02T09:00:00Z"],
    );
    assert.deepEqual(ask(schedule, "2026-05-01T09:00:00.000000001Z", 1), ["2026-05-02T09:00:00Z"]);
  }
});

test("an interval counts backwards from an anchor in the future", () => {
  assert.deepEqual(
    ask({ interval: 3600, anchor_date: "2030-01-01T00:30:00Z" }, "2026-05-01T00:00:00Z", 2),
    ["2026-05-01T00:30:00Z", "2026-05-01T01:30:00Z"],
  );
});

test("an interval keeps its microseconds", () => {
  assert.deepEqual(
    ask({ interval: 1.000003, anchor_date: "2026-01-01T00:00:00.000001Z" }, "2026-01-01T00:00:00Z", 2),
    ["2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:01.000004Z"],
  );
});

test("a daily interval has the hour of its anchor in summer and in winter, whenever it is asked", () => {
  const daily = { interval: 86_400, anchor_date: "2026-01-01T14:00:00Z", timezone: "America/New_York" };
  assert.deepEqual(ask(daily, "2026-06-01T00:00:00Z", 1), ["2026-06-01T13:00:00Z"]);
  assert.deepEqual(ask(daily, "2026-12-01T00:00:00Z", 1), ["2026-12-01T14:00:00Z"]);
});

test("a day that a zone left out has no date of its own", () => {
  assert.deepEqual(
    ask({ cron: "0 9 * * *", timezone: "Pacific/Apia" }, "2011-12-29T00:00:00Z", 3),
    ["2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z", "2011-12-31T19:00:00Z"],
  );
});

test("the sixth cron field is the second", () => {
  assert.deepEqual(ask({ cron: "5 4 * * * 30" }, "2026-01-01T00:00:00Z", 1), ["2026-01-01T04:05:30Z"]);
});

test("UNTIL with Z beside a local DTSTART is that instant", () => {
  const schedule = { rrule: "FREQ=DAILY;UNTIL=20260102T050000Z", timezone: "America/New_York" };
  assert.deepEqual(ask(schedule, "2026-01-01T00:00:00Z", 5), ["2026-01-01T05:00:00Z", "2026-01-02T05:00:00Z"]);
});

test("a rule every second, begun years ago, has its next dates within the bounds of the search", () => {
  assert.equal(
    ask({ rrule: "FREQ=SECONDLY" }, "2026-05-01T00:00:00.5Z", 2).join(),
    "2026-05-01T00:00:01Z,2026-05-01T00:00:02Z",
  );
});

test("what has no date left is refused when a schedule is made", () => {
  const now = instant("2026-11-21T00:00:00Z");
  for (
    const given of [
      { cron: "0 0 30 2 *" },
      { cron: "0 0 1 1 * 0 2020" },
      { rrule: "FREQ=DAILY;COUNT=3" },
      { rrule: "FREQ=DAILY;COUNT=0" },
      { rrule: "FREQ=DAILY;UNTIL=20250101T000000" },
      { rrule: "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31" },
      { rrule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYDAY=MO" },
      { rrule: "RDATE:20200101T000000" },
      { rrule: "FREQ=MINUTELY;COUNT=900000000" },
      { rrule: "RRULE:FREQ=HOURLY\nEXRULE:FREQ=HOURLY" },
    ]
  ) {
    assert.throws(
      () => completeSchedule(Schedule.parse(given), now),
      (error) => isFlowctlError(error, "invalid") && /^Cannot (use|schedule) /.test(error.message),
      JSON.stringify(given),
    );
  }
});

test("an interval without anchor begins when it is made", () => {
  const made = completeSchedule(Schedule.parse({ interval: 60 }), instant("2026-11-21T00:00:07Z"));
  assert.deepEqual(made, { interval: 60, anchor_date: "2026-11-21T00:00:07.000000+00:00", timezone: "UTC" });
  assert.deepEqual(texts(nextDates(made, { from: instant("2026-11-21T00:00:08Z"), limit: 1 })), [
    "2026-11-21T00:01:07Z",
  ]);
});

test("schedules are told in words", () => {
  for (
    const [schedule, words] of [
      [{ interval: 5400 }, "every 1h30m"],
      [{ interval: 86_400, timezone: "Europe/London" }, "every 1d (Europe/London)"],
      [{ cron: "0 9 * * *", timezone: "Europe/London" }, "every day at 09:00 (Europe/London)"],
      [{ cron: "30 7 * * mon-fri" }, "on weekdays at 07:30"],
      [{ cron: "*/15 * * * *" }, "every 15 minutes"],
      [{ cron: "*/7 * * * *" }, "cron */7 * * * *"],
      [{ cron: "* * * * *" }, "every minute"],
      [{ cron: "@hourly" }, "every hour at :00"],
      [{ cron: "0 0 * * sun" }, "every Sunday at 00:00"],
      [{ cron: "0 0 L * *" }, "cron 0 0 L * *"],
      [{ rrule: "RRULE:FREQ=DAILY" }, "rrule FREQ=DAILY"],
    ] as const
  ) assert.equal(describeSchedule(Schedule.parse(schedule)), words);
});

const zones = Intl.supportedValuesOf("timeZone");
const schedules = fc.tuple(
  fc.constantFrom(...zones),
  fc.oneof(
    fc.record({
      cron: fc.tuple(fc.constantFrom("0", "*/30", "15,45", "*"), fc.constantFrom("*", "0-3", "2", "1,3"))
        .map(([minute, hour]) => `${minute} ${hour} * * *`),
    }),
    fc.record({
      rrule: fc.tuple(fc.constantFrom("HOURLY", "DAILY"), fc.constantFrom("", ";BYHOUR=0,1,2,3", ";BYMINUTE=10,50"))
        .map(([freq, by]) => `FREQ=${freq}${by}`),
    }),
    fc.record({
      interval: fc.constantFrom(1800, 5400.25, 86_400, 90_000, 172_800),
      anchor_date: fc.constantFrom("2020-03-08T07:30:00Z", "2040-01-01T00:00:00Z"),
    }),
  ),
).map(([timezone, schedule]) => Schedule.parse({ ...schedule, timezone }));
const moments = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2037, 0, 1) })
  .map((ms) => Temporal.Instant.fromEpochMilliseconds(ms));
/** Moments near a change of the zone's clocks, where things go wrong. */
const nearChange = (schedule: Schedule, moment: Temporal.Instant, hours: number) => {
  const change = moment.toZonedDateTimeISO(schedule.timezone ?? "UTC").getTimeZoneTransition("next");
  return (change ? change.toInstant() : moment).add({ minutes: Math.round(hours * 60) });
};

test("dates ascend, none is doubled, none is before the start, in any zone", () => {
  fc.assert(
    fc.property(schedules, moments, fc.double({ min: -30, max: 6, noNaN: true }), (schedule, moment, hours) => {
      const from = nearChange(schedule, moment, hours);
      const dates = nextDates(schedule, { from, limit: 20 });
      assert.equal(dates.length, 20);
      assert.ok(Temporal.Instant.compare(dates[0], from) >= 0);
      dates.slice(1).forEach((date, n) => assert.ok(Temporal.Instant.compare(date, dates[n]) > 0));
    }),
    { numRuns: 150 },
  );
});

test("the answer is the same when the time is cut into two pieces", () => {
  fc.assert(
    fc.property(schedules, moments, fc.double({ min: 0, max: 8, noNaN: true }), (schedule, moment, hours) => {
      const from = nearChange(schedule, moment, -4);
      const cut = from.add({ minutes: Math.round(hours * 60) });
      const until = from.add({ hours: 30 });
      const whole = nextDates(schedule, { from, until, limit: 5000 });
      const first = nextDates(schedule, { from, until: cut.subtract({ nanoseconds: 1 }), limit: 5000 });
      const second = nextDates(schedule, { from: cut, until, limit: 5000 });
      assert.deepEqual(texts([...first, ...second]), texts(whole));
    }),
    { numRuns: 150 },
  );
});
