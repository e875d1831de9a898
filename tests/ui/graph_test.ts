import assert from "node:assert/strict";
import fc from "fast-check";
import { layered } from "../../src/ui/charts/layered.ts";
import {
  dataFlow,
  MOST_NODES,
  MOST_PLAIN,
  MOST_UNFOLDED,
  related,
  stateOf,
} from "../../src/ui/components/graph/model.ts";
import {
  firstLook,
  fitted,
  inSight,
  looseOf,
  nearer,
  neighbour,
  NODE,
  pathOf,
  shapeOf,
  shown,
  toLayer,
  withLoose,
} from "../../src/ui/components/graph/placing.ts";
import { emptyModel, type TaskRow, type TimelineModel } from "../../src/ui/components/timeline/model.ts";
import { test } from "../testing/test.ts";

const task = (id: string, upstream: string[] = [], row: Partial<TaskRow> = {}): TaskRow => ({
  id,
  name: id,
  flowRunId: "root",
  taskKey: id.replace(/-\d+$/, ""),
  type: "COMPLETED",
  stateName: "Completed",
  expected: null,
  start: 0,
  end: 1,
  runCount: 1,
  upstream,
  ...row,
});
const model = (tasks: TaskRow[]): TimelineModel => ({
  ...emptyModel("root"),
  tasks: new Map(tasks.map((one) => [one.id, one])),
});

/** A list, then so many of fetch and parse, then a report of all. */
const mapped = (n: number) =>
  model([
    task("list"),
    ...Array.from(
      { length: n },
      (_, i) => task(`fetch-${i}`, ["list"], { type: i === n - 1 ? "FAILED" : "COMPLETED" }),
    ),
    ...Array.from({ length: n }, (_, i) => task(`parse-${i}`, [`fetch-${i}`])),
    task("report", Array.from({ length: n }, (_, i) => `parse-${i}`)),
  ]);

test("each of few task runs is a node, with an arrow from what it took", () => {
  const { nodes, edges } = dataFlow(mapped(2), new Set());
  assert.deepEqual(nodes.map(({ id, kind }) => `${kind} ${id}`).sort(), [
    "task fetch-0",
    "task fetch-1",
    "task list",
    "task parse-0",
    "task parse-1",
    "task report",
  ]);
  assert.deepEqual(edges.map(({ from, to }) => `${from} ${to}`).sort(), [
    "fetch-0 parse-0",
    "fetch-1 parse-1",
    "list fetch-0",
    "list fetch-1",
    "parse-0 report",
    "parse-1 report",
  ]);
});

test("of ten thousand task runs those of the same task are one node, with their states", () => {
  const { nodes, edges } = dataFlow(mapped(5000), new Set());
  assert.deepEqual(nodes.map(({ id }) => id), ["list", "group fetch", "group parse", "report"]);
  assert.deepEqual([...nodes[1].counts], [["COMPLETED", 4999], ["FAILED", 1]]);
  assert.equal(stateOf(nodes[1]), "FAILED");
  assert.deepEqual(edges, [
    { from: "list", to: "group fetch", results: 5000 },
    { from: "group fetch", to: "group parse", results: 5000 },
    { from: "group parse", to: "report", results: 5000 },
  ]);
});

test("an unfolded task shows first what failed, and the many others as one", () => {
  const flow = dataFlow(mapped(5000), new Set(["fetch"]));
  assert.equal(flow.nodes.length, 4 + MOST_UNFOLDED);
  assert.equal(flow.nodes[1].id, "fetch-4999");
  assert.deepEqual(flow.unfolded, [{ taskKey: "fetch", label: "fetch" }]);
  const rest = flow.nodes.find(({ kind }) => kind === "rest")!;
  assert.equal(rest.tasks.length, 5000 - MOST_UNFOLDED);
  assert.deepEqual(flow.edges.find(({ from }) => from === "fetch-4999"), {
    from: "fetch-4999",
    to: "group parse",
    results: 1,
  });
});

test("thousands of different tasks are drawn by how far they are from the beginning", () => {
  const letters = (i: number) => `${String.fromCharCode(97 + i % 26)}${"x".repeat(i)}`;
  const chain = Array.from(
    { length: MOST_NODES + 50 },
    (_, i) => task(letters(i), i % 7 === 0 ? [] : [letters(i - 1)]),
  );
  const { nodes, edges } = dataFlow(model(chain), new Set());
  assert.deepEqual(nodes.map(({ id }) => id), ["wave 0", "wave 1", "wave 2", "wave 3", "wave 4", "wave 5", "wave 6"]);
  assert.equal(nodes.reduce((all, { tasks }) => all + tasks.length, 0), chain.length);
  assert.deepEqual(
    edges.map(({ from, to }) => `${from} ${to}`),
    [1, 2, 3, 4, 5, 6].map((n) => `wave ${n - 1} wave ${n}`),
  );
});

