import assert from "node:assert/strict";
import fc from "fast-check";
import type { TimelineFlowRun } from "../../src/domain/timelines.ts";
import { boundsOf, endOf, extentOf, factsOf } from "../../src/ui/components/timeline/bounds.ts";
import { gridKey } from "../../src/ui/components/timeline/keys.ts";
import { emptyModel, type TaskRow, type TimelineModel } from "../../src/ui/components/timeline/model.ts";
import {
  allFolds,
  criticalPath,
  groupId,
  groupName,
  pathWithGroups,
  type RowChoice,
  rowsOf,
} from "../../src/ui/components/timeline/rows.ts";
import {
  elapsed,
  load,
  panned,
  placeOf,
  rowWindow,
  type Span,
  stepFor,
  ticks,
  within,
  zoomed,
} from "../../src/ui/components/timeline/scale.ts";
import { test } from "../testing/test.ts";

const task = (id: string, row: Partial<TaskRow> = {}): TaskRow => ({
  id,
  name: id,
  flowRunId: "root",
  taskKey: "key",
  type: "COMPLETED",
  stateName: "Completed",
  expected: null,
  start: 0,
  end: 1,
  runCount: 1,
  upstream: [],
  ...row,
});

const flowRun = (id: string, parent_task_run_id: string | null): TimelineFlowRun => ({
  id,
  name: id,
  parent_task_run_id,
  state_type: "RUNNING",
  state_name: "Running",
});

const model = (tasks: TaskRow[], subs: Record<string, string> = {}): TimelineModel => ({
  ...emptyModel("root"),
  tasks: new Map(tasks.map((one) => [one.id, one])),
  flowRuns: new Map([
    ["root", flowRun("root", null)],
    ...Object.entries(subs).map(([up, id]) => [id, flowRun(id, up)] as const),
  ]),
});

const choice = (more: Partial<RowChoice> = {}): RowChoice => ({
  order: "start",
  text: "",
  states: new Set(),
  unfolded: new Set(),
  ...more,
});
const shown = (of: TimelineModel, more: Partial<RowChoice> = {}) =>
  rowsOf(of, choice(more)).map(({ id, depth }) => `${"  ".repeat(depth)}${id}`);

test("rows stand in the order of their beginnings, and those without one at the end", () => {
  const of = model([
    task("c", { start: null, expected: null }),
    task("b", { start: 5 }),
    task("a", { start: null, expected: 3 }),
  ]);
  assert.deepEqual(shown(of), ["a", "b", "c"]);
});

test("a sub-flow's tasks are below it when it is unfolded, to any depth", () => {
  const of = model(
    [task("a"), task("b", { flowRunId: "sub" }), task("c", { flowRunId: "inner" }), task("d", { start: 2 })],
    { a: "sub", b: "inner" },
  );
  assert.deepEqual(shown(of), ["a", "d"]);
  assert.deepEqual(shown(of, { unfolded: new Set(["a"]) }), ["a", "  b", "d"]);
  assert.deepEqual(shown(of, { unfolded: allFolds(of, "start") }), ["a", "  b", "    c", "d"]);
  assert.deepEqual(rowsOf(of, choice()).map(({ isUnfolded }) => isUnfolded), [false, undefined]);
});

test("what is looked for is found by name, key and state, also in what is folded", () => {
  const of = model(
    [
      task("a"),
      task("b", { flowRunId: "sub", name: "Needle" }),
      task("c", { type: "FAILED" }),
      task("d", { taskKey: "xneedlex" }),
    ],
    { a: "sub" },
  );
  assert.deepEqual(shown(of, { text: " needle " }), ["a", "  b", "d"]);
  assert.deepEqual(shown(of, { states: new Set(["FAILED"]) }), ["c"]);
  assert.deepEqual(shown(of, { text: "needle", states: new Set(["FAILED"]) }), []);
});

test("runs of the same task are one row that can be unfolded, and a task with one run is its own", () => {
  const of = model([
    task("f1", { taskKey: "fetch", start: 10, end: 20 }),
    task("f2", { taskKey: "fetch", start: 12, end: null, type: "RUNNING" }),
    task("r", { taskKey: "report", start: 30 }),
  ]);
  const id = groupId("root", "fetch");
  assert.deepEqual(shown(of, { order: "task" }), [id, "r"]);
  assert.deepEqual(shown(of, { order: "task", unfolded: new Set([id]) }), [id, "  f1", "  f2", "r"]);
  const [{ group }] = rowsOf(of, choice({ order: "task" }));
  assert.deepEqual([group!.start, group!.end, [...group!.counts]], [10, null, [["COMPLETED", 1], ["RUNNING", 1]]]);
});

