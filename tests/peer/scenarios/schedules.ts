/**
 * Schedules of deployments: which are taken, how they are answered, which dates they have.
 *
 * @module
 */

import type { Answered, Scenario } from "../lib/target.ts";

const NOBODY = "11111111-1111-4111-8111-111111111111";

/** In the year of these anchors nothing is due soon by chance. */
const GOOD: Record<string, unknown> = {
  "interval": { interval: 3600, anchor_date: "2020-01-01T00:00:00+00:00" },
  "interval in a zone": { interval: 86400, anchor_date: "2020-03-01T09:00:00", timezone: "America/New_York" },
  "interval with an offset": { interval: 600.5, anchor_date: "2020-01-01T00:00:00+02:00" },
  "interval with nulls": { interval: 600, anchor_date: "2020-01-01T00:00:00Z", timezone: null },
  "cron": { cron: "0 0 * * *" },
  "cron in a zone": { cron: "30 9 * * 1-5", timezone: "Europe/London", day_or: true },
  "cron with both days": { cron: "0 0 13 * 5", day_or: false },
  "cron by name": { cron: "@daily" },
  "cron hourly": { cron: "@hourly" },
  "cron with steps": { cron: "*/15 8-18/2 * JAN,jul *" },
  "cron with six fields": { cron: "0 0 * * * 30" },
  "cron last day": { cron: "0 0 L * *" },
  "rrule": { rrule: "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0" },
  "rrule with a start": { rrule: "DTSTART:20200101T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE", timezone: "Europe/Paris" },
  "rrule of months": { rrule: "DTSTART:20200131T000000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1" },
};
const BAD: Record<string, unknown> = {
  "interval of nothing": { interval: 0 },
  "interval of less": { interval: -5 },
  "interval of words": { interval: "often" },
  "interval with more": { interval: 60, bogus: 1 },
  "interval in no zone": { interval: 60, timezone: "Nowhere/City" },
  "cron of words": { cron: "every day" },
  "cron with four fields": { cron: "* * * *" },
  "cron at random": { cron: "R R * * *" },
  "cron in no zone": { cron: "0 0 * * *", timezone: "Nowhere/City" },
  "rrule of words": { rrule: "often" },
  "rrule in no zone": { rrule: "FREQ=DAILY", timezone: "Nowhere/City" },
  "two kinds": { interval: 60, cron: "0 0 * * *" },
  "no kind": {},
};

/** See the module's comment. */
export const schedules: Scenario = {
  name: "schedules",
  async run(t) {
    const flow = await t.flow("one");
    for (const [what, schedule] of Object.entries(GOOD)) {
      const made = await t.post(what, "/deployments/", {
        name: what,
        flow_id: flow.id,
        schedules: [{ schedule, active: true }],
      });
      if (made.id === undefined) continue;
      // From a fixed day, so that both have the same dates: over both changes of the clock.
      for (const start_time of ["2027-03-12T00:00:00+00:00", "2027-10-29T12:00:00+00:00"]) {
        await t.post(`${what}: schedule`, `/deployments/${made.id}/schedule`, { start_time, min_runs: 4, min_time: 0 });
      }
      const dates = (runs: Answered[]) => runs.map((run) => run.next_scheduled_start_time);
      const filter = { flow_runs: { deployment_id: { any_: [made.id] } }, sort: "NEXT_SCHEDULED_START_TIME_ASC" };
      await t.post(`${what}: dates`, "/flow_runs/filter", filter, { as: dates });
    }
    for (const [what, schedule] of Object.entries(BAD)) {
      await t.post(what, "/deployments/", { name: what, flow_id: flow.id, schedules: [{ schedule, active: true }] }, {
        as: () => "taken",
      });
    }

    const deployment = await t.deployment(flow.id);
    const path = `/deployments/${deployment.id}/schedules`;
    const add = (what: string, body: unknown) => t.post(what, path, body);
    await t.get("no schedules", path);
    const added = await add("add two", [
      { schedule: { interval: 60, anchor_date: "2020-01-01T00:00:00Z" }, active: true },
      { schedule: { cron: "0 0 * * *" }, active: false, max_scheduled_runs: 2, max_active_runs: 3, catchup: true },
    ]);
    await t.get("two schedules", path, { as: byKind });
    await t.get("deployment with two", `/deployments/${deployment.id}`, { as: (d) => byKind(d.schedules) });
    await t.post("pause with two", `/deployments/${deployment.id}/pause_deployment`);
    await t.post("resume with two", `/deployments/${deployment.id}/resume_deployment`);
    await t.post("inactive with two", `/deployments/${deployment.id}/set_schedule_inactive`);
    await t.post("active with two", `/deployments/${deployment.id}/set_schedule_active`);
    await add("add none", []);
    await add("add what is no list", { schedule: { interval: 60 } });
    await add("add without a schedule", [{ active: true }]);
    await add("add with an unknown key", [{
      schedule: { interval: 60, anchor_date: "2020-01-01T00:00:00Z" },
      bogus: 1,
    }]);
    await add("add with an unknown key in it", [{ schedule: { interval: 60, bogus: 1 } }]);
    await t.post("add to nobody", `/deployments/${NOBODY}/schedules`, [{ schedule: { interval: 60 } }]);
    const one = `${path}/${added[0].id}`;
    await t.patch("change", one, { active: false });
    await t.get("changed", path, { as: byKind });
    await t.patch("change the schedule", one, { schedule: { cron: "5 5 * * *" } });
    await t.patch("change to null", one, { active: null, schedule: null });
    await t.patch("change nothing", one, {});
    await t.patch("change an unknown key", one, { bogus: 1 });
    await t.patch("change to nonsense", one, { schedule: { cron: "nonsense" } });
    await t.get("changed again", path, { as: byKind });
    await t.patch("change nobody", `${path}/${NOBODY}`, { active: true });
    await t.patch("change of nobody", `/deployments/${NOBODY}/schedules/${NOBODY}`, { active: true });
    await t.delete("delete", one);
    await t.delete("delete again", one);
    await t.delete("delete of nobody", `/deployments/${NOBODY}/schedules/${NOBODY}`);
    await t.get("one left", path, { as: byKind });
    await t.get("schedules of nobody", `/deployments/${NOBODY}/schedules`);
  },
};

/** In an order that does not depend on when they were made. */
const byKind = (list: Answered[]): Answered[] =>
  [...list].sort((a, b) => JSON.stringify(a.schedule) < JSON.stringify(b.schedule) ? -1 : 1);
