import assert from "node:assert/strict";
import { logLine } from "../../src/domain/log_text.ts";
import type { LogPageInput } from "../../src/client/flow_run_logs.ts";
import { logFile } from "../../src/api/flow_run_logs.ts";
import { MOST_ARRIVALS, MOST_LOOKED_AT, readLogPage } from "../../src/store/log_pages.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const at = (ms: number) => new Date(Date.parse("2026-11-21T22:00:00Z") + ms).toISOString();

async function aRun(
  server: TestServer,
  count = 0,
  of: (i: number) => { message?: string; level?: number } = () => ({}),
) {
  const run = await server.aFlowRun({ state: "RUNNING" });
  const lines = Array.from({ length: count }, (_, i) => ({
    name: "my-flow",
    level: 20,
    message: `line ${i}`,
    timestamp: at(i),
    flow_run_id: run.id,
    ...of(i),
  }));
  for (let i = 0; i < lines.length; i += 5000) await server.client.logs.create(lines.slice(i, i + 5000));
  return run;
}

const add = (server: TestServer, flow_run_id: string, ms: number, message: string, more: object = {}) =>
  server.client.logs.create([{ name: "my-flow", level: 20, message, timestamp: at(ms), flow_run_id, ...more }]);

test("pages go through a run's lines in both directions, each line once", async () => {
  await using server = await startTestServer();
  const { id } = await aRun(server, 25, (i) => ({ message: `line ${i}` }));
  await aRun(server, 5);
  const { page } = server.client.flowRunLogs;
  const walk = async (first: LogPageInput, way: "older" | "newer") => {
    const found: string[] = [];
    let next: LogPageInput | undefined = first;
    while (next !== undefined) {
      const got = await page(id, { ...next, limit: 10 });
      const messages = got.records.map(({ message }) => message);
      if (way === "older") found.unshift(...messages);
      else found.push(...messages);
      const cursor: string | null = got[way];
      next = cursor === null ? undefined : way === "older" ? { before: cursor } : { after: cursor };
    }
    return found;
  };
  const all = Array.from({ length: 25 }, (_, i) => `line ${i}`);
  assert.deepEqual(await walk({}, "older"), all);
  assert.deepEqual(await walk({ after: "start" }, "newer"), all);
  const last = await page(id, { limit: 10 });
  assert.equal(last.newer, null);
  const middle = last.records[0];
  const around = await page(id, { around: middle.id, limit: 6 });
  assert.deepEqual(around.records.map(({ message }) => message), [12, 13, 14, 15, 16, 17].map((i) => `line ${i}`));
  assert.ok(around.older !== null && around.newer !== null);
});

test("what arrived is answered in the order of arrival, late lines too, and never twice", async () => {
  await using server = await startTestServer();
  const { id } = await aRun(server, 3);
  const { page } = server.client.flowRunLogs;
  const { arrived } = await page(id);
  assert.deepEqual((await page(id, { since: arrived })).records, []);
  await add(server, id, 10, "new");
  await aRun(server, 4);
  await add(server, id, -10, "late");
  await add(server, id, 11, "newer");
  const first = await page(id, { since: arrived, limit: 2 });
  assert.deepEqual(first.records.map(({ message }) => message), ["new", "late"]);
  const second = await page(id, { since: first.arrived, limit: 2 });
  assert.deepEqual(second.records.map(({ message }) => message), ["newer"]);
  assert.deepEqual((await page(id, { since: second.arrived })).records, []);
  // Numbers are given again after the lines of a project were taken away.
  assert.equal((await page(id, { since: 1_000_000 })).records.length, 6);
});

test("lines are chosen by level, task and text; a text has no wildcards and no case", async () => {
  await using server = await startTestServer();
  const { id } = await aRun(server);
  const task = await server.client.taskRuns.create({
    flow_run_id: id,
    task_key: "t",
    dynamic_key: "0",
    name: "load-0",
  });
  await add(server, id, 1, "Disk 100% full", { level: 40 });
  await add(server, id, 2, "Disk 100 percent", { level: 30 });
  await add(server, id, 3, "a_b", { task_run_id: task.id });
  await add(server, id, 4, "axb \\ c", { level: 10 });
  const messages = async (query: LogPageInput) =>
    (await server.client.flowRunLogs.page(id, query)).records.map(({ message }) => message);
  assert.deepEqual(await messages({ level: "WARNING" }), ["Disk 100% full", "Disk 100 percent"]);
  assert.deepEqual(await messages({ text: "100%" }), ["Disk 100% full"]);
  assert.deepEqual(await messages({ text: "dISK" }), ["Disk 100% full", "Disk 100 percent"]);
  assert.deepEqual(await messages({ text: "a_b" }), ["a_b"]);
  assert.deepEqual(await messages({ text: "\\" }), ["axb \\ c"]);
  assert.deepEqual(await messages({ task_run_id: task.id }), ["a_b"]);
  assert.deepEqual(await messages({ task_run_id: task.id, since: 0 }), ["a_b"]);
  assert.deepEqual(await messages({ text: "disk", since: 0, level: "ERROR" }), ["Disk 100% full"]);
  const [line] = (await server.client.flowRunLogs.page(id, { text: "a_b" })).records;
  assert.deepEqual([line.task_run_id, line.task], [task.id, "load-0"]);
  assert.deepEqual(await server.client.flowRunLogs.facets(id), {
    levels: { DEBUG: 1, INFO: 1, WARNING: 1, ERROR: 1, CRITICAL: 0 },
    more_lines: false,
    tasks: [{ id: task.id, name: "load-0" }],
    more_tasks: false,
  });
});

