import assert from "node:assert/strict";
import fc from "fast-check";
import { NO_FILTERS } from "../../src/ui/filters.ts";
import {
  barOf,
  handled,
  hasState,
  NO_OUTCOME,
  outcomeText,
  type Row,
  secondsOf,
  selected,
  showsUpcoming,
  sortOf,
  sumOf,
  windowOf,
  withNew,
  withNext,
} from "../../src/ui/run_list.ts";
import { test } from "../testing/test.ts";

const row = (id: string, more: Partial<Row> = {}) => ({ id, received: 0, estimated_run_time: 0, ...more }) as Row;
const ids = (rows: readonly Row[]) => rows.map(({ id }) => id).join("");

test("the rows that are drawn cover the screen, are few, and exist", () => {
  const nat = (max: number) => fc.nat({ max });
  fc.assert(
    fc.property(
      nat(20_000),
      fc.integer({ min: -2000, max: 900_000 }),
      nat(3000),
      nat(20),
      (rows, above, screen, more) => {
        const rowHeight = 40;
        const { first, end } = windowOf({ rows, rowHeight, above, screen, more });
        assert.ok(0 <= first && first <= end && end <= rows);
        assert.ok(end - first <= screen / rowHeight + 2 * more + 2);
        for (const y of [above, above + screen / 2, above + screen - 1]) {
          const seen = Math.floor(y / rowHeight);
          if (screen > 0 && seen >= 0 && seen < rows) assert.ok(first <= seen && seen < end);
        }
      },
    ),
  );
});

test("the usual duration is in the middle of each bar, and a longer one is never cut without a sign", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      (s, usual) => {
        const { fill, mark, beyond } = barOf(s, usual);
        assert.equal(mark, 0.5);
        assert.ok(fill >= 0 && fill <= 1);
        assert.equal(beyond, s > 2 * usual);
        assert.equal(fill > 0.5, s > usual);
      },
    ),
  );
  assert.deepEqual(barOf(5, null), { fill: 0, mark: undefined, beyond: false, slow: false, words: "" });
  assert.equal(barOf(61, 40).slow, true);
  assert.equal(barOf(3, 1).slow, false);
  assert.equal(barOf(3, 40).words, "usually 40 s");
});

test("a running run's duration grows with the clock from what the server said", () => {
  const running = row("a", { state_type: "RUNNING", estimated_run_time: 3, received: 1000 });
  assert.equal(secondsOf(running, 3000), 5);
  assert.equal(secondsOf(running, 500), 3);
  assert.equal(secondsOf({ ...running, state_type: "COMPLETED" }, 3000), 3);
});

test("rows that come stand once, before or after those that are there", () => {
  const there = [row("c"), row("d")];
  assert.equal(ids(withNew(there, [row("a"), row("b"), row("c", { name: "new" })])), "abcd");
  assert.equal(withNew(there, [row("c", { name: "new" })])[0].name, "new");
  assert.equal(ids(withNext(there, [row("d"), row("e")])), "cde");
});

test("with Shift all rows between two are selected, or no longer", () => {
  const rows = [..."abcdef"].map((id) => ({ id }));
  const one = selected(new Set(), rows, "b");
  assert.deepEqual([...one], ["b"]);
  const many = selected(one, rows, "e", "b");
  assert.deepEqual([...many].sort(), ["b", "c", "d", "e"]);
  assert.deepEqual([...selected(many, rows, "c", "e")].sort(), ["b"]);
  assert.deepEqual([...selected(many, rows, "f", "gone")].sort(), ["b", "c", "d", "e", "f"]);
});

test("results are told as they are", () => {
  const outcome = { ...NO_OUTCOME, done: 3, over: 1 };
  assert.equal(outcomeText("cancel", outcome), "3 cancelled, 1 was over already");
  assert.equal(
    outcomeText("delete", { ...NO_OUTCOME, done: 1200, missing: 2 }),
    "1\u202f200 deleted, 2 were deleted already",
  );
  assert.equal(outcomeText("cancel", { ...NO_OUTCOME, stopping: 1 }), "1 is told to stop");
  assert.equal(outcomeText("cancel", { ...NO_OUTCOME, refused: [{ id: "x", reason: "No" }] }), "1 run refused: No");
  assert.equal(outcomeText("delete", NO_OUTCOME), "0 deleted");
  assert.equal(handled(sumOf(outcome, { ...outcome, refused: [{ id: "x", reason: "No" }] })), 9);
});

test("orders that there are not are the usual one, and upcoming runs are shown when somebody may mean them", () => {
  assert.equal(sortOf("?sort=NAME_ASC"), "NAME_ASC");
  assert.equal(sortOf("?sort=ID_DESC"), "EXPECTED_START_TIME_DESC");
  assert.equal(showsUpcoming("", NO_FILTERS), false);
  assert.equal(showsUpcoming("?upcoming=1", NO_FILTERS), true);
  assert.equal(showsUpcoming("", { ...NO_FILTERS, states: ["scheduled"] }), true);
  assert.equal(hasState({ state_type: "SCHEDULED", state_name: "Late" }, ["late"]), true);
  assert.equal(hasState({ state_type: "FAILED", state_name: "Failed" }, ["late", "running"]), false);
});