test("a group is called what its runs' names have in common, else its key", () => {
  const named = (...names: string[]) =>
    groupName({ taskKey: "module.thing-1a2b3c4d", tasks: names.map((name) => task(name)) });
  assert.equal(named("fetch-page-1", "fetch-page-12"), "fetch-page");
  assert.equal(named("alpha", "beta"), "thing");
});

test("of a chain within a group the group is on the path, too", () => {
  const of = model([task("f1", { taskKey: "f" }), task("f2", { taskKey: "f", upstream: ["f1"], end: 9 }), task("g")]);
  assert.deepEqual(pathWithGroups(of), new Set(["f2", "f1", groupId("root", "f")]));
});

test("the critical path goes from the last end back through what was taken last", () => {
  const of = model([
    task("slow", { end: 50 }),
    task("quick", { end: 10 }),
    task("join", { upstream: ["quick", "slow", "gone"], start: 50, end: 60 }),
    task("other", { end: 55 }),
    task("inside", { flowRunId: "sub", end: 99 }),
  ], { other: "sub" });
  assert.deepEqual(criticalPath(of), ["join", "slow"]);
  assert.deepEqual(criticalPath(model([])), []);
  // What runs is not over, so it is last; a circle, which none can have, is no trap.
  assert.deepEqual(criticalPath(model([task("a", { end: null, upstream: ["b"] }), task("b", { upstream: ["a"] })])), [
    "a",
    "b",
  ]);
});

const spans = fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 10, max: 1e9 }))
  .map(([from, length]): Span => ({ from, to: from + length }));

test("zooming keeps the place under the pointer and never leaves the bounds", () => {
  fc.assert(
    fc.property(
      spans,
      fc.double({ min: 0.2, max: 5, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (bounds, factor, place) => {
        const third = (bounds.to - bounds.from) / 3;
        const before = { from: bounds.from + third, to: bounds.to - third };
        const after = zoomed(before, factor, place, bounds);
        assert.ok(after.from >= bounds.from - 1e-3 && after.to <= Math.max(bounds.to, bounds.from + 5) + 1e-3);
        assert.ok(after.to > after.from);
        const at = before.from + place * (before.to - before.from);
        if (factor >= 1 && third > 100) assert.ok(Math.abs(placeOf(at, after) - place) < 1e-6);
      },
    ),
  );
});

test("moving stops at both ends and keeps the length", () => {
  const bounds = { from: 0, to: 100 };
  assert.deepEqual(panned({ from: 10, to: 30 }, 0.5, bounds), { from: 20, to: 40 });
  assert.deepEqual(panned({ from: 10, to: 30 }, -9, bounds), { from: 0, to: 20 });
  assert.deepEqual(panned({ from: 10, to: 30 }, 9, bounds), { from: 80, to: 100 });
  assert.deepEqual(within({ from: -50, to: 500 }, bounds), bounds);
});

test("marks stand at round times, no more than were asked for", () => {
  assert.deepEqual(ticks({ from: 1000, to: 4100 }, 1000, 4).map(({ label }) => label), ["0", "1 s", "2 s", "3 s"]);
  fc.assert(fc.property(spans, fc.integer({ min: 2, max: 20 }), (span, most) => {
    const found = ticks(span, span.from - 12_345, most);
    assert.ok(found.length <= most + 1);
    assert.ok(found.every(({ at }) => at >= span.from && at <= span.to));
    assert.equal(new Set(found.map(({ label }) => label)).size, found.length);
  }));
  assert.equal(stepFor(60_000, 6), 10_000);
});

test("time since the beginning is written as fine as its marks are apart", () => {
  const cases: [number, number, string][] = [
    [0, 1, "0"],
    [250, 50, "250 ms"],
    [2500, 500, "2.5 s"],
    [2510, 10, "2.51 s"],
    [65_000, 5000, "1:05"],
    [65_500, 500, "1:05.5"],
    [7_380_000, 60_000, "2:03"],
    [7_381_000, 1000, "2:03:01"],
    [93_600_000, 3_600_000, "1 d 2:00"],
    [172_800_000, 86_400_000, "2 d"],
    [-1000, 1000, "−1 s"],
  ];
  for (const [ms, step, text] of cases) assert.equal(elapsed(ms, step), text);
});

test("only the rows in sight and a few beyond are drawn", () => {
  assert.deepEqual(rowWindow(0, 260, 26, 10_000, 6), { first: 0, past: 16 });
  assert.deepEqual(rowWindow(2600, 260, 26, 10_000, 6), { first: 94, past: 116 });
  assert.deepEqual(rowWindow(1e9, 260, 26, 20, 6), { first: 20, past: 20 });
});

test("how many ran at once is what it is when counted one by one", () => {
  const span = { from: 0, to: 100 };
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: -20, max: 120 }), fc.nat(60))), (given) => {
    const tasks = given.map(([from, length]) => ({ from, to: from + length }));
    const sums = load(tasks, span, 10);
    sums.forEach((sum, i) => {
      const slow = tasks.reduce(
        (all, { from, to }) => all + Math.max(0, Math.min(to, i * 10 + 10) - Math.max(from, i * 10)) / 10,
        0,
      );
      assert.ok(Math.abs(sum - slow) < 1e-6, `${i}: ${sum} is not ${slow}`);
    });
  }));
});