test("long messages are cut when a page asks for it, and whole otherwise", async () => {
  await using server = await startTestServer();
  const { id } = await aRun(server);
  const long = "ä".repeat(5000);
  await add(server, id, 1, long);
  await add(server, id, 2, "short");
  const cut = (await server.client.flowRunLogs.page(id, { most: 100 })).records;
  assert.deepEqual(cut.map((line) => [line.message, line.size, line.is_cut]), [
    ["ä".repeat(100), 10_000, true],
    ["short", 5, false],
  ]);
  assert.equal((await server.client.flowRunLogs.page(id)).records[0].message, long);
});

test("a rare line among many is found by pages that each look at a bounded number of lines", async () => {
  await using server = await startTestServer();
  const count = MOST_LOOKED_AT + 500;
  const { id } = await aRun(server, count, (i) => i === 3 || i === count - 1 ? { message: "needle" } : {});
  const { page } = server.client.flowRunLogs;
  const first = await page(id, { text: "needle", limit: 10 });
  assert.equal(first.records.length, 1);
  assert.ok(first.older !== null);
  const second = await page(id, { text: "needle", limit: 10, before: first.older! });
  assert.deepEqual([second.records.length, second.older], [1, null]);
  const forward = await page(id, { text: "needle", limit: 10, after: "start" });
  assert.equal(forward.records.length, 1);
  assert.deepEqual((await page(id, { text: "needle", after: forward.newer! })).records.length, 1);
});

test("new lines are found without reading the lines of other runs, few or many", async () => {
  await using server = await startTestServer();
  const { id } = await aRun(server, 3);
  const { arrived } = await server.client.flowRunLogs.page(id);
  await aRun(server, MOST_ARRIVALS + 10);
  await add(server, id, 5, "mine");
  const many = await server.client.flowRunLogs.page(id, { since: arrived });
  assert.deepEqual(many.records.map(({ message }) => message), ["mine"]);
  await add(server, id, 4, "mine too");
  const few = await readLogPage(server.store.read, id, { since: many.arrived, limit: 10 } as never);
  assert.deepEqual(few.records.map(({ message }) => message), ["mine too"]);
});

test("a download holds the chosen lines as the command line prints them, or as JSON", async () => {
  await using server = await startTestServer();
  const { id, name } = await aRun(server, 450);
  await add(server, id, 1000, "\u001b[31mred\u001b[0m\nsecond", { level: 40 });
  const text = await server.send("GET", `/api/flow_runs/${id}/logs/download`);
  assert.equal(text.headers.get("content-disposition"), `attachment; filename="${name}.log"`);
  const listed = (await server.client.flowRunLogs.page(id, { limit: 1000 })).records;
  assert.equal(listed.length, 451);
  assert.equal(text.text, listed.map((line) => `${logLine(line)}\n`).join(""));
  assert.match(text.text, /\[2026-11-21 22:00:01\+0000\] ERROR - my-flow \| red\nsecond\n$/);
  const json = await server.send("GET", `/api/flow_runs/${id}/logs/download?format=jsonl&level=ERROR`);
  const lines = json.text.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ message }) => message), ["\u001b[31mred\u001b[0m\nsecond"]);
  assert.match(json.headers.get("content-disposition")!, /\.jsonl"$/);
});

test("a download that nobody reads any more stops reading the database", async () => {
  await using server = await startTestServer();
  const { id } = await aRun(server, 5000, () => ({ message: "x".repeat(600) }));
  let asked = 0;
  const executor = server.store.read;
  const counting = new Proxy(executor, {
    get(target, name) {
      if (name === "getExecutor") asked++;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const stream = logFile(counting, id, { format: "text", over: new AbortController().signal } as never);
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  const until = asked;
  assert.ok(until > 0 && until < 20, `${until} questions`);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(asked, until);
});

test("questions that make no sense are refused", async () => {
  await using server = await startTestServer();
  const { id } = await aRun(server, 1);
  const wrong = [
    "before=x",
    "level=loud",
    "limit=1001",
    "since=-1",
    "before=start&after=start",
    "task_run_id=1",
    "most=0",
  ];
  for (const query of wrong) {
    assert.equal((await server.send("GET", `/api/flow_runs/${id}/logs?${query}`)).status, 422, query);
  }
  const none = await server.send("GET", `/api/flow_runs/${id}/logs?around=${crypto.randomUUID()}`);
  assert.equal(none.status, 404);
  assert.equal((await server.send("GET", `/api/flow_runs/${id}/logs/download?format=pdf`)).status, 422);
});
