import assert from "node:assert/strict";
import fc from "fast-check";
import { isFlowctlError } from "../../src/support/errors.ts";
import { emptyModel, mergeTimeline, subFlowRuns } from "../../src/ui/components/timeline/model.ts";
import { writeTaskRuns } from "../testing/many_task_runs.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

let keys = 0;
const aTask = (server: TestServer, flow_run_id: string, body: Record<string, unknown> = {}) =>
  server.client.taskRuns.create({
    flow_run_id,
    task_key: "fetch-1a2b3c4d",
    dynamic_key: String(keys++),
    name: `fetch-${keys}`,
    ...body,
  });

test("a timeline has the task runs of a run and of its sub-flow runs, with their times and what they took", async () => {
  await using server = await startTestServer();
  const { client, clock } = server;
  const run = await server.aFlowRun({ state: "RUNNING" });
  const elsewhere = await server.aFlowRun({ state: "RUNNING" });
  await aTask(server, elsewhere.id);
  const first = await aTask(server, run.id, { name: "list" });
  clock.advance(2);
  await client.taskRuns.setState(first.id, { type: "RUNNING" });
  clock.advance(1.25);
  await client.taskRuns.setState(first.id, { type: "COMPLETED", name: "Cached" });
  const input = (id: string) => [{ input_type: "task_run", id }];
  const standIn = await aTask(server, run.id, {
    task_key: "child",
    task_inputs: { a: input(first.id), b: [...input(first.id), { input_type: "constant", type: "str" }] },
  });
  const sub = await server.aFlowRun({ parent_task_run_id: standIn.id, name: "sub", state: "RUNNING" });
  const inner = await aTask(server, sub.id);
  const innerSub = await server.aFlowRun({ parent_task_run_id: inner.id, state: "RUNNING" });
  const innermost = await aTask(server, innerSub.id);

  const answer = await client.timelines.read(run.id);
  const model = emptyModel(run.id);
  assert.equal(mergeTimeline(model, answer), true);
  assert.deepEqual(new Set(model.tasks.keys()), new Set([first, standIn, inner, innermost].map(({ id }) => id)));
  const began = Date.parse("2026-11-21T22:33:58Z");
  assert.deepEqual(model.tasks.get(first.id), {
    id: first.id,
    name: "list",
    flowRunId: run.id,
    taskKey: "fetch-1a2b3c4d",
    type: "COMPLETED",
    stateName: "Cached",
    expected: began,
    start: began + 2000,
    end: began + 3250,
    runCount: 1,
    upstream: [],
  });
  assert.deepEqual(model.tasks.get(standIn.id)!.upstream, [first.id]);
  assert.equal(model.tasks.get(standIn.id)!.type, "RUNNING");
  assert.deepEqual(subFlowRuns(model).get(standIn.id), {
    id: sub.id,
    name: "sub",
    parent_task_run_id: standIn.id,
    state_type: "RUNNING",
    state_name: "Running",
  });
  assert.equal(subFlowRuns(model).get(inner.id)!.id, innerSub.id);
});

test("a timeline asked for again tells what changed, and what it took also of task runs that were told before", async () => {
  await using server = await startTestServer();
  const { client, clock } = server;
  const run = await server.aFlowRun({ state: "RUNNING" });
  const first = await aTask(server, run.id);
  for (let i = 0; i < 20; i++) await aTask(server, run.id);
  clock.advance(1);
  const before = await aTask(server, run.id);
  const { after } = await client.timelines.read(run.id);
  clock.advance(1);
  const second = await aTask(server, run.id, { task_inputs: { a: [{ input_type: "task_run", id: first.id }] } });
  const delta = await client.timelines.read(run.id, after);
  assert.equal(delta.whole, false);
  assert.deepEqual(new Set(delta.task_runs.id), new Set([before.id, second.id]));
  assert.deepEqual(delta.other_ids, [first.id]);
  assert.deepEqual(delta.task_runs.upstream[delta.task_runs.id.indexOf(second.id)], [2]);
  assert.deepEqual(delta.counts, { PENDING: 23 });
});

test("whatever changes at whatever moments, what was merged is what the server has", async () => {
  // Moments are often the same: the cursor is a time.
  const step = fc.record({
    what: fc.constantFrom("create", "create", "move", "move", "rename", "nest", "nest", "delete", "ask", "ask", "ask"),
    which: fc.nat(),
    to: fc.constantFrom("RUNNING", "COMPLETED", "FAILED", "PENDING"),
    seconds: fc.constantFrom(0, 0, 0, 0.001, 1),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await using server = await startTestServer();
      const { client, clock } = server;
      const root = await server.aFlowRun({ state: "RUNNING" });
      const runs = [root.id];
      const tasks: string[] = [];
      const model = emptyModel(root.id);
      let wasDeleted = false;
      const ask = async () => {
        const isTrue = mergeTimeline(model, await client.timelines.read(root.id, model.after));
        assert.ok(isTrue || wasDeleted);
        if (!isTrue) assert.ok(mergeTimeline(model, await client.timelines.read(root.id)));
        wasDeleted = false;
        const fresh = emptyModel(root.id);
        mergeTimeline(fresh, await client.timelines.read(root.id));
        assert.deepEqual(new Map([...model.tasks].sort()), new Map([...fresh.tasks].sort()));
        for (const [id, run] of fresh.flowRuns) assert.deepEqual(model.flowRuns.get(id), run);
      };
      for (const { what, which, to, seconds } of steps) {
        clock.advance(seconds);
        const task = tasks[which % tasks.length];
        if (what === "create") tasks.push((await aTask(server, runs[which % runs.length])).id);
        else if (what === "ask") await ask();
        else if (task === undefined) continue;
        else if (what === "move") await client.taskRuns.setState(task, { type: to as "RUNNING" }, { force: true });
        else if (what === "rename") await client.taskRuns.update(task, { name: `n${which}` });
        else if (what === "nest") runs.push((await server.aFlowRun({ parent_task_run_id: task, state: "RUNNING" })).id);
        else {
          await client.taskRuns.delete(task);
          tasks.splice(tasks.indexOf(task), 1);
          wasDeleted = true;
        }
      }
      await ask();
    }),
    { numRuns: 60 },
  );
});

test("a task run costs a timeline less than a hundred bytes", async () => {
  await using server = await startTestServer();
  const { flowRunId, taskRunIds } = await writeTaskRuns(server.store, { tasks: 1000, at: server.clock.now() });
  const { text } = await server.send("GET", `/api/flow_runs/${flowRunId}/timeline`);
  assert.ok(text.length / taskRunIds.length < 100, `${text.length / taskRunIds.length}`);
});

test("a timeline of a run that is not there is 404, and a cursor that no timeline gave is 422", async () => {
  await using server = await startTestServer();
  const { timelines } = server.client;
  await assert.rejects(timelines.read(crypto.randomUUID()), (error) => isFlowctlError(error, "not_found"));
  const run = await server.aFlowRun();
  assert.equal((await server.send("GET", `/api/flow_runs/${run.id}/timeline?after=x`)).status, 422);
  assert.deepEqual((await timelines.read(run.id)).task_runs.id, []);
});

test("a task run that is given another name is announced", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun({ state: "RUNNING" });
  const task = await aTask(server, run.id);
  const heard: unknown[] = [];
  const stop = server.store.changes.subscribe((change) => heard.push(change));
  await server.client.taskRuns.update(task.id, { name: "other" });
  stop();
  assert.deepEqual(heard, [{ kind: "task_run", id: task.id, flow_run_id: run.id, state: "PENDING" }]);
});