test("no task run is lost or drawn twice, whatever the data flow", () => {
  const some = fc.array(
    fc.record({ key: fc.constantFrom("a", "b", "c", "d"), up: fc.array(fc.nat(), { maxLength: 3 }) }),
    {
      maxLength: 3 * MOST_PLAIN,
    },
  );
  fc.assert(
    fc.property(some, fc.subarray(["a", "b", "c", "d"]), (given, unfolded) => {
      const tasks = given.map(({ key, up }, i) =>
        task(`${key}-${i}`, i === 0 ? [] : up.map((n) => `${given[n % i].key}-${n % i}`))
      );
      const flow = dataFlow(model(tasks), new Set(unfolded));
      const drawn = flow.nodes.flatMap((node) => node.tasks.map(({ id }) => id));
      assert.deepEqual(drawn.sort(), tasks.map(({ id }) => id).sort());
      const ids = new Set(flow.nodes.map(({ id }) => id));
      assert.ok(flow.edges.every(({ from, to }) => ids.has(from) && ids.has(to) && from !== to));
    }),
    { numRuns: 50 },
  );
});

test("a node is lit with all that led to it and all that it led to", () => {
  const { edges } = dataFlow(mapped(2), new Set());
  assert.deepEqual([...related("fetch-0", edges)].sort(), ["fetch-0", "list", "parse-0", "report"]);
});

test("nodes stand right of what they took, in the order they were given, and none over another", () => {
  const flow = dataFlow(mapped(5), new Set());
  const graph = toLayer(flow);
  const { nodes, edges } = layered(graph);
  for (const { from, to } of flow.edges) assert.ok(nodes[to][0] >= nodes[from][0] + NODE.width);
  assert.ok(nodes["fetch-0"][1] < nodes["fetch-4"][1]);
  const all = Object.values(nodes);
  all.forEach(([x, y], i) =>
    all.slice(i + 1).forEach(([ox, oy]) => assert.ok(Math.abs(x - ox) >= NODE.width || Math.abs(y - oy) >= NODE.height))
  );
  assert.equal(edges.length, graph.edges.length);
  assert.match(pathOf(edges[0]), /^M[\d.]+ [\d.]+[QL]/);
});

test("states and counts do not move a graph, another node does", () => {
  const shape = (of: TimelineModel) => shapeOf(toLayer(dataFlow(of, new Set())));
  const [two, failed] = [mapped(2), mapped(2)];
  failed.tasks.set("list", task("list", [], { type: "FAILED" }));
  assert.equal(shape(two), shape(failed));
  assert.notEqual(shape(two), shape(mapped(3)));
});

test("tasks that nothing connects stand in rows below", () => {
  const flow = dataFlow(model(Array.from({ length: 5 }, (_, i) => task(`t-${i}`))), new Set());
  const loose = looseOf(flow, toLayer(flow));
  assert.equal(loose.length, 5);
  const placed = withLoose({ width: 0, height: 0, nodes: {}, edges: [] }, loose, 3 * NODE.width);
  assert.deepEqual(placed.nodes["t-0"], [0, 0]);
  assert.equal(placed.nodes["t-1"][1], 0);
  assert.ok(placed.nodes["t-4"][1] > 0);
  assert.ok(placed.width <= 3 * NODE.width && placed.height >= 2 * NODE.height);
});

test("looking nearer keeps the point under the pointer, and what is small is not made bigger than it is", () => {
  const look = nearer({ x: 10, y: 20, scale: 1 }, 1.5, [100, 50]);
  assert.deepEqual([(100 - look.x) / look.scale, (50 - look.y) / look.scale].map(Math.round), [90, 30]);
  assert.equal(fitted({ width: 100, height: 50 }, { width: 800, height: 400 }).scale, 1);
  assert.equal(firstLook({ width: 100_000, height: 50 }, { width: 800, height: 400 }).scale, 0.75);
  assert.ok(fitted({ width: 4000, height: 50 }, { width: 800, height: 400 }).scale < 0.2);
  const seen = shown({ x: 0, y: 0, scale: 1 }, [2000, 10], { width: 800, height: 400 });
  assert.ok(inSight(seen, { width: 800, height: 400 }, [2000, 10], [2190, 60]));
  assert.ok(!inSight({ x: 0, y: 0, scale: 1 }, { width: 800, height: 400 }, [2000, 10], [2190, 60]));
});

test("arrow keys follow the arrows, and go up and down among neighbours", () => {
  const flow = dataFlow(mapped(3), new Set());
  const layout = withLoose(layered(toLayer(flow)), [], 800);
  const go = (id: string, key: string) => neighbour(id, key, layout, flow);
  assert.equal(go("fetch-1", "ArrowRight"), "parse-1");
  assert.equal(go("parse-1", "ArrowLeft"), "fetch-1");
  assert.equal(go("fetch-0", "ArrowDown"), "fetch-1");
  assert.equal(go("fetch-1", "ArrowUp"), "fetch-0");
  assert.equal(go("list", "ArrowLeft"), undefined);
  assert.equal(go("list", "x"), undefined);
});
