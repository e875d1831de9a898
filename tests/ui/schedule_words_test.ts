import assert from "node:assert/strict";
import { Schedule } from "../../src/domain/schedules/schema.ts";
import { ordinal, scheduleWords, zoneOf } from "../../src/ui/schedule_words.ts";
import { test } from "../testing/test.ts";

for (
  const [cron, words] of [
    ["* * * * *", "Every minute"],
    ["*/15 * * * *", "Every 15 minutes"],
    ["*/7 * * * *", "cron */7 * * * *"],
    ["5 * * * *", "Every hour at :05"],
    ["0,30 9 * * *", "Every day at 09:00 and 09:30"],
    ["0 */2 * * *", "Every 2 hours at :00"],
    ["0 9 * * *", "Every day at 09:00"],
    ["0 9,17 * * *", "Every day at 09:00 and 17:00"],
    ["30 8-18 * * 1-5", "Every hour from 08:30 to 18:30, every weekday"],
    ["*/10 9-17 * * mon-fri", "Every 10 minutes from 09:00 to 17:59, every weekday"],
    ["0 7 * * 1-5", "Every weekday at 07:00"],
    ["0 7 * * sat,sun", "Every Saturday and Sunday at 07:00"],
    ["0 7 * * 7", "Every Sunday at 07:00"],
    ["0 0 1 * *", "On the 1st of every month at 00:00"],
    ["0 0 1,15 * *", "On the 1st and 15th of every month at 00:00"],
    ["30 2 25-31 3 *", "On the 25th to 31st of March at 02:30"],
    ["0 0 L * *", "On the last day of every month at 00:00"],
    ["0 0 1 1 *", "Every year on 1 January at 00:00"],
    ["0 0 * 6,7 *", "Every day in June and July at 00:00"],
    ["0 9 * * fri#2", "On the 2nd Friday of every month at 09:00"],
    ["0 9 * * L5", "On the last Friday of every month at 09:00"],
    ["@daily", "Every day at 00:00"],
    ["@hourly", "Every hour at :00"],
    ["0 0 31W * *", "cron 0 0 31W * *"],
    ["0 0 1 * 5", "cron 0 0 1 * 5"],
    ["0 9 * * * 30", "cron 0 9 * * * 30"],
    ["0 9 * * * 0 2030", "cron 0 9 * * * 0 2030"],
  ] as const
) {
  test(`cron ${cron} is "${words}"`, () => assert.equal(scheduleWords(Schedule.parse({ cron })), words));
}

for (
  const [schedule, words] of [
    [{ interval: 60 }, "Every minute"],
    [{ interval: 90 }, "Every 1 minute 30 seconds"],
    [{ interval: 0.5 + 1 }, "Every 1.5 seconds"],
    [{ interval: 3600, anchor_date: "2026-01-01T00:10:00Z" }, "Every hour"],
    [{ interval: 7200 }, "Every 2 hours"],
    [{ interval: 86_400, anchor_date: "2026-07-01T07:00:00Z", timezone: "Europe/Berlin" }, "Every day at 09:00"],
    [{ interval: 172_800, anchor_date: "2026-01-01T07:00:05Z" }, "Every 2 days at 07:00:05"],
    [
      { interval: 604_800, anchor_date: "2026-11-21T22:00:00Z", timezone: "Asia/Tokyo" },
      "Every week on Sunday at 07:00",
    ],
    [{ interval: 90_000 }, "Every 1 day 1 hour"],
    [{ rrule: "FREQ=DAILY;BYHOUR=9;BYMINUTE=30" }, "Every day at 09:30"],
    [{ rrule: "FREQ=DAILY;INTERVAL=3" }, "Every 3 days at 00:00"],
    [{ rrule: "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=9" }, "Every Monday, Wednesday and Friday at 09:00"],
    [{ rrule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9" }, "Every weekday at 09:00"],
    [{ rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=9" }, "Every 2 weeks on Tuesday at 09:00"],
    [{ rrule: "DTSTART:20260105T083000\nRRULE:FREQ=WEEKLY;COUNT=5" }, "Every Monday at 08:30, 5 times"],
    [{ rrule: "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=18" }, "On the last day of every month at 18:00"],
    [{ rrule: "FREQ=MONTHLY;BYDAY=2FR;BYHOUR=9" }, "On the 2nd Friday of every month at 09:00"],
    [{ rrule: "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9" }, "On the last Friday of every month at 09:00"],
    [{ rrule: "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1" }, "Every 3 months on the 1st at 00:00"],
    [{ rrule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24;BYHOUR=18" }, "Every year on 24 December at 18:00"],
    [{ rrule: "FREQ=HOURLY;INTERVAL=6" }, "Every 6 hours"],
    [{ rrule: "FREQ=DAILY;UNTIL=20300131T000000" }, "Every day at 00:00, until 31 January 2030"],
    [{ rrule: "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1" }, "rrule FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1"],
    [{ rrule: "RRULE:FREQ=DAILY\nEXDATE:20260101T000000" }, "rrule FREQ=DAILY EXDATE:20260101T000000"],
  ] as const
) {
  test(`${JSON.stringify(schedule)} is "${words}"`, () => assert.equal(scheduleWords(Schedule.parse(schedule)), words));
}

test("a schedule without a zone follows UTC", () => {
  assert.equal(zoneOf(Schedule.parse({ cron: "* * * * *" })), "UTC");
  assert.equal(zoneOf(Schedule.parse({ cron: "* * * * *", timezone: "asia/tokyo" })), "Asia/Tokyo");
});

test("ordinals end as people say them", () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 22, 31].map(ordinal), [
    "1st",
    "2nd",
    "3rd",
    "4th",
    "11th",
    "12th",
    "13th",
    "21st",
    "22nd",
    "31st",
  ]);
});