test("a timeline ends at the present while something runs, and at the last end when nothing does", () => {
  const running = extentOf([
    task("a", { expected: 5, start: 10, end: 20 }),
    task("b", { start: 15, end: null, type: "RUNNING" }),
  ])!;
  assert.deepEqual(running, { from: 5, to: 20, isOpen: true });
  assert.equal(boundsOf(running, 1005).to, 1025);
  assert.equal(boundsOf({ ...running, isOpen: false }, 1005).to, 25);
  const waiting = (type: "PENDING" | "SCHEDULED", expected: number) =>
    extentOf([task("a", { start: 10, end: 20 }), task("b", { type, expected, start: null, end: null })]);
  assert.deepEqual(waiting("SCHEDULED", 1e9), { from: 10, to: 20, isOpen: false });
  assert.deepEqual(waiting("PENDING", 5), { from: 5, to: 20, isOpen: true });
  assert.equal(extentOf([]), undefined);
  assert.equal(extentOf([task("c", { start: null, expected: null })]), undefined);
  assert.equal(endOf(task("d", { start: 30, end: null, type: "RUNNING" }), 10), 30);
});

test("it is said how long a task run took, waited and how often it was tried again", () => {
  const facts = (row: Partial<TaskRow>) => Object.fromEntries(factsOf(task("a", row), 10_000));
  assert.deepEqual(facts({ expected: 0, start: 1000, end: 3000, runCount: 3, upstream: ["x", "y"] }), {
    "Took": "2.0 s",
    "Waited before": "1.0 s",
    "Retries": "2",
    "Took results of": "2 task runs",
  });
  assert.deepEqual(facts({ start: 4000, end: null, type: "RUNNING" }), { "Runs since": "6.0 s" });
  assert.deepEqual(facts({ start: null, expected: 4000, end: null, type: "PENDING" }), { "Waits since": "6.0 s" });
  assert.deepEqual(facts({ start: null, expected: 70_000, end: null, type: "SCHEDULED" }), { "Begins in": "1 min" });
  assert.equal(facts({ stateName: "Cached" })["Result"], "from the cache");
});

test("keys go from row to row, fold, open, zoom and move", () => {
  const rows = rowsOf(
    model([task("a"), task("b", { flowRunId: "sub" }), task("c", { start: 2 })], { a: "sub" }),
    choice({ unfolded: new Set(["a"]) }),
  );
  const press = (key: string, index: number, more = {}) =>
    gridKey({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more }, { rows, index, page: 2 });
  assert.deepEqual(press("ArrowDown", 0), { do: "go", index: 1 });
  assert.deepEqual(press("ArrowDown", 2), { do: "go", index: 2 });
  assert.deepEqual(press("ArrowUp", 0), { do: "go", index: 0 });
  assert.deepEqual(press("End", 0), { do: "go", index: 2 });
  assert.deepEqual(press("PageDown", 0), { do: "go", index: 2 });
  assert.deepEqual(press("ArrowLeft", 1), { do: "go", index: 0 });
  assert.deepEqual(press("ArrowLeft", 0), { do: "toggle" });
  assert.deepEqual(press("ArrowRight", 0), { do: "go", index: 1 });
  assert.equal(press("ArrowRight", 2), undefined);
  assert.deepEqual(press("Enter", 1), { do: "open" });
  assert.deepEqual(press("+", 1), { do: "zoom", factor: 1.6 });
  assert.deepEqual(press("0", 1), { do: "zoom" });
  assert.deepEqual(press("ArrowRight", 1, { shiftKey: true }), { do: "pan", part: 0.2 });
  assert.equal(press("+", 1, { ctrlKey: true }), undefined);
});
