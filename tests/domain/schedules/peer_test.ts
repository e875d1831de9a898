/**
 * The dates that Prefect 2.20 answers, made by `fixtures/make_peer_dates.py`: days of clock changes in several zones, and
 * several hundred random cron and RRULE schedules.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { nextDates, Schedule } from "../../../src/domain/schedules/mod.ts";
import { isFlowctlError } from "../../../src/support/errors.ts";
import { test } from "../../testing/test.ts";

/** A schedule, where to begin, and the answer: null for refused, empty for a schedule that never runs (or made the peer fail). */
type Row = [schedule: Record<string, unknown>, from: string, dates: string[] | null];

const peer = JSON.parse(readFileSync(new URL("./fixtures/peer_dates.json", import.meta.url), "utf8")) as {
  changes: Row[];
  crons: Row[];
  rrules: Row[];
};

function ask(schedule: unknown, from: string, limit: number): string[] {
  const dates = nextDates(Schedule.parse(schedule), { from: Temporal.Instant.from(from), limit });
  return dates.map((date) => date.toString({ smallestUnit: "second" }));
}

for (const kind of ["cron", "rrule", "interval"]) {
  test(`${kind} schedules run on the instants of Prefect when clocks change`, () => {
    const rows = peer.changes.filter(([schedule]) => kind in schedule);
    assert.ok(rows.length > 100);
    for (const [schedule, from, dates] of rows) {
      assert.deepEqual(ask(schedule, from, dates!.length), dates, JSON.stringify(schedule));
    }
  });
}

for (const kind of ["crons", "rrules"] as const) {
  test(`random ${kind} run on the dates of Prefect`, () => {
    const rows = peer[kind].filter(([, , dates]) => dates && dates.length > 0);
    assert.ok(rows.length > 300);
    for (const [schedule, from, dates] of rows) {
      assert.deepEqual(ask(schedule, from, dates!.length), dates, JSON.stringify(schedule));
    }
  });

  test(`${kind} that Prefect refuses are refused, at the latest when their dates are asked for`, () => {
    const rows = peer[kind].filter(([, , dates]) => dates === null);
    assert.ok(rows.length > 10);
    for (const [schedule, from] of rows) {
      const parsed = Schedule.safeParse(schedule);
      if (!parsed.success) continue;
      assert.throws(
        () => nextDates(parsed.data, { from: Temporal.Instant.from(from), limit: 1 }),
        (error) => isFlowctlError(error, "invalid"),
        JSON.stringify(schedule),
      );
    }
  });
}
