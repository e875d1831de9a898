import assert from "node:assert/strict";
import { NO_FILTERS } from "../../src/ui/filters.ts";
import {
  chosenCounts,
  compared,
  percent,
  runsOf,
  said,
  stacked,
  successRate,
  sum,
} from "../../src/ui/overview/numbers.ts";
import { overviewQuery, windowOf, windowWords } from "../../src/ui/overview/windows.ts";
import { test } from "../testing/test.ts";

const NOW = Date.parse("2026-11-21T22:33:58Z");
const HOUR = 3_600_000;

test("a run that was cancelled is neither a success nor a failure", () => {
  assert.equal(successRate({ COMPLETED: 3, CANCELLED: 50, RUNNING: 2, CRASHED: 1 }), 0.75);
  assert.equal(successRate({ CANCELLED: 5, SCHEDULED: 1 }), undefined);
  assert.equal(successRate({}), undefined);
});

test("only what is all is said to be all", () => {
  assert.deepEqual(
    [1, 0.9999, 0.973, 0.0001, 0].map(percent),
    ["100 %", "99.9 %", "97.3 %", "0.1 %", "0 %"].map((text) => text.replace(" ", "\u202f")),
  );
});

test("a rate is compared with the one before", () => {
  assert.match(compared(0.973, 0.948), /^2\.5 points more than before \(94\.8.%\)$/);
  assert.match(compared(0.9, 1), /^10\.0 points less/);
  assert.equal(compared(0.9, 0.90001), "as in the time before");
  assert.equal(compared(0.9, undefined), "no run ended in the time before");
  assert.equal(compared(undefined, undefined), "no run ended");
});

test("states are chosen here, late ones among those that are scheduled", () => {
  const counts = { COMPLETED: 4, FAILED: 2, SCHEDULED: 3, LATE: 1 };
  assert.deepEqual(chosenCounts(counts, []), { COMPLETED: 4, FAILED: 2, SCHEDULED: 3 });
  assert.deepEqual(chosenCounts(counts, ["failed"]), { FAILED: 2 });
  assert.deepEqual(chosenCounts(counts, ["late"]), { SCHEDULED: 1 });
  assert.deepEqual(chosenCounts(counts, ["late", "scheduled"]), { SCHEDULED: 3 });
});

test("bars are stacked, summed and said", () => {
  const intervals = [{ COMPLETED: 2, FAILED: 1 }, {}, { FAILED: 3, SCHEDULED: 1 }];
  const heights = stacked(intervals);
  assert.deepEqual(heights[0], [2, 0, 0]);
  assert.deepEqual(heights[1], [3, 0, 3]);
  assert.deepEqual(heights.at(-1), intervals.map(runsOf));
  assert.deepEqual(sum(intervals), { COMPLETED: 2, FAILED: 4, SCHEDULED: 1 });
  assert.deepEqual(intervals.map(said), ["3 runs: 2 completed, 1 failed", "no runs", "4 runs: 3 failed, 1 scheduled"]);
  assert.equal(said({ FAILED: 1234, LATE: 1 }), "1\u202f234 runs: 1\u202f234 failed");
});

test("an address without a time means the last 24 hours, an open end now, an open beginning a week", () => {
  const hours = (filters: Parameters<typeof windowOf>[0]) => {
    const { from, to } = windowOf(filters, NOW);
    return [(from - NOW) / HOUR, Math.round((to - NOW) / HOUR)];
  };
  const at = (hours: number) => new Date(NOW + hours * HOUR).toISOString();
  assert.deepEqual(hours(NO_FILTERS), [-24, 0]);
  assert.deepEqual(hours({ ...NO_FILTERS, time: { last: "1h" } }), [-1, 0]);
  assert.deepEqual(hours({ ...NO_FILTERS, time: { from: at(-3) } }), [-3, 0]);
  assert.deepEqual(hours({ ...NO_FILTERS, time: { to: at(-3) } }), [-3 - 168, -3]);
  const { from, to } = windowOf({ ...NO_FILTERS, time: { from: at(-1), to: at(-3) } }, NOW);
  assert.ok(from < to);
  assert.equal(windowWords(NO_FILTERS), "last 24 hours");
  assert.equal(windowWords({ ...NO_FILTERS, time: { from: at(-3) } }), undefined);
});

test("the API is asked without states and time, which are chosen by edges and here", () => {
  const query = overviewQuery({
    ...NO_FILTERS,
    states: ["failed"],
    tags: ["x"],
    projects: ["billing"],
    time: { last: "1h" },
  }, NOW);
  assert.deepEqual(query.flow_runs, { tags: { all_: ["x"] } });
  assert.deepEqual(query.flows, { project: { any_: ["billing"] } });
  assert.equal(query.edges[0], new Date(NOW - HOUR).toISOString());
  assert.ok(query.edges.length > 50);
});
