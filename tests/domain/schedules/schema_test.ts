import assert from "node:assert/strict";
import { Schedule } from "../../../src/domain/schedules/schema.ts";
import { test } from "../../testing/test.ts";

test("schedules of Prefect's client are read as it sends them", () => {
  assert.deepEqual(Schedule.parse({ interval: 3600.0, anchor_date: "2026-11-21T10:00:00+02:00", timezone: "UTC" }), {
    interval: 3600,
    anchor_date: "2026-11-21T08:00:00.000000+00:00",
    timezone: "UTC",
  });
  assert.deepEqual(Schedule.parse({ cron: "0 0 * * *", timezone: null, day_or: true }), {
    cron: "0 0 * * *",
    timezone: null,
    day_or: true,
  });
  assert.deepEqual(Schedule.parse({ rrule: "FREQ=DAILY" }), { rrule: "FREQ=DAILY", timezone: "UTC" });
});

test("a stored schedule reads back as itself", () => {
  for (const given of [{ interval: 1.5 }, { cron: "@daily", timezone: "europe/london" }, { rrule: "RDATE:20200101" }]) {
    const once = Schedule.parse(given);
    assert.deepEqual(Schedule.parse(JSON.parse(JSON.stringify(once))), once);
  }
});

test("a schedule that cannot run is refused with a sentence that says why", () => {
  for (
    const [given, message] of [
      [{ cron: "61 * * * *" }, /^Cannot read cron "61 \* \* \* \*": minute "61" is out of range: 0 to 59$/],
      [{ cron: "* * * *" }, /it has 4 fields, and 5, 6 or 7 are wanted$/],
      [{ cron: "R * * * *" }, /minute "r" is random, which is not supported$/],
      [{ cron: "0 0 * * mon", timezone: "Mars/Base" }, /^Unknown time zone "Mars\/Base": write an IANA name/],
      [{ cron: "0 0 * * mon", timezone: "+02:00" }, /^Unknown time zone "\+02:00"/],
      [{ interval: 0 }, /^Interval "0" cannot be scheduled/],
      [{ interval: -5 }, /^Interval "-5" cannot be scheduled/],
      [{ interval: 0.5 }, /cannot be scheduled: it must be at least 1 second/],
      [{ interval: "soon" }, /^Cannot read duration "soon"/],
      [{ interval: 60, anchor_date: "then" }, /invalid datetime format/],
      [{ rrule: "FREQ=OFTEN" }, /^Cannot read rrule "FREQ=OFTEN": FREQ "OFTEN" is none of YEARLY/],
      [{ rrule: "INTERVAL=2" }, /FREQ is missing$/],
      [{ rrule: "FREQ=DAILY;INTERVAL=0" }, /INTERVAL "0" is wrong/],
      [{ rrule: "FREQ=YEARLY;BYEASTER=0" }, /BYEASTER is not supported/],
      [{ rrule: "DTSTART:20260631T000000\nRRULE:FREQ=DAILY" }, /DTSTART "20260631T000000" is not a time/],
      [{ rrule: "FREQ=DAILY;BYHOUR=".padEnd(7000, "1,") }, /it has 7000 characters, at most 6500 are allowed$/],
      [{ cron: "* * * * *", extra: 1 }, /^Unrecognized key: "extra"$/],
      [{ cron: "* * * * *", interval: 60 }, /and this one has 2$/],
      [{ every: 5 }, /has one of the keys "interval", "cron" and "rrule", and this one has none$/],
      ["daily", /^Cannot read schedule: a schedule has one of the keys/],
    ] as const
  ) {
    const result = Schedule.safeParse(given);
    assert.equal(result.success, false, JSON.stringify(given));
    assert.match(result.error!.issues[0].message, message);
  }
});
